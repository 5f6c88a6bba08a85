/*
 * bench_run.c: take the samples of a row: all allocators in turn, round by round.
 */
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "say.h"

/*
 * Between the two states that one host's virtual CPUs were seen in: a line's round
 * trip of some 60 ns, and of some 346.
 */
static const double NEAR_NS = 150;

/* A round whose samples are of different places is taken again, so many times. */
enum { ATTEMPTS = 3 };

static enum place look(const struct row *row)
{
	if (!row_has(row, 't'))
		return PLACE_ALONE;
	return line_round_trip_ns() < NEAR_NS ? PLACE_NEAR : PLACE_FAR;
}

static void progress(const struct bench *bench, const struct row *row, unsigned round)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%u/%u %s %s, round %u of %u",
			(unsigned)(row - bench->rows) + 1, bench->rows_count, row->workload,
			row->label, round + 1, row->rounds);
}

static struct sample *sample_at(const struct row *row, unsigned peer, unsigned round)
{
	return &row->samples[peer * row->rounds + round];
}

static void take(const struct bench *bench, const struct row *row, unsigned peer,
		 struct sample *sample)
{
	struct worker worker;
	enum place before = look(row);

	worker = worker_start(bench, row, &bench->peers[peer]);
	worker_finish(&worker, sample);
	if (!sample->there)
		return;
	sample->place = look(row) == before ? before : PLACE_MOVED;
}

/* True when all samples are of one place. */
static bool take_in_turn(const struct bench *bench, const struct row *row, unsigned round)
{
	bool same = true;

	for (unsigned peer = 0; peer < bench->peers_count; peer++) {
		struct sample *sample = sample_at(row, peer, round);

		take(bench, row, peer, sample);
		same = same && (!sample->there || (sample->place != PLACE_MOVED &&
				sample->place == sample_at(row, 0, round)->place));
	}
	return same;
}

/* A sample that sleeps most of its time: all at once. */
static void take_together(const struct bench *bench, const struct row *row, unsigned round)
{
	struct worker workers[PEERS_MAX];

	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		workers[peer] = worker_start(bench, row, &bench->peers[peer]);
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		worker_finish(&workers[peer], sample_at(row, peer, round));
}

static void take_round(const struct bench *bench, const struct row *row, unsigned round)
{
	if (row_has(row, 'i')) {
		take_together(bench, row, round);
		return;
	}
	for (int attempt = 0; attempt < ATTEMPTS; attempt++)
		if (take_in_turn(bench, row, round))
			return;
	for (unsigned peer = 0; peer < bench->peers_count; peer++)
		sample_at(row, peer, round)->place = PLACE_MOVED;
}

/* The place that most rounds were of; a row that only ever moved has that for its place. */
static enum place most_common_place(const struct row *row)
{
	unsigned counts[PLACE_MOVED + 1] = { 0 };

	for (unsigned round = 0; round < row->rounds; round++)
		counts[sample_at(row, 0, round)->place]++;
	if (counts[PLACE_ALONE] > 0)
		return PLACE_ALONE;
	if (counts[PLACE_NEAR] + counts[PLACE_FAR] == 0)
		return PLACE_MOVED;
	return counts[PLACE_NEAR] >= counts[PLACE_FAR] ? PLACE_NEAR : PLACE_FAR;
}

bool bench_run_row(struct bench *bench, unsigned number)
{
	struct row *row = &bench->rows[number];

	row->samples = calloc((size_t)bench->peers_count * row->rounds, sizeof(*row->samples));
	if (row->samples == NULL) {
		say("bench: out of memory");
		return false;
	}
	for (unsigned round = 0; round < row->rounds; round++) {
		progress(bench, row, round);
		take_round(bench, row, round);
	}
	row->place = most_common_place(row);
	return true;
}
