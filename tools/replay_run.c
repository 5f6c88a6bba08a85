/*
 * replay_run.c: one trace, all its rounds, and what is read in between.
 *
 * A round: note what is resident, play, read the peak, free the trace's last objects.
 * After an allocator's first round its free memory is given back too, to see what
 * is left; from then on each keeps what it likes to keep, and rounds begin with that.
 * With --vs the two take turns at going first, so that a machine that gets slower or
 * faster meanwhile favours neither.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ukmem/stats.h>
#include <unistd.h>

#include "memory.h"
#include "replay.h"
#include "round.h"
#include "say.h"

struct run {
	struct replay *replay;
	struct program program;
	struct kinds kinds;
	struct slot *slots;
	size_t slots_bytes;
};

static bool no_memory(const struct trace *trace)
{
	say("%s: out of memory", trace->path);
	return false;
}

static void show_progress(uint64_t done, uint64_t all)
{
	fprintf(stderr, "\rreplaying: %3d %% ", all == 0 ? 100 : (int)(done * 100 / all));
}

static void end_progress(void)
{
	fprintf(stderr, "\r\033[K");
}

/* Mapped, and touched beforehand: neither allocator shall pay for it. */
static bool make_slots(struct run *run)
{
	run->slots_bytes = (run->replay->trace->slots + 1ul) * sizeof(*run->slots);
	run->slots = mmap(NULL, run->slots_bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (run->slots != MAP_FAILED)
		return true;
	run->slots = NULL;
	return false;
}

static int64_t growth(int64_t now, int64_t before)
{
	return now < 0 || before < 0 ? INT64_MIN : now - before;
}

static void give_back(const struct run *run, enum allocator allocator)
{
	if (allocator == ALLOCATOR_UKMEM)
		kinds_shrink(&run->kinds);
	else
		malloc_trim(0);
}

static bool play(const struct run *run, const struct round *round, double *seconds)
{
	struct replay *replay = run->replay;
	struct ukmem_stats before, after;
	bool played;

	ukmem_stats_read(&before);
	played = round_play(round, seconds);
	ukmem_stats_read(&after);
	if (round->progress != NULL)
		end_progress();
	if (round->allocator == ALLOCATOR_UKMEM) {
		replay->refills += after.alloc_refills - before.alloc_refills;
		replay->flushes += after.free_flushes - before.free_flushes;
		replay->is_rseq = after.backend_is_rseq;
	}
	return played;
}

/* The first round of an allocator: the same with the memory watched. */
static bool play_watched(const struct run *run, const struct round *round)
{
	struct side *side = &run->replay->side[round->allocator];
	int64_t before = memory_now_bytes();

	memory_peak_reset();
	if (!play(run, round, &side->seconds[0]))
		return false;
	side->peak_bytes = growth(memory_peak_bytes(), before);
	side->live_bytes = growth(memory_now_bytes(), before);
	return true;
}

static char *read_slabinfo(void)
{
	char nothing[1];
	size_t room = slabinfo_read(nothing, 0) + 4096;    /* a cache may appear in between */
	char *text = malloc(room + 1);

	if (text != NULL)
		slabinfo_read(text, room);
	return text;
}

static bool one_round(const struct run *run, enum allocator allocator, unsigned number)
{
	struct replay *replay = run->replay;
	struct side *side = &replay->side[allocator];
	const struct round round = {
		.allocator = allocator,
		.trace = replay->trace,
		.program = &run->program,
		.kinds = &run->kinds,
		.slots = run->slots,
		.check = replay->options->check,
		.pin = replay->options->pin,
		.progress = !replay->options->quiet && isatty(STDERR_FILENO) ? show_progress : NULL,
	};
	bool is_last = number == replay->options->rounds - 1;
	int64_t before = memory_now_bytes();

	if (!(number == 0 ? play_watched(run, &round) : play(run, &round, &side->seconds[number])))
		return false;
	if (is_last && allocator == ALLOCATOR_UKMEM)
		replay->slabinfo = read_slabinfo();
	if (!round_free_live(&round))
		return false;
	if (number == 0) {
		give_back(run, allocator);
		side->left_bytes = growth(memory_now_bytes(), before);
	}
	return true;
}

/* Round @number of both sides, or of ours alone. */
static bool both_sides(const struct run *run, unsigned number)
{
	bool malloc_first = number % 2 != 0;

	if (!run->replay->options->vs_malloc)
		return one_round(run, ALLOCATOR_UKMEM, number);
	return one_round(run, malloc_first ? ALLOCATOR_MALLOC : ALLOCATOR_UKMEM, number) &&
	       one_round(run, malloc_first ? ALLOCATOR_UKMEM : ALLOCATOR_MALLOC, number);
}

static bool make_sides(struct replay *replay)
{
	for (int i = 0; i < ALLOCATORS; i++) {
		replay->side[i].seconds = calloc(replay->options->rounds, sizeof(double));
		if (replay->side[i].seconds == NULL)
			return false;
	}
	return true;
}

static bool prepare(struct run *run)
{
	struct replay *replay = run->replay;

	if (!program_make(&run->program, replay->trace) || !make_slots(run) || !make_sides(replay))
		return no_memory(replay->trace);
	return kinds_create(&run->kinds, replay->trace);
}

static bool all_rounds(const struct run *run)
{
	for (unsigned number = 0; number < run->replay->options->rounds; number++)
		if (!both_sides(run, number))
			return false;
	return true;
}

static void clean_up(struct run *run)
{
	kinds_destroy(&run->kinds);
	program_free(&run->program);
	if (run->slots != NULL)
		munmap(run->slots, run->slots_bytes);
}

/* A failed round leaves objects nobody can name any more: the process is about to end. */
bool replay_run(struct replay *replay, const struct trace *trace,
		const struct replay_options *options)
{
	struct run run = { .replay = replay };

	*replay = (struct replay){ .trace = trace, .options = options };
	if (!prepare(&run) || !all_rounds(&run))
		return false;
	clean_up(&run);
	return true;
}

void replay_free(struct replay *replay)
{
	for (int i = 0; i < ALLOCATORS; i++)
		free(replay->side[i].seconds);
	free(replay->slabinfo);
}
