#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "os/ops.h"
#include "harness/test.h"

enum { MANY = 1 << 20 };

static void *objects[MANY];

static void limit_addresses_to_256_mib(void)
{
	struct rlimit limit = { .rlim_cur = 256 << 20, .rlim_max = RLIM_INFINITY };

	EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
}

/* As many as there are, each written to; then the answer is ENOMEM. */
static unsigned fill(size_t size)
{
	unsigned count = 0;

	errno = 0;
	while (count < MANY && (objects[count] = kmalloc(size, GFP_KERNEL)) != NULL)
		memset(objects[count++], 1, size < 64 ? size : 64);
	EXPECT(count < MANY);
	EXPECT_EQ(errno, ENOMEM);
	return count;
}

static void empty(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		kfree(objects[i]);
}

TEST(memory_ends_in_enomem_and_all_of_it_can_be_had_again)
{
	unsigned first;

	limit_addresses_to_256_mib();
	first = fill(4096);
	EXPECT((size_t)first * 4096 > 100u << 20);
	check_everything();
	for (int round = 0; round < 3; round++) {
		empty(first);
		EXPECT(fill(4096) >= first);
	}
	empty(first);
	check_everything();
}

TEST(memory_of_small_objects_serves_large_ones_after_they_are_freed)
{
	unsigned small, large;

	limit_addresses_to_256_mib();
	small = fill(256);
	empty(small);
	large = fill(1 << 20);
	EXPECT((size_t)large << 20 > 100u << 20);
	empty(large);
	EXPECT(fill(256) >= small * 99 / 100);
}

TEST(every_size_ends_in_enomem)
{
	limit_addresses_to_256_mib();
	for (size_t size = 512; size <= KMALLOC_MAX_SIZE; size *= 2)
		empty(fill(size));
	check_everything();
}

TEST_ON("topology:4x2 reaper:off", two_nodes_are_used_up_before_the_answer_is_no)
{
	unsigned count;

	limit_addresses_to_256_mib();
	count = fill(4096);
	EXPECT((size_t)count * 4096 > 100u << 20);
	empty(count);
	EXPECT_EQ(fill(4096), count);
	check_everything();
}

/* Arrays of other caches hold what one cache needs. */
TEST_ON("reserve_mib:16", an_allocation_that_is_refused_makes_other_caches_give)
{
	struct kmem_cache *cache = cache_of("story", 4096);
	static void *pages[8192];
	unsigned count = 0;

	while ((pages[count] = kmem_cache_alloc(cache, GFP_KERNEL)) != NULL)
		count++;
	for (unsigned i = 0; i < count; i++)
		kmem_cache_free(cache, pages[i]);
	EXPECT(slabs_of(cache) > 20);
	EXPECT_EQ(fill(2048) * 2048 / 4096 >= count - 64, 1);
	EXPECT_EQ(cache_active_objects(cache), 0);
}

/* A cache needs pages of its own too: for itself, its nodes, its arrays. */
TEST_ON("reserve_mib:16 reaper:off slab_nomerge", a_cache_that_is_refused_makes_other_caches_give)
{
	empty(fill(2048));
	for (int i = 0; i < 100; i++)
		EXPECT(kmem_cache_create("story", 64, 0, 0, NULL) != NULL);
	check_everything();
}

static _Atomic bool purging;
static int (*real_purge)(void *address, size_t bytes);

static int purge_slowly(void *address, size_t bytes)
{
	if (!purging) {
		purging = true;
		usleep(200000);
	}
	return real_purge(address, bytes);
}

static void *purge_all(void *unused)
{
	pages_purge(0);
	return unused;
}

/* Its runs are off the lists while the kernel has them. */
TEST_ON("reserve_mib:16 reaper:off", memory_on_its_way_to_the_os_is_waited_for)
{
	unsigned count = fill(4096);
	pthread_t thread;

	empty(count);
	reclaim();
	real_purge = os_ops.purge;
	os_ops.purge = purge_slowly;
	EXPECT_EQ(pthread_create(&thread, NULL, purge_all, NULL), 0);
	while (!purging)
		usleep(1000);
	EXPECT_EQ(fill(4096), count);
	pthread_join(thread, NULL);
}

static void *give_back_later(void *count)
{
	usleep(100000);
	for (unsigned i = 0; i < (unsigned)(uintptr_t)count; i++)
		kfree(objects[i]);
	return NULL;
}

TEST_ON("reserve_mib:16", nofail_waits_until_there_is_memory)
{
	unsigned count = fill(4096);
	pthread_t thread;

	EXPECT_NULL(kmalloc(4096, GFP_KERNEL));
	pthread_create(&thread, NULL, give_back_later, (void *)(uintptr_t)count);
	EXPECT_NE(kmalloc(4096, GFP_KERNEL | __GFP_NOFAIL), NULL);
	pthread_join(thread, NULL);
}

TEST_ON("reserve_mib:16", who_may_not_block_is_refused_at_once_even_with_nofail)
{
	fill(4096);
	EXPECT_REFUSED(kmalloc(4096, GFP_ATOMIC), ENOMEM);
	EXPECT_REFUSED(kmalloc(4096, GFP_ATOMIC | __GFP_NOFAIL), ENOMEM);
	EXPECT_REFUSED(kzalloc(4096, GFP_NOWAIT), ENOMEM);
}

TEST_ON("reserve_mib:16", a_bulk_that_is_refused_takes_nothing)
{
	struct kmem_cache *cache = cache_of("story", 4096);
	static void *bulk[10000];

	errno = 0;
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 10000, bulk), 0);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 2000, bulk), 2000);
}

TEST_ON(FOUR_CPUS, who_may_not_block_makes_no_request_to_the_os)
{
	fake_os_install();
	run_on_cpu(0);
	kfree(kmalloc(64, GFP_KERNEL));
	fake_os_refuse(0);
	for (int i = 0; i < 100000; i++)
		if (kmalloc(1000, GFP_ATOMIC) == NULL)
			break;
	EXPECT_EQ(fake_os_requests(), 0);
}
