/*
 * shrinker.h: caches of the application's own that can give memory back.
 *
 * A program that keeps things it could make again (inodes, blocks, compiled patterns)
 * registers a shrinker: one function that counts what it could free, one that frees
 * some of it. They are called when the system refuses memory to an allocation that may
 * reclaim (GFP_KERNEL), before that fails, and when the system is short of memory
 * (option pressure, docs/tuning.md). Names and meanings as in Linux 6.7.
 *
 *     struct shrinker *s = shrinker_alloc(0, "inodes");
 *     s->count_objects = count_unused_inodes;
 *     s->scan_objects = free_unused_inodes;
 *     shrinker_register(s);
 *
 * The functions are called without locks of the library's, by any thread, perhaps by
 * several at once; they may free, and allocate (an allocation in them calls no
 * shrinkers). They must look at sc->gfp_mask: without __GFP_FS (__GFP_IO) the caller may
 * hold the locks that file systems (devices) take.
 */
#ifndef UKMEM_SHRINKER_H
#define UKMEM_SHRINKER_H

#include <ukmem/slab.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call is about. */
struct shrink_control {
	gfp_t gfp_mask;
	int nid;                        /* with SHRINKER_NUMA_AWARE: of this node */
	unsigned long nr_to_scan;       /* scan_objects: look at so many */
	unsigned long nr_scanned;       /* it may say here that it looked at fewer or more */
	void *memcg;                    /* always NULL */
};

#define SHRINK_STOP   (~0ul)    /* scan_objects: not now */
#define SHRINK_EMPTY  (~0ul - 1) /* count_objects: nothing at all */
#define DEFAULT_SEEKS 2         /* what it costs to make an object again; 0: little */

#define SHRINKER_NUMA_AWARE  0x4u
#define SHRINKER_MEMCG_AWARE 0x8u /* accepted */
#define SHRINKER_NONSLAB     0x10u /* accepted */

struct shrinker {
	/* How many objects could be freed. SHRINK_EMPTY or 0: none. */
	unsigned long (*count_objects)(struct shrinker *shrinker, struct shrink_control *sc);
	/* Free some; how many, or SHRINK_STOP. */
	unsigned long (*scan_objects)(struct shrinker *shrinker, struct shrink_control *sc);
	long batch;                     /* objects a call, 0: 128 */
	int seeks;
	unsigned int flags;
	void *private_data;

	/* The library's. */
	struct shrinker *next;
	unsigned int users, freed;
	bool owned;
	char name[32];
};

/*
 * shrinker_alloc - a shrinker to be filled in; @format and what follows name it.
 *
 * Returns NULL with errno ENOMEM.
 */
struct shrinker *shrinker_alloc(unsigned int flags, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * shrinker_register - from now on it is called. It may be a struct of the caller's own,
 * of zeroes but for what he filled in.
 *
 * Misuse  without both functions it aborts with a report.
 */
void shrinker_register(struct shrinker *shrinker);

/*
 * shrinker_free - it is called no more; waits for calls that run. NULL does nothing.
 * Frees what shrinker_alloc made. Not from its own functions.
 */
void shrinker_free(struct shrinker *shrinker);

/*
 * kmem_reclaim - call the shrinkers as if the system were short of memory, and give
 * free slabs back.
 *
 * Returns how many objects the shrinkers freed.
 */
unsigned long kmem_reclaim(gfp_t gfp);

/*
 * kmem_set_nofail_callback - what an allocation with __GFP_NOFAIL calls each time that
 * reclaim did not help, before it tries again; NULL: nothing, it sleeps 1 ms.
 *
 * @attempts counts from 1. The callback has no locks of the library's to fear; it may
 * free, wait, or end the process.
 */
void kmem_set_nofail_callback(void (*callback)(gfp_t gfp, unsigned int attempts));

#ifdef __cplusplus
}
#endif
#endif
