#include "base/bits.h"

#include "harness/test.h"

TEST(powers_of_two_have_one_bit)
{
	unsigned found = 0;

	EXPECT(!is_power_of_two(0));
	for (size_t n = 1; n <= 1 << 16; n++)
		found += is_power_of_two(n);
	EXPECT_EQ(found, 17);
	EXPECT(is_power_of_two((size_t)1 << 63));
	EXPECT(!is_power_of_two(SIZE_MAX));
}

TEST(rounding_goes_to_the_next_multiple)
{
	for (size_t step = 1; step <= 4096; step *= 2)
		for (size_t n = 0; n < 3 * step; n++) {
			EXPECT_EQ(align_up(n, step), (n + step - 1) / step * step);
			EXPECT_EQ(align_down(n, step), n / step * step);
		}
}

TEST(log2_up_is_the_smallest_sufficient_power)
{
	for (size_t n = 0; n < 70000; n++) {
		unsigned k = log2_up(n);

		EXPECT((size_t)1 << k >= n);
		EXPECT(k == 0 || (size_t)1 << (k - 1) < n);
	}
	EXPECT_EQ(log2_up((size_t)1 << 62), 62);
	EXPECT_EQ(log2_up(((size_t)1 << 62) + 1), 63);
}

TEST(order_of_counts_pages_in_powers_of_two)
{
	EXPECT_EQ(order_of(1), 0);
	EXPECT_EQ(order_of(PAGE_BYTES), 0);
	EXPECT_EQ(order_of(PAGE_BYTES + 1), 1);
	EXPECT_EQ(order_of(3 * PAGE_BYTES), 2);
	EXPECT_EQ(order_of((size_t)4 << 20), 10);
	EXPECT_EQ(order_of(((size_t)4 << 20) + 1), 11);
}

TEST(the_smaller_and_the_larger)
{
	EXPECT_EQ(min_size(1, SIZE_MAX), 1);
	EXPECT_EQ(max_size(1, SIZE_MAX), SIZE_MAX);
	EXPECT_EQ(min_size(7, 7), max_size(7, 7));
}
