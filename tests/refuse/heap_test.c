/*
 * malloc and its kin: NULL and ENOMEM, or memory.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/refuse.h"
#include "malloc/heap.h"

/* As the drop-in does (preload/start.c). */
int boot_heap(void)
{
	return heap_init();
}

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

/* ---- A start that was refused ----------------------------------------------------------- */

static void *foreign;

static void free_foreign(void)
{
	heap_free(foreign);
}

static void ask_foreign(void)
{
	heap_usable(foreign, NULL);
}

static void resize_foreign(void)
{
	heap_realloc(foreign, 500, NULL);
}

static void expect_reports_of(void *pointer, const char *why)
{
	foreign = pointer;
	EXPECT_ABORT(free_foreign, why);
	EXPECT_ABORT(ask_foreign, why);
	EXPECT_ABORT(resize_foreign, why);
}

/* Then the kernel's interface, whose boot goes on from there, makes this thread known. */
static void start_refused(unsigned k)
{
	void *object;
	char local;

	fake_os_install();
	fake_os_refuse(k);
	heap_boot();
	if (!fake_os_has_refused())
		_exit(1);
	fake_os_refuse(0);
	expect_reports_of(&local, "which was not given by malloc");
	if (zones[0].committed_pages != 0)
		expect_reports_of(zones[0].base + (PAGE_BYTES << 9), "which is in free memory");
	expect_reports_of(kmem_cache_alloc(cache_of("typed", 100), GFP_KERNEL),
			  "which belongs to a kmem_cache");
	object = kmalloc(100, GFP_KERNEL);
	EXPECT(heap_usable(object, NULL) >= 100);
	heap_free(object);
	EXPECT_NE(heap_alloc(100), NULL);
	check_everything();
	_exit(0);
}

TEST(pointers_that_malloc_did_not_give_are_reported_wherever_its_start_was_refused)
{
	int status = 0;

	for (unsigned k = 1; status == 0; k++) {
		if (fork() == 0)
			start_refused(k);
		wait(&status);
		EXPECT(WIFEXITED(status) && WEXITSTATUS(status) <= 1 && k < 100);
	}
}
