/*
 * Every public call, with its 1st, 2nd, 3rd ... request to the OS refused, until a run
 * meets no refusal.
 *
 * Each run is a process of its own: prepare, make the library hungry (every committed
 * page is held, so that whoever needs one must ask the OS), refuse, call, refuse nothing,
 * check; undo, call again (this must succeed), undo, and count what is left. A run
 * without refusals says what must be left. What is refused, by round k = 1, 2, 3 ...:
 *   NTH      the k-th request;
 *   ALL      the k-th request and all after it;
 *   PAGES    all requests for memory, but k - 1 runs of two pages are there: the k-th page that a
 *            call needs is the one it can't have; up to PAGES_MAX, as some calls need
 *            more, or a mapping;
 *   BOOT     as ALL, and the call is the first of all, so booting is refused as well
 *            (only where there is nothing to prepare).
 */
#ifndef HARNESS_REFUSE_H
#define HARNESS_REFUSE_H

#include <errno.h>

#include "harness/look.h"
#include "harness/test.h"

struct scenario {
	void (*prepare)(void);          /* with nothing refused; NULL: nothing */
	bool (*call)(void);             /* true: done; false: refused, all as before */
	void (*undo)(void);             /* of a call that was done */
};

void refuse_everything(const struct scenario *scenario);

/* On one node, on two, and with what else may ask the OS for something. */
#define REFUSE(name, ...)                                                       \
	static const struct scenario scenario_##name = { __VA_ARGS__ };         \
	TEST_ON("topology:4x1 reaper:off reap_ms:1000000", name)                \
	{                                                                       \
		refuse_everything(&scenario_##name);                            \
	}                                                                       \
	TEST_ON("topology:4x2 reaper:off reap_ms:1000000", name##_on_two_nodes) \
	{                                                                       \
		refuse_everything(&scenario_##name);                            \
	}                                                                       \
	TEST_ON("topology:4x2 freelist_random:on reap_ms:1000000", name##_with_a_helper) \
	{                                                                       \
		refuse_everything(&scenario_##name);                            \
	}

/* What a call got: false for NULL, which comes with ENOMEM and with nothing else. */
extern void *result;
bool got(void *object);

#endif
