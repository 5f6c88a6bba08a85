#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/test.h"
#include "os/ops.h"
#include "os/options.h"
#include "os/topology.h"
#include "pages/pages.h"

static void boot_pages(void)
{
	topology_fake(1, 1);
	options.reserve_mib = 256;
	EXPECT_EQ(pages_init(), 0);
}

static size_t resident_pages(void *address, size_t pages)
{
	unsigned char map[RUN_PAGES_MAX];
	size_t resident = 0;

	EXPECT_EQ(mincore(address, pages << PAGE_SHIFT, map), 0);
	for (size_t i = 0; i < pages; i++)
		resident += map[i] & 1;
	return resident;
}

TEST(a_purge_gives_the_memory_back_and_keeps_the_addresses)
{
	struct page *page;
	char *bytes;
	bool zeroed;

	boot_pages();
	page = pages_alloc(0, 4, true, NULL);
	bytes = page_address(page);
	memset(bytes, 0xaa, 16 * PAGE_BYTES);
	EXPECT_EQ(resident_pages(bytes, 16), 16);
	pages_free(page);
	EXPECT_EQ(resident_pages(bytes, 16), 16);
	EXPECT(pages_dirty() >= 16);

	EXPECT(pages_purge(0) >= 16);
	EXPECT_EQ(resident_pages(bytes, 16), 0);
	EXPECT_EQ(pages_dirty(), 0);
	zone_check(&zones[0]);

	EXPECT_EQ(pages_alloc(0, 4, true, &zeroed), page);
	EXPECT(zeroed);
	for (unsigned i = 0; i < 16 * PAGE_BYTES; i++)
		EXPECT_EQ(bytes[i], 0);
}

TEST(young_pages_stay)
{
	struct page *page;
	char *bytes;

	boot_pages();
	page = pages_alloc(0, 0, true, NULL);
	bytes = page_address(page);
	*bytes = 1;
	pages_free(page);
	EXPECT_EQ(pages_purge(100000), 0);
	EXPECT_EQ(resident_pages(bytes, 1), 1);
	usleep(60000);
	EXPECT(pages_purge(20) >= 1);
	EXPECT_EQ(resident_pages(bytes, 1), 0);
}

TEST(pages_in_use_are_not_purged)
{
	struct page *taken, *freed;
	char *bytes;

	boot_pages();
	taken = pages_alloc(0, 0, true, NULL);
	freed = pages_alloc(0, 0, true, NULL);
	bytes = page_address(taken);
	*bytes = 77;
	*(char *)page_address(freed) = 1;
	pages_free(freed);
	pages_purge(0);
	EXPECT_EQ(*bytes, 77);
}

TEST(what_the_os_will_not_take_back_stays_dirty)
{
	struct page *page;
	size_t dirty;

	fake_os_install();
	boot_pages();
	page = pages_alloc(0, 3, true, NULL);
	pages_free(page);
	dirty = pages_dirty();
	EXPECT(dirty >= 8);
	fake_os_refuse_from(1);
	EXPECT_EQ(pages_purge(0), 0);
	fake_os_refuse(0);
	EXPECT_EQ(pages_dirty(), dirty);
	zone_check(&zones[0]);
	EXPECT(pages_purge(0) >= dirty);
}

/* More runs than one catch holds (32). */
TEST(many_separate_runs_are_all_purged)
{
	enum { RUNS = 100 };
	struct page *pages[2 * RUNS];

	boot_pages();
	for (int i = 0; i < 2 * RUNS; i++)
		pages[i] = pages_alloc(0, 0, true, NULL);
	for (int i = 0; i < 2 * RUNS; i += 2)
		pages_free(pages[i]);
	EXPECT(pages_dirty() >= RUNS);
	pages_purge(0);
	EXPECT_EQ(pages_dirty(), 0);
	zone_check(&zones[0]);
}

static pid_t child = -1;
static int (*real_purge)(void *address, size_t bytes);

static int purge_and_fork(void *address, size_t bytes)
{
	if (child < 0)
		child = fork();
	return real_purge(address, bytes);
}

/* As a signal handler may, that comes while the system is asked. */
TEST(a_child_forked_within_a_purge_ends_it_and_nobody_purges_then)
{
	int status = 0;

	boot_pages();
	real_purge = os_ops.purge;
	os_ops.purge = purge_and_fork;
	pages_free(pages_alloc(0, 0, true, NULL));
	EXPECT_EQ(pthread_atfork(NULL, NULL, pages_purge_forget), 0);
	pages_purge(0);
	EXPECT_EQ(zones[0].purgers, 0);
	if (child == 0)
		_exit(0);
	EXPECT_EQ(wait(&status), child);
	EXPECT_EQ(status, 0);
}
