/*
 * shadow.c: see shadow.h. The sanitizers are found by weak references, which a program
 * built with one resolves; Memcheck by asking it, and it is known at all only where its
 * header was there when the library was built.
 */
#include "debug/shadow.h"

#include "base/bits.h"
#include "os/topology.h"
#include "pages/zone.h"

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif

const struct shadow *shadow;

#define WEAK __attribute__((weak)) void

WEAK __asan_poison_memory_region(const volatile void *start, size_t bytes);
WEAK __asan_unpoison_memory_region(const volatile void *start, size_t bytes);
WEAK __msan_allocated_memory(const volatile void *start, size_t bytes);
WEAK __msan_unpoison(const volatile void *start, size_t bytes);
WEAK __tsan_java_alloc(uintptr_t start, uintptr_t bytes);
WEAK __tsan_java_free(uintptr_t start, uintptr_t bytes);
/* As gcc declares them by itself where it builds for that tool; the last takes nothing. */
WEAK __tsan_write_range(void *start, long bytes);
WEAK __tsan_func_entry(void *caller);
WEAK __tsan_func_exit(void *nothing);
WEAK __tsan_acquire(void *start);
WEAK __tsan_release(void *start);
WEAK __lsan_register_root_region(const void *start, size_t bytes);
WEAK __lsan_unregister_root_region(const void *start, size_t bytes);

static void nothing(const void *start UNUSED, size_t bytes UNUSED)
{
}

/* ---- AddressSanitizer: use-after-poison ------------------------------------------------ */

static void asan_poison(const void *start, size_t bytes)
{
	__asan_poison_memory_region(start, bytes);
}

static void asan_unpoison(const void *start, size_t bytes)
{
	__asan_unpoison_memory_region(start, bytes);
}

static void asan_freed(const void *start, size_t size UNUSED, size_t room, const void *caller UNUSED)
{
	__asan_poison_memory_region(start, room);
}

static void asan_resized(const void *start, size_t from UNUSED, size_t to, size_t room)
{
	asan_poison(start, room);
	asan_unpoison(start, to);
}

static const struct shadow asan = {
	.nobodys = asan_poison,
	.plain = asan_unpoison,
	.allocated = asan_unpoison,
	.written = nothing,
	.freed = asan_freed,
	.resized = asan_resized,
};

/* ---- MemorySanitizer: use-of-uninitialized-value, which names the alloc or the free ------ */

static void msan_forget(const void *start, size_t bytes)
{
	__msan_allocated_memory(start, bytes);
}

static void msan_written(const void *start, size_t bytes)
{
	__msan_unpoison(start, bytes);
}

static void msan_freed(const void *start, size_t size UNUSED, size_t room, const void *caller UNUSED)
{
	msan_forget(start, room);
}

static void msan_resized(const void *start, size_t from, size_t to, size_t room)
{
	size_t kept = min_size(from, to);

	msan_forget((const char *)start + kept, room - kept);
}

static const struct shadow msan = {
	.nobodys = msan_forget,
	.plain = msan_written,
	.allocated = msan_forget,
	.written = msan_written,
	.freed = msan_freed,
	.resized = msan_resized,
};

/*
 * ---- ThreadSanitizer: data race, when it is freed or used after that -----------------------
 *
 * It sees none of what we do between a free and the next allocation, so a new owner would race
 * with the last one. Its words for heaps of others, made for Java's, forget who touched what.
 */

static void tsan_forget(const void *start, size_t bytes)
{
	__tsan_java_alloc((uintptr_t)start, bytes);
	__tsan_java_free((uintptr_t)start, bytes);
}

/* As if the caller wrote it: who still reads, without a lock, and who writes later race with that. */
static void tsan_freed(const void *start, size_t size, size_t room UNUSED, const void *caller)
{
	__tsan_func_entry((void *)caller);
	__tsan_write_range((void *)start, (long)size);
	__tsan_func_exit(NULL);
}

static void tsan_resized(const void *start, size_t from, size_t to, size_t room UNUSED)
{
	if (to > from)
		tsan_forget((const char *)start + from, to - from);
}

static const struct shadow tsan = {
	.nobodys = nothing,
	.plain = tsan_forget,
	.allocated = tsan_forget,
	.written = nothing,
	.freed = tsan_freed,
	.resized = tsan_resized,
	.handed_in = __tsan_release,
	.handed_out = __tsan_acquire,
};

/* ---- Memcheck: invalid reads and writes, leaks, with both stacks -------------------------- */

#ifdef VALGRIND_MALLOCLIKE_BLOCK
static void memcheck_nobodys(const void *start, size_t bytes)
{
	VALGRIND_MAKE_MEM_NOACCESS(start, bytes);
}

static void memcheck_written(const void *start, size_t bytes)
{
	VALGRIND_MAKE_MEM_DEFINED(start, bytes);
}

static void memcheck_allocated(const void *start, size_t bytes)
{
	VALGRIND_MALLOCLIKE_BLOCK(start, bytes, 0, 0);
}

static void memcheck_freed(const void *start, size_t size UNUSED, size_t room UNUSED,
			   const void *caller UNUSED)
{
	VALGRIND_FREELIKE_BLOCK(start, 0);
}

static void memcheck_resized(const void *start, size_t from, size_t to, size_t room UNUSED)
{
	VALGRIND_RESIZEINPLACE_BLOCK(start, from, to, 0);
}

static const struct shadow memcheck = {
	.nobodys = memcheck_nobodys,
	.plain = memcheck_written,
	.allocated = memcheck_allocated,
	.written = memcheck_written,
	.freed = memcheck_freed,
	.resized = memcheck_resized,
};

/* Valgrind's other tools answer 0, as no Valgrind does. */
static const struct shadow *memcheck_there(void)
{
	char byte = 0;

	return VALGRIND_MAKE_MEM_DEFINED(&byte, 1) != 0 ? &memcheck : NULL;
}
#else
static const struct shadow *memcheck_there(void)
{
	return NULL;
}
#endif

/* ------------------------------------------------------------------------------------------ */

static const struct shadow *who_watches(void)
{
	if (__asan_poison_memory_region != NULL && __asan_unpoison_memory_region != NULL)
		return &asan;
	if (__msan_allocated_memory != NULL && __msan_unpoison != NULL)
		return &msan;
	if (__tsan_java_alloc != NULL && __tsan_java_free != NULL && __tsan_write_range != NULL &&
	    __tsan_func_entry != NULL && __tsan_func_exit != NULL && __tsan_acquire != NULL &&
	    __tsan_release != NULL)
		return &tsan;
	return memcheck_there();
}

void shadow_follow(const void *start, size_t bytes)
{
	if (__lsan_register_root_region != NULL)
		__lsan_register_root_region(start, bytes);
}

void shadow_forget(const void *start, size_t bytes)
{
	if (__lsan_unregister_root_region != NULL)
		__lsan_unregister_root_region(start, bytes);
}

/* What is reserved and not yet committed can't be read, and is left out by the tool. */
static void tell_leak_sanitizer(void)
{
	for (unsigned node = 0; node < topology.nodes; node++)
		shadow_follow(zones[node].base, zones[node].reserved_pages << PAGE_SHIFT);
}

/* A library that is itself built with a sanitizer is being tested: as it is for users. */
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer) || \
    HAS_FEATURE(memory_sanitizer) || UNDER_TSAN
enum { IS_BEING_TESTED = true };
#else
enum { IS_BEING_TESTED = false };
#endif

void shadow_init(void)
{
	if (!IS_BEING_TESTED)
		shadow = who_watches();
	tell_leak_sanitizer();
}

/* All behind table and list. */
void shadow_new_slab(const struct slab_layout *layout, const struct page *slab)
{
	size_t before = align_up(layout->list_offset + layout->freelist_size, sizeof(void *));

	shadow->nobodys((const char *)page_address(slab) + before, slab_bytes(layout) - before);
}

void shadow_old_slab(const struct slab_layout *layout, const struct page *slab)
{
	shadow->plain(page_address(slab), slab_bytes(layout));
}
