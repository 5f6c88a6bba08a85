/*
 * A node runs out of memory. Node 1 has 128 MiB, node 0 enough for all.
 */
#include <errno.h>
#include <sys/mman.h>

#include "numa/machine.h"

/* Pages: 256 MiB, 16 MiB; and as many as show through what the kernel holds back. */
enum { COUNT_MAX = 64 << 10, SPARE = 16 << 8, BORROWERS = 4096, INSISTERS = 256 };

static char *objects[COUNT_MAX];

static struct kmem_cache *page_cache(void)
{
	need_two_nodes();
	go_to_cpu(0);
	return kmem_cache_create("numa", PAGE_BYTES, PAGE_BYTES, 0, NULL);
}

/* More pages than node 1 has. */
static unsigned more_than_node_1(void)
{
	return (unsigned)(node_bytes(1, "MemTotal") / PAGE_BYTES + SPARE);
}

static void free_all(struct kmem_cache *cache, unsigned count)
{
	give_objects(cache, (void **)objects, count);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	pages_purge(0);
}

/* As many as @gfp gets of node 1. */
static unsigned take_until_refused(struct kmem_cache *cache, gfp_t gfp)
{
	unsigned count = 0;

	while (count < COUNT_MAX &&
	       (objects[count] = kmem_cache_alloc_node(cache, gfp, 1)) != NULL)
		count++;
	return count;
}

TEST(a_full_node_borrows)
{
	struct kmem_cache *cache = page_cache();
	unsigned count = more_than_node_1(), borrowed = 0;

	EXPECT(count < COUNT_MAX);
	go_to_cpu(2);
	for (unsigned i = 0; i < count; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_NE(objects[i], NULL);
		borrowed += lies_on(objects[i]) != 1;
	}
	EXPECT_EQ(lies_on(objects[0]), 1);
	EXPECT_EQ(lies_on(objects[count - 1]), 0);
	EXPECT(borrowed >= SPARE && borrowed < count);
	free_all(cache, count);
	check_everything();
}

TEST(a_full_node_refuses_who_insists_on_it)
{
	struct kmem_cache *cache = page_cache();
	size_t room = node_bytes(1, "MemFree") / PAGE_BYTES;
	unsigned count = take_until_refused(cache, GFP_KERNEL | __GFP_THISNODE);

	EXPECT(count > room / 2);
	EXPECT(count < more_than_node_1());
	EXPECT_REFUSED(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1), ENOMEM);
	EXPECT_REFUSED(alloc_pages_node(1, GFP_KERNEL | __GFP_THISNODE, 9), ENOMEM);
	for (unsigned i = 0; i < count; i++)
		EXPECT_EQ(lies_on(objects[i]), 1);

	EXPECT_EQ(lies_on(kmem_cache_alloc_node(cache, GFP_KERNEL, 1)), 0);
	EXPECT_EQ(lies_on(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 0)), 0);
	give_objects(cache, (void **)objects, count);
	EXPECT_EQ(lies_on(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1)), 1);
	check_everything();
}

/* Slabs that were made when the node was full lie elsewhere; for who insists they move. */
TEST(borrowed_pages_come_home_for_who_insists)
{
	struct kmem_cache *cache = page_cache();
	size_t bytes = node_bytes(1, "MemTotal") + (SPARE << PAGE_SHIFT);
	unsigned long node_1 = 2;
	char *hog = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned borrowed = 0;

	EXPECT_EQ(syscall(SYS_mbind, hog, bytes, 1 /* MPOL_PREFERRED */, &node_1, 64ul, 0), 0);
	EXPECT_EQ(madvise(hog, bytes, MADV_NOHUGEPAGE), 0);     /* to the last small page */
	memset(hog, 1, bytes);
	for (unsigned i = 0; i < BORROWERS; i++) {
		objects[i] = kmem_cache_alloc_node(cache, GFP_KERNEL, 1);
		memset(objects[i], (int)i, PAGE_BYTES);
		borrowed += lies_on(objects[i]) == 0;
	}
	EXPECT(borrowed >= BORROWERS / 2);
	munmap(hog, bytes);

	give_objects(cache, (void **)objects, BORROWERS);
	for (unsigned i = 0; i < INSISTERS; i++) {
		objects[i] = kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE, 1);
		EXPECT_EQ(lies_on(objects[i]), 1);
	}
	free_all(cache, INSISTERS);
	check_everything();
}
