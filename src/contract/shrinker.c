/*
 * shrinker.c: the list of shrinkers, and one walk over it.
 *
 * A walk holds no lock while it calls: it marks the shrinker as used instead, and
 * shrinker_free waits until nobody uses it. A marked one stays on the list, so the walk
 * goes on from it.
 */
#include <ukmem/shrinker.h>

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/bits.h"
#include "base/check.h"
#include "cache/cache.h"
#include "os/wait.h"

enum { BATCH = 128, LEAST_URGENT_SHIFT = 3 };   /* Linux's batch; chosen: from an eighth up */

static struct shrinker *shrinkers;              /* under leaf_lock, as `users` is */

/* The one after @previous, NULL for the first, in use from now on; @previous no more. */
static struct shrinker *next_in_use(struct shrinker *previous)
{
	struct shrinker *next;
	bool last_user = false;

	lock_take(&leaf_lock);
	next = previous != NULL ? previous->next : shrinkers;
	if (next != NULL)
		next->users++;
	if (previous != NULL && previous->users != 0)   /* 0: in a fork child, see below */
		last_user = --previous->users == 0;
	lock_drop(&leaf_lock);
	if (last_user)
		wake(&previous->users, WAKE_ALL);
	return next;
}

/* Of all that could go, a part by urgency; what is dear to make again goes later. */
static unsigned long share_of(const struct shrinker *shrinker, unsigned long count,
			      unsigned urgency)
{
	unsigned shift = urgency < LEAST_URGENT_SHIFT ? LEAST_URGENT_SHIFT - urgency : 0;
	unsigned long share;

	if (shift == 0)
		return count;
	share = (count >> shift) * 4 / (unsigned)(shrinker->seeks > 0 ? shrinker->seeks : 4);
	return min_size(max_size(share, 1), count);
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc,
			  unsigned long total)
{
	unsigned long freed = 0, batch = shrinker->batch > 0 ? (unsigned long)shrinker->batch : BATCH;

	while (total != 0) {
		unsigned long now;

		sc->nr_to_scan = sc->nr_scanned = min_size(batch, total);
		now = shrinker->scan_objects(shrinker, sc);
		if (now == SHRINK_STOP)
			break;
		freed += now;
		total -= min_size(total, max_size(sc->nr_scanned, 1));
	}
	return freed;
}

static unsigned long shrink_node(struct shrinker *shrinker, gfp_t gfp, int node,
				 unsigned urgency)
{
	struct shrink_control sc = { .gfp_mask = gfp, .nid = node };
	unsigned long count = shrinker->count_objects(shrinker, &sc);

	if (count == 0 || count == SHRINK_EMPTY || count == SHRINK_STOP)
		return 0;
	return scan(shrinker, &sc, share_of(shrinker, count, urgency));
}

static unsigned long shrink_all(gfp_t gfp, unsigned urgency)
{
	unsigned long freed = 0;

	for (struct shrinker *s = next_in_use(NULL); s != NULL; s = next_in_use(s)) {
		unsigned nodes = s->flags & SHRINKER_NUMA_AWARE ? topology.nodes : 1;

		for (unsigned node = 0; node < nodes; node++)
			freed += shrink_node(s, gfp, (int)node, urgency);
	}
	return freed;
}

PUBLIC struct shrinker *shrinker_alloc(unsigned flags, const char *format, ...)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);
	va_list arguments;

	if (shrinker == NULL)
		return NULL;
	shrinker->flags = flags;
	shrinker->seeks = DEFAULT_SEEKS;
	shrinker->owned = true;
	va_start(arguments, format);
	vsnprintf(shrinker->name, sizeof(shrinker->name), format, arguments);
	va_end(arguments);
	return shrinker;
}

/* The threads that used them are not in the child. After fork.c's handler: it came first. */
static void forget_users(void)
{
	for (struct shrinker *s = shrinkers; s != NULL; s = s->next)
		s->users = 0;
}

static void start_calling(void)
{
	pthread_atfork(NULL, NULL, forget_users);
	shrink_hook = shrink_all;
}

PUBLIC void shrinker_register(struct shrinker *shrinker)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct shrinker **link;

	if (shrinker->count_objects == NULL || shrinker->scan_objects == NULL)
		slab_panic("shrinker %s is registered without functions", shrinker->name);
	lock_take(&leaf_lock);
	for (link = &shrinkers; *link != NULL && *link != shrinker; link = &(*link)->next)
		;
	if (*link == NULL) {
		shrinker->next = NULL;
		*link = shrinker;
	}
	lock_drop(&leaf_lock);
	pthread_once(&once, start_calling);
}

/* Off the list once nobody stands on it. */
static void unregister(struct shrinker *shrinker)
{
	for (;;) {
		struct shrinker **link;
		unsigned users;

		lock_take(&leaf_lock);
		for (link = &shrinkers; *link != NULL && *link != shrinker; link = &(*link)->next)
			;
		users = *link != NULL ? shrinker->users : 0;
		if (*link != NULL && users == 0)
			*link = shrinker->next;
		lock_drop(&leaf_lock);
		if (users == 0)
			return;
		wait_while(&shrinker->users, users, 100);
	}
}

PUBLIC void shrinker_free(struct shrinker *shrinker)
{
	int kept_errno = errno;

	if (shrinker == NULL)
		return;
	unregister(shrinker);
	if (shrinker->owned)
		kfree(shrinker);
	errno = kept_errno;
}
