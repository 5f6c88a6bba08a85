/*
 * Frees keep errno, on every road; successful allocations keep it as well.
 */
#include <errno.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

enum { COUNT = 2000, MARK = 87 };

static void *objects[COUNT];

TEST(a_free_keeps_errno_on_every_road)
{
	struct kmem_cache *cache = cache_of("story", 512);

	take_objects(cache, objects, COUNT);
	errno = MARK;
	for (int i = 0; i < COUNT; i++) {
		kmem_cache_free(cache, objects[i]);     /* hits, flushes, released slabs */
		EXPECT_EQ(errno, MARK);
	}
	kmem_cache_free(cache, NULL);
	kfree(NULL);
	kfree_bulk(1, &(void *){ NULL });
	kmem_cache_free_bulk(cache, 1, &(void *){ NULL });
	kfree_sensitive(ZERO_SIZE_PTR);
	EXPECT_EQ(errno, MARK);
	kmem_cache_destroy(cache);
	EXPECT_EQ(errno, MARK);
}

TEST(the_first_call_of_all_keeps_errno)
{
	errno = MARK;
	kfree(kmalloc(100, GFP_KERNEL));
	EXPECT_EQ(errno, MARK);
}

TEST(an_allocation_that_succeeds_keeps_errno)
{
	errno = MARK;
	for (int i = 0; i < COUNT; i++) {
		objects[i] = kmalloc((size_t)i * 10, GFP_KERNEL);
		EXPECT_EQ(errno, MARK);
	}
	for (int i = 0; i < COUNT; i++)
		kfree(objects[i]);
	EXPECT_EQ(errno, MARK);
}

/* The miss gives pages back, which the system refuses: with mlockall(2) it does. */
TEST_ON("reap_ms:1 decay_ms:0 reaper:off", an_allocation_keeps_errno_whatever_its_miss_came_to)
{
	unsigned done = 0;

	fake_os_install();
	for (int i = 0; i < COUNT; i++)
		objects[i] = kmalloc(4096, GFP_KERNEL);
	for (int i = 0; i < COUNT; i++)
		kfree(objects[i]);
	fake_os_refuse_from(1);
	for (; !fake_os_has_refused() && done < COUNT; done++) {
		usleep(1000);
		errno = MARK;
		EXPECT_NE(kmalloc(4096, GFP_KERNEL), NULL);
		EXPECT_EQ(errno, MARK);
	}
	EXPECT(fake_os_has_refused());
}

TEST_ON("sample:1", a_guarded_object_goes_without_a_word)
{
	void *object;

	fake_os_install();
	object = kmalloc(100, GFP_KERNEL);
	fake_os_refuse_from(1);
	errno = MARK;
	kfree(object);
	EXPECT(fake_os_has_refused());
	EXPECT_EQ(errno, MARK);
	EXPECT_NE(kmalloc(100, GFP_KERNEL), NULL);
	EXPECT_EQ(errno, MARK);
}

static void free_only(unsigned number)
{
	run_on_cpu(2);
	errno = MARK;
	for (unsigned i = number; i < COUNT; i += 4) {
		kfree(objects[i]);
		EXPECT_EQ(errno, MARK);
	}
}

TEST_ON(FOUR_CPUS_TWO_NODES, a_new_threads_first_free_keeps_errno)
{
	run_on_cpu(0);
	for (int i = 0; i < COUNT; i++)
		objects[i] = kmalloc(500, GFP_KERNEL);
	in_threads(1, free_only);
}

TEST(a_refusal_says_why)
{
	EXPECT_REFUSED(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kcalloc(SIZE_MAX, 2, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kzalloc(SIZE_MAX, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kmemdup("", SIZE_MAX, GFP_KERNEL), ENOMEM);
}
