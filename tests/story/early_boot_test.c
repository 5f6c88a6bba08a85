/*
 * The library is used before main() and by many threads at once.
 */
#include <pthread.h>

#include "harness/look.h"
#include "harness/test.h"

static void *early_object;
static struct kmem_cache *early_cache;

/* Before any other constructor of this program that has no priority. */
__attribute__((constructor(101))) static void use_it_early(void)
{
	early_object = kmalloc(100, GFP_KERNEL);
	early_cache = kmem_cache_create("early", 333, 0, 0, NULL);
	if (early_object != NULL)
		memset(early_object, 0x77, 100);
}

__attribute__((destructor(101))) static void use_it_late(void)
{
	kfree(kmalloc(100, GFP_KERNEL));
}

TEST(what_a_constructor_allocated_before_main_is_valid)
{
	unsigned char *bytes = early_object;

	EXPECT_NE(early_object, NULL);
	for (int i = 0; i < 100; i++)
		EXPECT_EQ(bytes[i], 0x77);
	kfree(early_object);
	EXPECT_NE(kmem_cache_alloc(early_cache, GFP_KERNEL), NULL);
	check_everything();
}

/* Each test is a fork child: of a process that used the library already. */
TEST(a_fork_child_goes_on_with_its_parents_objects)
{
	for (int i = 0; i < 1000; i++)
		kfree(kmalloc((size_t)i, GFP_KERNEL));
	kfree(early_object);
	check_everything();
}
