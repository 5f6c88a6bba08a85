#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <ukmem/debug.h>
#include <unistd.h>

#include "harness/books.h"
#include "harness/test.h"
#include "pages/source.h"

static void *objects[200000];

TEST(all_objects_of_a_cache_with_a_source_lie_there_and_all_go_back)
{
	static const unsigned sizes[] = { 8, 64, 700, 5000, 40000, 3 << 20 };

	for (size_t unit = PAGE_BYTES; unit <= 4 * MIB; unit *= 8) {
		struct kmem_source *source = bookkeeper(24 * MIB, unit);

		for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
			struct kmem_cache *cache = cache_from(source, sizes[i]);
			unsigned count = sizes[i] > 1 * MIB ? 4 : 300;

			take_objects(cache, objects, count);
			for (unsigned j = 0; j < count; j++) {
				EXPECT(is_inside(source, objects[j]));
				memset(objects[j], 1, sizes[i]);
			}
			EXPECT(kmem_source_used(source) >= (size_t)count * sizes[i]);
			EXPECT_EQ(kmem_source_present(source), books_given);
			check_everything();
			give_objects(cache, objects, count);
			EXPECT_EQ(kmem_cache_shrink(cache), 0);
			EXPECT_EQ(books_given, 0);
			EXPECT_EQ(kmem_source_used(source), 0);
			kmem_cache_destroy(cache);
		}
		check_everything();
		EXPECT_EQ(kmem_source_unregister(source), 0);
		EXPECT_EQ(kmem_source_unregister(source), -EINVAL);
	}
}

/* On one CPU: the arrays of others are others. */
TEST_ON(FOUR_CPUS "profile:fast", hits_serve_such_a_cache_too)
{
	struct kmem_cache *cache;
	struct array_cache *array;
	void *object;

	run_on_cpu(0);
	cache = cache_from(bookkeeper(8 * MIB, 65536), 100);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	array = array_of(cache, thread_slot());
	EXPECT_EQ(array->window_limit[(size_t)object >> WINDOW_SHIFT], array->limit);
	EXPECT_EQ(array->window_limit[0], 0);
	EXPECT_EQ(array->entry[array->avail - 1], object);
	EXPECT_EQ(kmem_cache_alloc(cache, GFP_KERNEL), object);
	kmem_cache_free(cache, NULL);
	kfree(object);
	EXPECT_EQ(array->entry[array->avail - 1], object);
	EXPECT_EQ(kmem_cache_tune(cache, 500, 100, 2), 0);
	array = array_of(cache, thread_slot());
	EXPECT_EQ(array->window_limit[(size_t)object >> WINDOW_SHIFT], array->limit);
}

TEST(a_source_that_refuses_makes_allocation_fail_and_serves_again_later)
{
	struct kmem_source *source = bookkeeper(16 * MIB, 16384);
	struct kmem_cache *cache = cache_from(source, 4096);
	unsigned count;

	books_limit = 1 * MIB;
	count = take_all(cache, objects, 100000);
	EXPECT_EQ(count, 256);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_EQ(books_given, 1 * MIB);
	check_everything();
	EXPECT_NE(kmalloc(4096, GFP_KERNEL), NULL);
	books_limit = 2 * MIB;
	count += take_all(cache, objects + count, 100000);
	EXPECT_EQ(count, 512);
	give_objects(cache, objects, count);
	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_unregister(source), 0);
	EXPECT_EQ(books_given, 0);
}

TEST(scattered_units_make_a_large_run_again)
{
	struct kmem_source *source = bookkeeper(4 * MIB, PAGE_BYTES);
	struct kmem_cache *small = cache_from(source, PAGE_BYTES), *large = cache_from(source, 4 * MIB);

	EXPECT_EQ(take_all(small, objects, 2000), 1024);
	EXPECT_NULL(kmem_cache_alloc(large, GFP_KERNEL));
	for (unsigned i = 0; i < 1024; i++) {
		kmem_cache_free(small, objects[i * 7 % 1024]);
		if (i % 100 == 0)
			kmem_cache_shrink(small);
	}
	kmem_cache_shrink(small);
	EXPECT_EQ(books_given, 0);
	EXPECT_NE(kmem_cache_alloc(large, GFP_KERNEL), NULL);
	check_everything();
}

TEST(memory_that_is_all_there_needs_no_functions)
{
	struct kmem_source source = { .name = "arena", .base = addresses(8 * MIB, 0),
				      .bytes = 8 * MIB, .node = NUMA_NO_NODE };
	struct kmem_cache *cache;

	EXPECT_EQ(mprotect(source.base, source.bytes, PROT_READ | PROT_WRITE), 0);
	memset(source.base, 0xff, source.bytes);
	EXPECT_EQ(kmem_source_register(&source), 0);
	cache = cache_from(&source, 1000);
	EXPECT_EQ(((unsigned char *)kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO))[999], 0);
	take_objects(cache, objects, 5000);
	give_objects(cache, objects, 5000);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	EXPECT_EQ(kmem_source_unregister(&source), -EBUSY);
	check_everything();
}

static struct kmem_source *nested;
static struct kmem_cache *inner;

static int give_and_allocate(struct kmem_source *source, void *address, size_t bytes)
{
	kmem_cache_free(inner, kmem_cache_alloc(inner, GFP_KERNEL));
	kfree(kmalloc(100000, GFP_KERNEL));
	return books_give(source, address, bytes);
}

static int take_back_and_create(struct kmem_source *source, void *address, size_t bytes)
{
	kmem_cache_destroy(cache_of("passing", 100));
	return books_take_back(source, address, bytes);
}

TEST(a_source_may_allocate_while_it_is_asked)
{
	struct kmem_cache *cache;

	nested = bookkeeper(8 * MIB, 65536);
	nested->alloc = give_and_allocate;
	nested->free = take_back_and_create;
	inner = kmem_cache_create("inner", 3000, 0, SLAB_RED_ZONE, NULL);
	cache = cache_from(nested, 2000);
	take_objects(cache, objects, 2000);
	check_everything();
	give_objects(cache, objects, 1000);
	kmem_cache_shrink(cache);
	give_objects(cache, objects + 1000, 1000);
	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_unregister(nested), 0);
	EXPECT_EQ(books_given, 0);
}

TEST_ON(FOUR_CPUS_TWO_NODES, cpus_of_every_node_use_a_source_and_its_memory_is_one_nodes)
{
	struct kmem_source *source;
	struct kmem_cache *cache;

	run_on_cpu(0);
	source = bookkeeper(8 * MIB, 65536);
	EXPECT_EQ(kmem_source_unregister(source), 0);
	source->node = 1;
	EXPECT_EQ(kmem_source_register(source), 0);
	cache = cache_from(source, 500);
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		run_on_cpu((int)cpu);
		take_objects(cache, objects + cpu * 100, 100);
	}
	for (unsigned i = 0; i < 400; i++)
		EXPECT_EQ(node_of_address(objects[i]), 1);
	EXPECT_NULL(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 0));
	EXPECT(is_inside(source, kmem_cache_alloc_node(cache, GFP_KERNEL, 0)));
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		run_on_cpu((int)(3 - cpu));
		give_objects(cache, objects + cpu * 100, 100);
	}
	check_everything();
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
	EXPECT_EQ(slabs_of(cache), 1);
}

TEST_ON("debug:FZPU", checks_work_in_a_source)
{
	struct kmem_source *source = bookkeeper(8 * MIB, 65536);
	struct kmem_cache *cache = cache_from(source, 300);

	take_objects(cache, objects, 1000);
	EXPECT(is_inside(source, objects[999]));
	give_objects(cache, objects, 1000);
	EXPECT_EQ(kmem_cache_verify(cache), 0);
	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_unregister(source), 0);
}

TEST_ON("reap_ms:20 decay_ms:50 topology:1x1", what_is_idle_goes_back_by_itself)
{
	struct kmem_cache *cache = cache_from(bookkeeper(64 * MIB, 4 * MIB), 4096);

	take_objects(cache, objects, 10000);
	EXPECT(books_given >= 40 * MIB);
	give_objects(cache, objects, 10000);
	for (int ms = 0; ms < 60000 && __atomic_load_n(&books_given, __ATOMIC_RELAXED) != 0; ms += 10)
		usleep(10000);
	EXPECT_EQ(books_given, 0);
}

TEST(who_may_not_block_takes_what_is_there_and_asks_for_nothing)
{
	struct kmem_cache *cache = cache_from(bookkeeper(8 * MIB, 65536), 4096);

	EXPECT_NULL(kmem_cache_alloc(cache, GFP_NOWAIT));
	EXPECT_EQ(books_calls, 0);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_NOWAIT), NULL);
	EXPECT_EQ(books_calls, 1);
}

static void hammer(unsigned number)
{
	uint64_t seed = number + 1;
	void *mine[64] = { NULL };

	for (unsigned i = 0; i < 20000; i++) {
		void **slot = &mine[random_next(&seed) % 64];

		if (*slot != NULL)
			kmem_cache_free(inner, *slot);
		*slot = kmem_cache_alloc(inner, GFP_KERNEL);
		if (*slot != NULL)
			memset(*slot, (int)number, 4096);
		if (i % 500 == 0)
			kmem_cache_shrink(inner);
	}
	for (unsigned i = 0; i < 64; i++)
		kmem_cache_free(inner, mine[i]);
}

static int lock_give(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return mprotect(address, bytes, PROT_READ | PROT_WRITE);
}

static int lock_take_back(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return mprotect(address, bytes, PROT_NONE);
}

TEST(four_threads_share_a_small_source)
{
	nested = bookkeeper(1 * MIB, 16384);
	nested->alloc = lock_give;
	nested->free = lock_take_back;
	inner = cache_from(nested, 4096);
	in_threads(4, hammer);
	check_everything();
	EXPECT_EQ(kmem_cache_shrink(inner), 0);
	EXPECT_EQ(kmem_source_present(nested), 0);
	kmem_cache_destroy(inner);
	EXPECT_EQ(kmem_source_unregister(nested), 0);
}

/* ---- While another thread gives memory back ------------------------------------------------- */

static _Atomic bool is_giving_back;

/* It takes its time. */
static int take_back_slowly(struct kmem_source *source UNUSED, void *address UNUSED,
			    size_t bytes UNUSED)
{
	is_giving_back = true;
	usleep(200000);
	return 0;
}

static int give_again(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return mprotect(address, bytes, PROT_READ | PROT_WRITE);
}

static void *shrink(void *cache)
{
	kmem_cache_shrink(cache);
	return NULL;
}

/* All of the source is on its way back when this returns. */
static pthread_t another_gives_back(struct kmem_cache **cache)
{
	pthread_t thread;

	nested = bookkeeper(4 * MIB, 4 * MIB);
	nested->alloc = give_again;
	nested->free = take_back_slowly;
	*cache = cache_from(nested, 5000);
	kmem_cache_free(*cache, kmem_cache_alloc(*cache, GFP_KERNEL));
	EXPECT_EQ(pthread_create(&thread, NULL, shrink, *cache), 0);
	while (!is_giving_back)
		usleep(100);
	return thread;
}

TEST_ON(NO_REAPER, what_another_thread_gives_back_is_waited_for_before_memory_is_refused)
{
	struct kmem_cache *cache;
	pthread_t thread = another_gives_back(&cache);

	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
	pthread_join(thread, NULL);
	check_everything();
}

TEST_ON(NO_REAPER, a_source_that_is_no_longer_used_can_be_unregistered_while_another_gives_back)
{
	struct kmem_cache *cache;
	pthread_t thread = another_gives_back(&cache);

	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_unregister(nested), 0);
	pthread_join(thread, NULL);
}

/* ---- Arguments ----------------------------------------------------------------------------- */

static int registered(size_t past, size_t bytes, size_t unit, int node)
{
	static struct kmem_source sources[40];
	static int number;
	struct kmem_source *source = &sources[number++ % 40];

	*source = (struct kmem_source){ .name = "odd", .base = addresses(bytes % (1 << 30), past),
					.bytes = bytes, .unit = unit, .node = node };
	return kmem_source_register(source);
}

TEST(sources_out_of_range_are_refused)
{
	struct kmem_source unknown = { .name = "unknown" };
	struct kmem_source *source = bookkeeper(8 * MIB, PAGE_BYTES), twin = *source;

	EXPECT_EQ(registered(PAGE_BYTES, 4 * MIB, 0, 0), -EINVAL);
	EXPECT_EQ(registered(0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(registered(0, 4 * MIB + 1, 0, 0), -EINVAL);
	EXPECT_EQ(registered(0, 4 * MIB, 1000, 0), -EINVAL);
	EXPECT_EQ(registered(0, 4 * MIB, 8 * MIB, 0), -EINVAL);
	EXPECT_EQ(registered(0, 6 * MIB, 4 * MIB, 0), -EINVAL);
	EXPECT_EQ(registered(0, 4 * MIB, 0, 99), -EINVAL);
	EXPECT_EQ(registered(0, (size_t)2 << 40, 0, 0), -EINVAL);
	EXPECT_EQ(kmem_source_register(source), -EINVAL);
	twin.zone = NULL;
	EXPECT_EQ(kmem_source_register(&twin), -EINVAL);
	twin.base = (char *)twin.base + 4 * MIB;
	EXPECT_EQ(kmem_source_register(&twin), -EINVAL);
	EXPECT_EQ(kmem_source_serve(&unknown, __GFP_DMA), -EINVAL);
	EXPECT_EQ(kmem_source_destroy(source), -EINVAL);
	EXPECT_EQ(kmem_source_destroy(NULL), 0);
	EXPECT_EQ(kmem_source_fd(source), -1);
	EXPECT_EQ(kmem_source_present(&unknown) + kmem_source_used(&unknown), 0);
	log_begin();
	EXPECT_REFUSED(kmem_cache_create("mine", 8, &(struct kmem_cache_args){
					 .source = &unknown }, 0), EINVAL);
	EXPECT_REFUSED(kmem_source_low(0), EINVAL);
	EXPECT_REFUSED(kmem_source_shared(SIZE_MAX), EINVAL);
	log_end();
	for (int i = 1; i < 32; i++)
		EXPECT_EQ(registered(0, 4 * MIB, 0, 0), 0);
	EXPECT_EQ(registered(0, 4 * MIB, 0, 0), -ENOSPC);
	EXPECT_EQ(kmem_source_unregister(source), 0);
	EXPECT_EQ(registered(0, 4 * MIB, 0, 0), 0);
	check_everything();
}
