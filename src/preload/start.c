/*
 * start.c: before anybody else's constructor.
 *
 * heap.c relies on it: before its part of boot its tables have no place for a thread that
 * is known.
 *
 * The library is linked -z initfirst, so this runs before the constructors of all other
 * libraries. That puts our fork handlers (cache/boot.c) on the right side of everybody's:
 * registered first, they are called last before a fork and first after it, so handlers
 * of others may allocate.
 */
#include <pthread.h>
#include <unistd.h>

#include "malloc/heap.h"
#include "preload/preload.h"

const char preload_starts = 1;

/*
 * glibc's fork takes the lock of its list of streams after everybody's handlers, and
 * some thread that holds it may be waiting for a stream whose holder waits for our locks.
 * So it has to come first; it is recursive. These names of glibc have no header.
 */
void _IO_list_lock(void);
void _IO_list_unlock(void);
void _IO_list_resetlock(void);

int boot_heap(void)
{
	return heap_init();
}

/* Even the C library's own start comes later, and with it getenv's list. */
static void start(int count UNUSED, char **arguments UNUSED, char **environment)
{
	if (environ == NULL)
		environ = environment;
	fork_init();
	pthread_atfork(_IO_list_lock, _IO_list_unlock, _IO_list_resetlock);
	reaper_lazy = true;
	heap_boot();
}

/*
 * In a static program, too: a program's own constructors are of priority 101 at the earliest.
 * Of those before the compiler warns, so the section is named.
 */
__attribute__((section(".init_array.00100"), used))
static void (*const first_start)(int, char **, char **) = start;
