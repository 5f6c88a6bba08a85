/*
 * The first call of all is one that may not block.
 */
#include <ukmem/pages.h>

#include <errno.h>
#include <signal.h>

#include "harness/look.h"
#include "harness/test.h"
#include "malloc/heap.h"
#include "os/ops.h"

/* As the drop-in does (preload/start.c). */
int boot_heap(void)
{
	return heap_init();
}

TEST(it_may_be_kmalloc)
{
	unsigned char *object = kmalloc(100, GFP_ATOMIC | __GFP_ZERO);

	EXPECT_NE(object, NULL);
	EXPECT_EQ(object[99], 0);
	kfree(object);
	check_everything();
}

TEST(it_may_be_kmalloc_of_a_kind_that_is_not_made_at_boot)
{
	EXPECT_NE(kmalloc(100, GFP_NOWAIT | __GFP_RECLAIMABLE), NULL);
}

TEST(it_may_be_kmalloc_node)
{
	EXPECT_REFUSED(kmalloc_node(100, GFP_ATOMIC, 100), EINVAL);
	EXPECT_NE(kmalloc_node(100, GFP_ATOMIC, 0), NULL);
}

TEST(it_may_be_kmalloc_nolock)
{
	EXPECT_NE(kmalloc_nolock(100, 0, NUMA_NO_NODE), NULL);
}

TEST(it_may_be_alloc_pages)
{
	EXPECT_NE(alloc_pages(GFP_ATOMIC, 0), NULL);
}

TEST_ON("profile:fast", it_may_come_after_malloc_which_boots_less)
{
	EXPECT_EQ(heap_boot(), 0);
	EXPECT(!booted_whole);
	EXPECT_NE(kmalloc(100, GFP_ATOMIC), NULL);
	EXPECT(booted_whole);
}

/* ---- Where booting would wait ------------------------------------------------------- */

static void expect_nothing(void)
{
	EXPECT_REFUSED(kmalloc(100, GFP_ATOMIC), ENOMEM);
	EXPECT_REFUSED(kmalloc_node(100, GFP_ATOMIC, 0), ENOMEM);
	EXPECT_REFUSED(alloc_pages(GFP_NOWAIT, 0), ENOMEM);
	EXPECT_REFUSED(kmalloc_nolock(100, 0, NUMA_NO_NODE), ENOMEM);
}

static int (*map)(size_t bytes, void **out);
static unsigned interrupted;

static void on_signal(int number)
{
	(void)number;
	expect_nothing();
	interrupted++;
}

static int map_interrupted(size_t bytes, void **out)
{
	raise(SIGUSR1);
	return map(bytes, out);
}

TEST(a_handler_that_interrupted_boot_gets_nothing)
{
	signal(SIGUSR1, on_signal);
	map = os_ops.map;
	os_ops.map = map_interrupted;
	EXPECT_NE(kmalloc(100, GFP_KERNEL), NULL);
	EXPECT(interrupted != 0);
	check_everything();
}

TEST_ON("profile:fast", nor_does_one_that_interrupted_malloc_under_a_lock)
{
	EXPECT_EQ(heap_boot(), 0);
	lock_take(&registry_lock);
	EXPECT_REFUSED(kmalloc(100, GFP_ATOMIC), ENOMEM);
	EXPECT_REFUSED(kmalloc_node(100, GFP_ATOMIC, 0), ENOMEM);
	EXPECT_NE(alloc_pages(GFP_ATOMIC, 0), NULL);
	lock_drop(&registry_lock);
	EXPECT_NE(kmalloc(100, GFP_ATOMIC), NULL);
	check_everything();
}

static void expect_nothing_in_thread(unsigned number)
{
	(void)number;
	expect_nothing();
}

TEST(nobody_waits_for_another_thread_that_boots)
{
	lock_take(&boot_lock);
	in_threads(2, expect_nothing_in_thread);
	lock_drop(&boot_lock);
	EXPECT_NE(kmalloc(100, GFP_ATOMIC), NULL);
}
