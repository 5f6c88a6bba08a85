/*
 * shadow.h: what another tool is told of our objects.
 *
 * AddressSanitizer, MemorySanitizer, ThreadSanitizer and Memcheck keep a shadow of memory: what
 * may be touched, what was written, by whom, and for Memcheck whose it is. They see our slabs
 * as memory that is always anybody's. When a program is built or run with one of them, each cache
 * has the checks of F, and besides tells it:
 *
 *      new slab      nobody's: no one may touch objects, nor the gaps between them
 *      allocated     as many bytes as were asked for, not yet written
 *      freed         nobody's again, at least until the quarantine lets go of it
 *      slab released plain memory
 *
 * The library itself is built without them: it looks only at tables and lists, which
 * lie before the objects. LeakSanitizer learns that objects may point to malloc's blocks.
 */
#ifndef DEBUG_SHADOW_H
#define DEBUG_SHADOW_H

#include "slab/slab.h"

/* Chosen: what is between two objects, so that running over an end meets it. */
enum { SHADOW_GAP_BYTES = 16 };

struct shadow {
	void (*nobodys)(const void *start, size_t bytes);
	void (*plain)(const void *start, size_t bytes);
	void (*allocated)(const void *start, size_t bytes);
	void (*written)(const void *start, size_t bytes);
	/* @size was asked for; all @room of it is nobody's, gap and all. */
	void (*freed)(const void *start, size_t size, size_t room, const void *caller);
	void (*resized)(const void *start, size_t from, size_t to, size_t room);
	/* An object with late readers, of which nothing else is told; NULL: nor this. */
	void (*handed_in)(void *start);
	void (*handed_out)(void *start);
};

extern const struct shadow *shadow;     /* NULL: nobody watches */

/* Memory changes hands, behind the back of a tool that follows who touched what. */
static inline void shadow_plain(const void *start, size_t bytes)
{
	if (unlikely(shadow != NULL))
		shadow->plain(start, bytes);
}

/* One owner comes after the other, also where both only wrote. */
static inline void shadow_handed_in(const struct slab_layout *layout, void *start)
{
	if (layout->late_readers && unlikely(shadow != NULL) && shadow->handed_in != NULL)
		shadow->handed_in(start);
}

static inline void shadow_handed_out(const struct slab_layout *layout, void *start)
{
	if (layout->late_readers && unlikely(shadow != NULL) && shadow->handed_out != NULL)
		shadow->handed_out(start);
}

/* Find out who watches. Zones are reserved, no cache is there. */
void shadow_init(void);

/* Objects lie in this range too, until they do no more: what they point to is no leak. */
void shadow_follow(const void *start, size_t bytes);
void shadow_forget(const void *start, size_t bytes);

/* A slab becomes nobody's, or plain memory again. */
void shadow_new_slab(const struct slab_layout *layout, const struct page *slab);
void shadow_old_slab(const struct slab_layout *layout, const struct page *slab);

#endif
