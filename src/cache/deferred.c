/*
 * deferred.c: objects that wait to be freed.
 *
 * A stack through the objects' own first words: who defers pushes one, who frees takes
 * all at once, so no element is ever popped alone and none can come back meanwhile.
 */
#include "cache/cache.h"

static void *_Atomic waiting;

void defer_free(void *object)
{
	void *next = atomic_load_explicit(&waiting, memory_order_relaxed);

	do {
		*(void **)object = next;
	} while (!atomic_compare_exchange_weak_explicit(&waiting, &next, object,
			memory_order_release, memory_order_relaxed));
}

void deferred_free(void)
{
	void *object, *next;

	if (likely(atomic_load_explicit(&waiting, memory_order_relaxed) == NULL))
		return;
	object = atomic_exchange_explicit(&waiting, NULL, memory_order_acquire);
	for (; object != NULL; object = next) {
		next = *(void **)object;
		cpu_free_quiet(&cache_of_layout(virt_to_head_page(object)->layout)->cpu, object);
	}
}
