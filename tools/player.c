/*
 * player.c: do one step after another, and wait where program.c says so.
 *
 * Each thread tells how far it is on a cache line of its own. The last number seen of
 * another thread is kept, so one that is behind looks at that line only now and then.
 *
 * Waiting is spinning for a moment and then giving the processor away: with fewer
 * CPUs than the trace has, the thread waited for may need this one.
 */
#include "player.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "say.h"
#include "word.h"

enum { SPINS_BEFORE_YIELD = 200 };   /* some 2 us of pauses; most waits end sooner */

/* ---- Failing: the first one speaks, and everybody stops ----------------------- */

void player_say_wrong_word(const struct round *round, const struct slot *slot, int64_t record)
{
	char when[32] = "at the end";
	uint64_t word;

	if (record >= 0)
		snprintf(when, sizeof(when), "record %lld", (long long)record);
	memcpy(&word, slot->object, sizeof(word));
	say("%s: %s: slot %zu: %s object %p of record %u holds %#llx, should be %#llx",
	    round->trace->path, when, (size_t)(slot - round->slots),
	    allocator_name[round->allocator], slot->object, slot->record,
	    (unsigned long long)word, (unsigned long long)word_of(slot->record));
}

static __attribute__((cold, noinline)) bool
fail_word(struct player *player, const struct step *step)
{
	if (!atomic_exchange(player->failed, true))
		player_say_wrong_word(player->round, &player->round->slots[step->slot],
				      step->record);
	return false;
}

static __attribute__((cold, noinline)) bool
fail_alloc(struct player *player, const struct step *step)
{
	const struct round *round = player->round;
	int error = errno;

	if (!atomic_exchange(player->failed, true))
		say("%s: record %u: slot %u: %s cannot allocate %u bytes: %s", round->trace->path,
		    step->record, step->slot, allocator_name[round->allocator],
		    round->kinds->kind[step->entry].bytes, strerror(error));
	return false;
}

/* ---- Waiting ------------------------------------------------------------------ */

static inline void pause_cpu(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Returns false when somebody has failed. */
static bool wait_for(struct player *player, const struct wait *wait)
{
	atomic_uint *steps = &player->all[wait->cpu].steps;
	uint32_t *seen = &player->seen[wait->cpu];
	unsigned spins = 0;

	while ((*seen = atomic_load_explicit(steps, memory_order_acquire)) < wait->steps) {
		if (atomic_load_explicit(player->failed, memory_order_relaxed))
			return false;
		if (++spins % SPINS_BEFORE_YIELD == 0)
			sched_yield();
		else
			pause_cpu();
	}
	return true;
}

static inline bool may_begin(struct player *player)
{
	const struct wait *wait = player->next_wait++;

	return player->seen[wait->cpu] >= wait->steps || wait_for(player, wait);
}

/* ---- Steps: compiled into the loop, once for each allocator -------------------- */

#define STEP_INLINE static inline __attribute__((always_inline))

STEP_INLINE bool step_alloc(struct player *player, enum allocator allocator,
			    const struct step *step, const struct kind *kind, struct slot *slot)
{
	void *object = object_take(allocator, kind);

	if (object == NULL)
		return fail_alloc(player, step);
	*slot = (struct slot){ object, step->record };
	if (player->round->check)
		word_write(object, kind->bytes, step->record);
	return true;
}

STEP_INLINE bool step_free(struct player *player, enum allocator allocator,
			   const struct step *step, const struct kind *kind, struct slot *slot)
{
	void *object = slot->object;

	if (player->round->check && !word_is_right(object, kind->bytes, slot->record))
		return fail_word(player, step);
	slot->object = NULL;
	object_give(allocator, kind, object);
	return true;
}

STEP_INLINE bool play_step(struct player *player, enum allocator allocator,
			   const struct step *step)
{
	const struct kind *kind = &player->round->kinds->kind[step->entry];
	struct slot *slot = &player->round->slots[step->slot];

	if ((step->flags & STEP_WAIT) && !may_begin(player))
		return false;
	return step->flags & STEP_FREE ? step_free(player, allocator, step, kind, slot)
				       : step_alloc(player, allocator, step, kind, slot);
}

STEP_INLINE void play(struct player *player, enum allocator allocator)
{
	const struct step *steps = player->program->steps;
	uint32_t count = player->program->steps_count;

	for (uint32_t i = 0; i < count; i++) {
		if (!play_step(player, allocator, &steps[i]))
			return;
		if (steps[i].flags & STEP_PUBLISH)
			atomic_store_explicit(&player->mine->steps, i + 1,
					      memory_order_release);
	}
}

void player_play(struct player *player)
{
	if (player->round->allocator == ALLOCATOR_MALLOC)
		play(player, ALLOCATOR_MALLOC);
	else
		play(player, ALLOCATOR_UKMEM);
}
