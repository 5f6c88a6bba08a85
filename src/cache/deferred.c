/*
 * deferred.c: objects, and runs of pages, that wait to be freed.
 *
 * A stack through the objects' own first words: who defers pushes one, who frees takes
 * all at once, so no element is ever popped alone and none can come back meanwhile.
 *
 * What a thread has taken and not freed yet is seen by nobody: who wants to see all at home
 * waits for those who are at it (deferred_settle).
 *
 * An object with checks must not be written to: those wait in places of their own, as far
 * as there are any.
 */
#include "cache/cache.h"
#include "pages/source.h"

enum { PLACES = 256 };          /* chosen: frees between two misses that meet a held lock */

static void *_Atomic waiting;
static void *_Atomic place[PLACES] RARELY_USED;
static _Atomic unsigned placed;
static _Atomic unsigned at_it;          /* threads that took some and have not freed them yet */

static bool put_in_a_place(void *object)
{
	for (unsigned i = 0; i < PLACES; i++) {
		void *nobody = NULL;

		if (atomic_load_explicit(&place[i], memory_order_relaxed) != NULL ||
		    !atomic_compare_exchange_strong(&place[i], &nobody, object))
			continue;
		atomic_fetch_add(&placed, 1);
		return true;
	}
	return false;
}

static void push(void *object)
{
	void *next = atomic_load_explicit(&waiting, memory_order_relaxed);

	do {
		*(void **)object = next;
	} while (!atomic_compare_exchange_weak_explicit(&waiting, &next, object,
			memory_order_release, memory_order_relaxed));
}

/* In a fork child what is its parent's is not freed, and must not be written to either. */
static bool is_our_parents(const struct page *page)
{
	return zone_is_closed(page_zone(page));
}

void defer_free(void *object)
{
	const struct page *slab = virt_to_head_page(object);

	if (!is_our_parents(slab) && (slab->layout->hooks == NULL || !put_in_a_place(object)))
		push(object);
}

void defer_free_pages(struct page *page)
{
	if (!is_our_parents(page))
		push(page_address(page));
}

static void free_now(void *object)
{
	struct page *page = virt_to_head_page(object);

	if (page->state == PAGE_TAKEN)
		pages_free(page);
	else
		cpu_free_quiet(&cache_of_layout(page->layout)->cpu, object);
}

static void free_placed(void)
{
	for (unsigned i = 0; i < PLACES; i++) {
		void *object = atomic_exchange(&place[i], NULL);

		if (object == NULL)
			continue;
		atomic_fetch_sub(&placed, 1);
		free_now(object);
	}
}

static void free_waiting(void)
{
	void *object = atomic_exchange_explicit(&waiting, NULL, memory_order_acq_rel), *next;

	for (; object != NULL; object = next) {
		next = *(void **)object;
		free_now(object);
	}
}

static bool is_quiet(void)
{
	return likely(atomic_load_explicit(&placed, memory_order_acquire) == 0) &&
	       likely(atomic_load_explicit(&waiting, memory_order_acquire) == NULL);
}

void deferred_free(void)
{
	if (is_quiet())
		return;
	atomic_fetch_add(&at_it, 1);
	free_placed();
	free_waiting();
	leave_counted(&at_it);
}

/* Chosen: as long as the quarantine's exits are waited for. */
void deferred_settle(void)
{
	enum { PATIENCE_MS = 100 };

	deferred_free();
	await_none(&at_it, PATIENCE_MS);
}

void deferred_after_fork(void)
{
	atomic_store(&at_it, 0);
}
