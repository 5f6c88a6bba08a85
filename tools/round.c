/*
 * round.c: start the threads of a round together, wait for them, take the time.
 */
#define _GNU_SOURCE 1
#include "round.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "player.h"
#include "say.h"
#include "word.h"

enum {
	PROGRESS_NS = 100000000,      /* ten looks a second disturb nobody */
	SECOND_NS = 1000000000,
};

/* Threads wait at the gate until all are there, or go home when one could not be made. */
enum gate { GATE_SHUT, GATE_OPEN, GATE_GO_HOME };

struct seat {
	struct player player;
	struct ensemble *ensemble;
	uint32_t cpu;
	pthread_t thread;
	int64_t begin_ns, end_ns;
};

struct ensemble {
	uint32_t cpus;
	struct seat *seats;           /* by CPU */
	struct progress *progress;    /* by CPU */
	uint32_t *seen;               /* [cpu * cpus + other] */
	cpu_set_t allowed;            /* CPUs this process may use */
	atomic_uint ready;            /* threads at the gate */
	atomic_uint gate;
	atomic_bool failed;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)SECOND_NS + now.tv_nsec;
}

/* The (n mod how many)-th CPU of @set, which is not empty. */
static unsigned nth_cpu(const cpu_set_t *set, uint32_t n)
{
	uint32_t left = n % (uint32_t)CPU_COUNT(set);
	unsigned cpu = 0;

	while (!CPU_ISSET(cpu, set) || left-- > 0)
		cpu++;
	return cpu;
}

/* Where that is refused we run unpinned. */
static void pin(const struct seat *seat)
{
	const cpu_set_t *allowed = &seat->ensemble->allowed;
	cpu_set_t one;

	if (CPU_COUNT(allowed) == 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(nth_cpu(allowed, seat->cpu), &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
}

static bool gate_passed(struct ensemble *ensemble)
{
	atomic_fetch_add(&ensemble->ready, 1);
	while (atomic_load(&ensemble->gate) == GATE_SHUT)
		sched_yield();
	return atomic_load(&ensemble->gate) == GATE_OPEN;
}

static void *seat_main(void *argument)
{
	struct seat *seat = argument;

	if (seat->player.round->pin)
		pin(seat);
	if (!gate_passed(seat->ensemble))
		return NULL;
	seat->begin_ns = now_ns();
	player_play(&seat->player);
	seat->end_ns = now_ns();
	return NULL;
}

static bool seat_start(const struct round *round, struct ensemble *ensemble, uint32_t cpu)
{
	struct seat *seat = &ensemble->seats[cpu];
	int error;

	*seat = (struct seat){ .ensemble = ensemble, .cpu = cpu };
	seat->player = (struct player){
		.round = round,
		.program = &round->program->cpu[cpu],
		.next_wait = round->program->cpu[cpu].waits,
		.mine = &ensemble->progress[cpu],
		.all = ensemble->progress,
		.seen = &ensemble->seen[cpu * ensemble->cpus],
		.failed = &ensemble->failed,
	};
	error = pthread_create(&seat->thread, NULL, seat_main, seat);
	if (error != 0)
		say("%s: cannot start thread %u: %s", round->trace->path, cpu, strerror(error));
	return error == 0;
}

static bool prepare(struct ensemble *ensemble, uint32_t cpus)
{
	size_t bytes = cpus * sizeof(*ensemble->progress);

	*ensemble = (struct ensemble){ .cpus = cpus };
	ensemble->seats = calloc(cpus, sizeof(*ensemble->seats));
	ensemble->seen = calloc((size_t)cpus * cpus, sizeof(*ensemble->seen));
	ensemble->progress = aligned_alloc(CACHE_LINE_BYTES, bytes);
	if (ensemble->seats == NULL || ensemble->seen == NULL || ensemble->progress == NULL)
		return false;
	memset(ensemble->progress, 0, bytes);
	if (sched_getaffinity(0, sizeof(ensemble->allowed), &ensemble->allowed) != 0)
		CPU_ZERO(&ensemble->allowed);
	return true;
}

static void clean_up(struct ensemble *ensemble)
{
	free(ensemble->seats);
	free(ensemble->seen);
	free(ensemble->progress);
}

static void show_progress(const struct round *round, const struct ensemble *ensemble)
{
	uint64_t done = 0;

	for (uint32_t i = 0; i < ensemble->cpus; i++)
		done += atomic_load(&ensemble->progress[i].steps);
	round->progress(done, round->trace->events);
}

static bool join_for(pthread_t thread, int64_t wait_ns)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	wait_ns += until.tv_nsec;
	until.tv_sec += wait_ns / SECOND_NS;
	until.tv_nsec = wait_ns % SECOND_NS;
	return pthread_timedjoin_np(thread, NULL, &until) == 0;
}

static void join(const struct round *round, const struct ensemble *ensemble, pthread_t thread)
{
	if (round->progress == NULL) {
		pthread_join(thread, NULL);
		return;
	}
	while (!join_for(thread, PROGRESS_NS))
		show_progress(round, ensemble);
}

static double seconds_taken(const struct ensemble *ensemble)
{
	int64_t begin = INT64_MAX, end = INT64_MIN;

	for (uint32_t i = 0; i < ensemble->cpus; i++) {
		const struct seat *seat = &ensemble->seats[i];

		begin = seat->begin_ns < begin ? seat->begin_ns : begin;
		end = seat->end_ns > end ? seat->end_ns : end;
	}
	return (double)(end - begin) / SECOND_NS;
}

/* Returns false when a thread could not be made; those that were have gone home. */
static bool run_threads(const struct round *round, struct ensemble *ensemble)
{
	uint32_t started = 0;
	bool all;

	while (started < ensemble->cpus && seat_start(round, ensemble, started))
		started++;
	while (atomic_load(&ensemble->ready) < started)
		sched_yield();
	all = started == ensemble->cpus;
	atomic_store(&ensemble->gate, all ? GATE_OPEN : GATE_GO_HOME);
	for (uint32_t i = 0; i < started; i++)
		join(round, ensemble, ensemble->seats[i].thread);
	return all && !atomic_load(&ensemble->failed);
}

bool round_play(const struct round *round, double *seconds)
{
	struct ensemble ensemble;
	bool played = false;

	if (!prepare(&ensemble, round->program->cpus))
		say("%s: out of memory", round->trace->path);
	else
		played = run_threads(round, &ensemble);
	if (played)
		*seconds = seconds_taken(&ensemble);
	clean_up(&ensemble);
	return played;
}

static bool free_slot(const struct round *round, struct slot *slot)
{
	const struct kind *kind = &round->kinds->kind[round->trace->records[slot->record].entry];

	if (round->check && !word_is_right(slot->object, kind->bytes, slot->record)) {
		player_say_wrong_word(round, slot, -1);
		return false;
	}
	object_give(round->allocator, kind, slot->object);
	slot->object = NULL;
	return true;
}

bool round_free_live(const struct round *round)
{
	for (uint32_t i = 0; i < round->trace->slots; i++)
		if (round->slots[i].object != NULL && !free_slot(round, &round->slots[i]))
			return false;
	return true;
}
