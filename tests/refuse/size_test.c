/*
 * Memory by size: NULL or memory.
 */
#include "harness/refuse.h"
#include <ukmem/pages.h>

static void free_result(void)
{
	kfree(result);
}

static void kvfree_result(void)
{
	kvfree(result);
}

static bool call_kmalloc(void)
{
	return got(kmalloc(1000, GFP_KERNEL));
}

static bool call_kmalloc_largest(void)
{
	return got(kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL));
}

static bool call_kmalloc_reclaimable(void)
{
	return got(kmalloc(1000, GFP_KERNEL | __GFP_RECLAIMABLE));
}

static bool call_kmalloc_dma(void)
{
	return got(kmalloc(1000, GFP_KERNEL | __GFP_DMA));
}

static bool call_kmalloc_atomic(void)
{
	return got(kmalloc(1000, GFP_KERNEL)) && (free_result(), got(kmalloc(1000, GFP_ATOMIC)));
}

static bool call_kzalloc(void)
{
	return got(kzalloc(5000, GFP_KERNEL));
}

static bool call_kmalloc_node(void)
{
	return got(kmalloc_node(1000, GFP_KERNEL, (int)topology.nodes - 1));
}

static bool call_kzalloc_node(void)
{
	return got(kzalloc_node(1000, GFP_KERNEL | __GFP_THISNODE, 0));
}

static bool call_kmalloc_array(void)
{
	return got(kmalloc_array(100, 30, GFP_KERNEL));
}

static bool call_kcalloc(void)
{
	return got(kcalloc(100, 30, GFP_KERNEL));
}

static bool call_kmemdup(void)
{
	return got(kmemdup("text", 5, GFP_KERNEL));
}

static bool call_kstrdup(void)
{
	return got(kstrdup("text", GFP_KERNEL));
}

static bool call_kstrndup(void)
{
	return got(kstrndup("text", 3, GFP_KERNEL));
}

REFUSE(kmalloc_is_null_or_memory, NULL, call_kmalloc, free_result)
REFUSE(kmalloc_of_4_mib_is_null_or_memory, NULL, call_kmalloc_largest, free_result)
REFUSE(kmalloc_of_reclaimable_is_null_or_memory, NULL, call_kmalloc_reclaimable, free_result)
REFUSE(kmalloc_for_dma_is_null_or_memory, NULL, call_kmalloc_dma, free_result)
REFUSE(kmalloc_without_waiting_is_null_or_memory, NULL, call_kmalloc_atomic, free_result)
REFUSE(kzalloc_is_null_or_memory, NULL, call_kzalloc, free_result)
REFUSE(kzalloc_node_is_null_or_memory, NULL, call_kzalloc_node, free_result)
REFUSE(kmalloc_array_is_null_or_memory, NULL, call_kmalloc_array, free_result)
REFUSE(kcalloc_is_null_or_memory, NULL, call_kcalloc, free_result)
REFUSE(kmemdup_is_null_or_memory, NULL, call_kmemdup, free_result)
REFUSE(kstrdup_is_null_or_memory, NULL, call_kstrdup, free_result)
REFUSE(kstrndup_is_null_or_memory, NULL, call_kstrndup, free_result)

static void boot_only(void)
{
	EXPECT_EQ(boot_ensure(), 0);
}

REFUSE(kmalloc_node_is_null_or_memory, boot_only, call_kmalloc_node, free_result)

static bool call_kvmalloc(void)
{
	return got(kvmalloc(100000, GFP_KERNEL));
}

static bool call_kvmalloc_huge(void)
{
	return got(kvmalloc(10 << 20, GFP_KERNEL));
}

static bool call_kvzalloc(void)
{
	return got(kvzalloc(3 << 20, GFP_KERNEL));
}

static bool call_kvmalloc_node(void)
{
	return got(kvmalloc_node(5 << 20, GFP_KERNEL, 0));
}

static bool call_kvmalloc_array(void)
{
	return got(kvmalloc_array(1000, 5000, GFP_KERNEL));
}

static bool call_kvcalloc(void)
{
	return got(kvcalloc(1000, 100, GFP_KERNEL));
}

static bool call_kvmalloc_aligned(void)
{
	return got(kvmalloc_node_align(5 << 20, 4096, GFP_KERNEL, 0));
}

static bool call_vrealloc(void)
{
	return got(vrealloc(NULL, 5 << 20, GFP_KERNEL));
}

REFUSE(aligned_kvmalloc_is_null_or_memory, NULL, call_kvmalloc_aligned, kvfree_result)
REFUSE(vrealloc_of_nothing_is_null_or_memory, NULL, call_vrealloc, kvfree_result)
REFUSE(kvmalloc_is_null_or_memory, NULL, call_kvmalloc, kvfree_result)
REFUSE(kvmalloc_of_10_mib_is_null_or_memory, NULL, call_kvmalloc_huge, kvfree_result)
REFUSE(kvzalloc_is_null_or_memory, NULL, call_kvzalloc, kvfree_result)
REFUSE(kvmalloc_node_is_null_or_memory, NULL, call_kvmalloc_node, kvfree_result)
REFUSE(kvmalloc_array_is_null_or_memory, NULL, call_kvmalloc_array, kvfree_result)
REFUSE(kvcalloc_is_null_or_memory, NULL, call_kvcalloc, kvfree_result)

/* The old object is whole after a refusal. */
static bool reallocated(void *(*call)(void *object))
{
	char *object = kmalloc(100, GFP_KERNEL), *moved;

	if (object == NULL)
		return got(NULL);
	memset(object, 'r', 100);
	moved = call(object);
	if (moved == NULL) {
		int error = errno;

		EXPECT(object[0] == 'r' && object[99] == 'r');
		kfree(object);
		errno = error;
		return got(NULL);
	}
	EXPECT(moved[0] == 'r' && moved[99] == 'r');
	return got(moved);
}

static void *to_5000_bytes(void *object)
{
	return krealloc(object, 5000, GFP_KERNEL);
}

static void *to_70_times_100_bytes(void *object)
{
	return krealloc_array(object, 70, 100, GFP_KERNEL);
}

static bool call_krealloc(void)
{
	return reallocated(to_5000_bytes);
}

static bool call_krealloc_array(void)
{
	return reallocated(to_70_times_100_bytes);
}

static void *to_a_mapping(void *object)
{
	return kvrealloc(object, 5 << 20, GFP_KERNEL);
}

static void *to_512_aligned(void *object)
{
	return krealloc_node_align(object, 100, 512, GFP_KERNEL, NUMA_NO_NODE);
}

static bool call_kvrealloc(void)
{
	return reallocated(to_a_mapping);
}

static bool call_krealloc_align(void)
{
	return reallocated(to_512_aligned);
}

REFUSE(kvrealloc_keeps_the_old_object, NULL, call_kvrealloc, kvfree_result)
REFUSE(aligned_krealloc_keeps_the_old_object, NULL, call_krealloc_align, free_result)
REFUSE(krealloc_keeps_the_old_object, NULL, call_krealloc, free_result)
REFUSE(krealloc_array_keeps_the_old_object, NULL, call_krealloc_array, free_result)
