/*
 * malloc and its kin, seen from inside; the names themselves are tested by programs
 * (tests/programs).
 */
#include <ukmem/debug.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/look.h"
#include "harness/test.h"
#include "malloc/heap.h"

#define CALLER __builtin_return_address(0)

/* As the drop-in does (preload/start.c). */
int boot_heap(void)
{
	return heap_init();
}

static void *must(void *block)
{
	EXPECT_NE(block, NULL);
	return block;
}

static bool is_filled(const unsigned char *bytes, size_t count, unsigned char with)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != with)
			return false;
	return true;
}

TEST(the_first_block_boots_and_makes_its_class_alone)
{
	EXPECT(!booted);
	heap_free(must(heap_alloc(100)));
	EXPECT(booted);
	EXPECT_NE(slabinfo_line("malloc-112"), NULL);
	EXPECT_NULL(slabinfo_line("malloc-96"));
	check_everything();
}

static unsigned caches_count(void)
{
	unsigned count = 0;

	for_each_cache(cache)
		count++;
	return count;
}

TEST_ON("profile:fast", malloc_alone_has_no_caches_of_kmalloc_until_somebody_looks)
{
	heap_free(must(heap_alloc(100)));
	EXPECT_EQ(caches_count(), 1);
	EXPECT_NE(slabinfo_line("kmalloc-64"), NULL);
	EXPECT_NE(slabinfo_line("malloc-112"), NULL);
	check_everything();
}

/* The slab profile keeps some free lists in objects of kmalloc. */
TEST_ON("profile:slab", malloc_boots_all_where_lists_may_lie_apart_from_slabs)
{
	heap_free(must(heap_alloc(100)));
	EXPECT(caches_count() > 1);
	EXPECT(booted_whole);
}

TEST(every_size_is_usable_to_its_end_and_comes_back)
{
	for (size_t size = 0; size < 10 << 20; size += 1 + size / 7) {
		unsigned char *block = must(heap_alloc(size));
		size_t usable = heap_usable(block, CALLER);

		EXPECT(usable >= size);
		memset(block, 0x5a, usable);
		EXPECT(is_filled(block, usable, 0x5a));
		heap_free(block);
	}
	check_everything();
}

TEST(a_block_freed_is_the_next_of_its_class)
{
	void *block = must(heap_alloc(1000));

	heap_free(block);
	EXPECT_EQ(heap_alloc(970), block);
}

TEST(every_alignment_is_kept)
{
	for (size_t align = 1; align <= 64 << 20; align *= 2)
		for (size_t size = 0; size < 200000; size = size * 3 + 1) {
			void *block = must(heap_aligned(align, size));

			EXPECT_EQ((uintptr_t)block % align, 0);
			EXPECT(heap_usable(block, CALLER) >= size);
			heap_free(block);
		}
	check_everything();
}

TEST(what_cannot_be_is_enomem)
{
	EXPECT_REFUSED(heap_alloc(SIZE_MAX), ENOMEM);
	EXPECT_REFUSED(heap_alloc((size_t)PTRDIFF_MAX + 1), ENOMEM);
	EXPECT_REFUSED(heap_alloc(PTRDIFF_MAX), ENOMEM);
	EXPECT_REFUSED(heap_calloc(SIZE_MAX / 2, 3), ENOMEM);
	EXPECT_REFUSED(heap_aligned((size_t)1 << 63, 1), ENOMEM);
	EXPECT_REFUSED(heap_aligned(4096, SIZE_MAX - 4096), ENOMEM);
	EXPECT_REFUSED(heap_realloc(must(heap_alloc(5)), SIZE_MAX, CALLER), ENOMEM);
}

TEST(errno_stays_when_all_goes_well)
{
	errno = 77;
	for (size_t size = 1; size < 64 << 20; size *= 3) {
		void *block = heap_realloc(must(heap_alloc(size)), size * 2, CALLER);

		heap_free(must(block));
	}
	EXPECT_EQ(errno, 77);
}

TEST(realloc_keeps_contents_over_all_kinds_of_block)
{
	size_t sizes[] = { 10, 100, 5000, 40000, 300000, 5 << 20, 20 << 20, 6 << 20,
			   100000, 33000, 2000, 10 };
	unsigned char *block = NULL;
	size_t before = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		block = must(heap_realloc(block, sizes[i], CALLER));
		EXPECT(is_filled(block, min_size(before, sizes[i]), (int)i));
		memset(block, (int)i + 1, sizes[i]);    /* what is left of another shows */
		before = sizes[i];
	}
	EXPECT_NULL(heap_realloc(block, 0, CALLER));
	check_everything();
}

TEST_ON(NO_REAPER, a_run_grows_into_free_pages_behind_it)
{
	unsigned char *block = must(heap_realloc(must(heap_alloc(4 << 20)), 100000, CALLER));
	struct heap_totals totals;

	memset(block, 7, 100000);
	for (size_t size = 110000; size <= 4 << 20; size += size / 8)
		EXPECT_EQ(heap_realloc(block, size, CALLER), block);
	EXPECT(is_filled(block, 100000, 7));
	EXPECT_EQ(heap_usable(block, CALLER) % PAGE_BYTES, 0);
	heap_read_totals(&totals);
	EXPECT_EQ(totals.run_bytes, heap_usable(block, CALLER));
	heap_free(block);
	heap_read_totals(&totals);
	EXPECT_EQ(totals.run_bytes, 0);
}

TEST(realloc_within_the_class_does_not_move)
{
	void *block = must(heap_alloc(1000));

	EXPECT_EQ(heap_realloc(block, 1024, CALLER), block);
	EXPECT_EQ(heap_realloc(block, 512, CALLER), block);
	EXPECT_NE(heap_realloc(block, 500, CALLER), block);
	block = must(heap_alloc(1000));
	EXPECT_NE(heap_realloc(block, 1025, CALLER), block);
}

TEST(a_run_that_shrinks_stays_and_gives_pages_back)
{
	void *block = must(heap_alloc(1 << 20));
	size_t free_before = pages_free_count();

	EXPECT_EQ(heap_realloc(block, 100000, CALLER), block);
	EXPECT_EQ(heap_usable(block, CALLER), align_up(100000, PAGE_BYTES));
	EXPECT_EQ(pages_free_count(), free_before + 256 - 25);
}

/* The kernel moves the pages: what was written is not read. */
TEST(a_mapping_grows_without_copying)
{
	size_t bytes = 64 << 20;
	unsigned char *block = must(heap_alloc(bytes)), resident[1];

	block[0] = 1;
	block = must(heap_realloc(block, 2 * bytes, CALLER));
	EXPECT_EQ(block[0], 1);
	EXPECT_EQ(mincore(block + bytes / 2, 1, resident), 0);
	EXPECT_EQ(resident[0] & 1, 0);
	heap_free(block);
}

/* More than their table has places, so that some share one. */
TEST(a_mapping_that_goes_takes_no_other_along)
{
	enum { COUNT = 1200 };
	static void *block[COUNT];

	for (int i = 0; i < COUNT; i++)
		block[i] = must(heap_alloc((4 << 20) + 1));
	for (int i = 0; i < COUNT; i += 2)
		heap_free(block[i]);
	for (int i = 1; i < COUNT; i += 2) {
		EXPECT_EQ(heap_usable(block[i], CALLER), (4 << 20) + PAGE_BYTES);
		heap_free(block[i]);
	}
	check_everything();
}

TEST(calloc_is_zero_whatever_was_there)
{
	for (size_t size = 8; size < 8 << 20; size *= 3) {
		unsigned char *block = must(heap_alloc(size));

		memset(block, 0xff, size);
		heap_free(block);
		block = must(heap_calloc(size, 1));
		EXPECT(is_filled(block, size, 0));
		heap_free(block);
	}
}

static void *bad;

static void free_bad(void)
{
	heap_free(bad);
}

static void grow_bad(void)
{
	heap_realloc(bad, 110000, CALLER);
}

static void keep_bad(void)
{
	heap_realloc(bad, 90, CALLER);
}

TEST(bad_pointers_are_reported)
{
	char local;

	bad = &local;
	EXPECT_ABORT(free_bad, "which was not given by malloc; called from");
	bad = (char *)must(heap_alloc(100)) + 1;
	EXPECT_ABORT(free_bad, "which is inside a block");
	EXPECT_ABORT(keep_bad, "which is inside a block");
	bad = (char *)must(heap_alloc(100000)) + PAGE_BYTES;
	EXPECT_ABORT(free_bad, "which is inside a block");
	bad = (char *)must(heap_alloc(100000)) + 16;
	EXPECT_ABORT(free_bad, "free of 0x");
	EXPECT_ABORT(grow_bad, "which is inside a block");
	bad = (char *)must(heap_alloc(5 << 20)) + PAGE_BYTES;
	EXPECT_ABORT(free_bad, "which was not given by malloc");
	bad = kmem_cache_alloc(cache_of("typed", 100), GFP_KERNEL);
	EXPECT_ABORT(free_bad, "which belongs to a kmem_cache");
}

TEST(a_run_freed_twice_is_reported)
{
	bad = must(heap_alloc(100000));
	heap_free(bad);
	EXPECT_ABORT(free_bad, "which is in free memory");
}

static void churn(unsigned number)
{
	uint64_t seed = number + 1;
	void *blocks[64] = { NULL };

	for (unsigned i = 0; i < 100000; i++) {
		void **block = &blocks[random_next(&seed) % 64];
		size_t size = random_next(&seed) % (i % 100 == 0 ? 200000 : 3000);

		heap_free(*block);
		*block = must(heap_alloc(size));
		memset(*block, (int)number, size);
	}
	for (unsigned i = 0; i < 64; i++)
		heap_free(blocks[i]);
}

TEST(threads_share_one_heap)
{
	in_threads(4, churn);
	check_everything();
}

TEST_ON("topology:4x2 reaper:off", blocks_of_another_node_come_home)
{
	void *block;

	threads_all_pretend();
	run_on_cpu(0);
	heap_free(must(heap_alloc(100)));
	run_on_cpu(3);
	block = must(heap_alloc(100));
	EXPECT_EQ(node_of_address(block), 1);
	run_on_cpu(0);
	heap_free(block);
	EXPECT_NE(heap_alloc(100), block);
	check_everything();
}

TEST_ON("debug:FZ debug_abort:no", checks_know_where_an_aligned_block_ends)
{
	char *block = must(heap_aligned(64, 100));

	EXPECT_EQ((uintptr_t)block % 64, 0);
	EXPECT_EQ(heap_usable(block, CALLER), 100);
	heap_free(block);
	EXPECT_EQ(kmem_reports(), 0);
	block = must(heap_aligned(64, 100));
	block[100] = 'A';
	heap_free(block);
	EXPECT_EQ(kmem_reports(), 1);
}

TEST_ON("debug:FZ debug_abort:no", realloc_inside_a_block_does_nothing_to_the_block)
{
	char *block = must(heap_alloc(100));

	heap_free(heap_realloc(block + 16, 50, CALLER));
	EXPECT_EQ(kmem_reports(), 2);           /* of the resize and of the free */
	EXPECT_EQ(heap_usable(block, CALLER), 100);
	heap_free(block);
	EXPECT_EQ(kmem_reports(), 2);
}
