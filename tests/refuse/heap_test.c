/*
 * malloc and its kin: NULL and ENOMEM, or memory.
 */
#include "harness/refuse.h"
#include "malloc/heap.h"

static void free_result(void)
{
	heap_free(result);
}

/* A run that is refused is sought among mappings; their cache is there already. */
static void prepare_mappings(void)
{
	heap_free(heap_alloc(10 << 20));
}

static bool call_small(void)
{
	return got(heap_alloc(100));
}

static bool call_run(void)
{
	return got(heap_alloc(100000));
}

static bool call_mapping(void)
{
	return got(heap_alloc(10 << 20));
}

static bool call_calloc(void)
{
	return got(heap_calloc(100, 300));
}

static bool call_aligned(void)
{
	return got(heap_aligned(1 << 16, 100));
}

static bool call_aligned_mapping(void)
{
	return got(heap_aligned(1 << 25, 100));
}

static void *grown;

static void prepare_mapping(void)
{
	grown = heap_alloc(10 << 20);
}

static bool call_grow(void)
{
	void *moved = heap_realloc(grown, 20 << 20, NULL);

	if (!got(moved))
		return false;
	grown = moved;
	return true;
}

static void shrink_again(void)
{
	void *moved = heap_realloc(grown, 10 << 20, NULL);

	if (moved != NULL)
		grown = moved;
}

REFUSE(heap_alloc_of_a_class, .call = call_small, .undo = free_result)
REFUSE(heap_alloc_of_a_run, .prepare = prepare_mappings, .call = call_run,
       .undo = free_result)
REFUSE(heap_alloc_of_a_mapping, .call = call_mapping, .undo = free_result)
REFUSE(heap_calloc_of_a_class, .call = call_calloc, .undo = free_result)
REFUSE(heap_aligned_run, .prepare = prepare_mappings, .call = call_aligned,
       .undo = free_result)
REFUSE(heap_aligned_mapping, .call = call_aligned_mapping, .undo = free_result)
REFUSE(heap_realloc_of_a_mapping, .prepare = prepare_mapping, .call = call_grow,
       .undo = shrink_again)
