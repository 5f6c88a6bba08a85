#include "os/clock.h"

#include <unistd.h>

#include "harness/test.h"

TEST(the_clock_never_goes_back)
{
	uint64_t before = clock_ms();

	for (int i = 0; i < 100000; i++) {
		uint64_t now = clock_ms();

		EXPECT(now >= before);
		before = now;
	}
}

TEST(the_clock_counts_milliseconds)
{
	uint64_t before = clock_ms(), passed;

	usleep(100000);
	passed = clock_ms() - before;
	EXPECT(passed >= 80 && passed < 5000);
}
