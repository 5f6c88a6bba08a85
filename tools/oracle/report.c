/*
 * report.c: see report.h.
 */
#include "report.h"

#include <stdio.h>
#include <string.h>

static const char *const backend_names[BACKENDS] = {
	[ON_RSEQ] = "rseq",
	[ON_LOCKED] = "locked",
};

static unsigned long rows_of(const struct tally *tally)
{
	return tally->equal + tally->named + tally->different;
}

static void add(struct tally *sum, const struct tally *tally)
{
	sum->equal += tally->equal;
	sum->named += tally->named;
	sum->different += tally->different;
}

static struct tally sum_kind(const struct job *jobs, unsigned count, unsigned backend,
			     unsigned kind)
{
	struct tally sum = { 0 };

	for (unsigned i = 0; i < count; i++)
		if (jobs[i].backend == backend)
			add(&sum, &jobs[i].result->tally[kind]);
	return sum;
}

static void print_tally(const char *name, const struct tally *tally)
{
	printf("  %-16s %8lu / %-8lu equal", name, tally->equal, rows_of(tally));
	if (tally->named != 0)
		printf("   named %lu", tally->named);
	if (tally->different != 0)
		printf("   DIFFERENT %lu", tally->different);
	printf("\n");
}

/* The kinds on one back-end; adds to *@total. */
static void print_backend(const struct job *jobs, unsigned count, unsigned backend,
			  struct tally *total)
{
	struct tally all = { 0 };

	printf("\nback-end %s\n", backend_names[backend]);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		struct tally sum = sum_kind(jobs, count, backend, kind);

		if (rows_of(&sum) != 0)
			print_tally(kind_names[kind], &sum);
		add(&all, &sum);
	}
	print_tally("all", &all);
	add(total, &all);
}

static bool has_backend(const struct job *jobs, unsigned count, unsigned backend)
{
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].backend == backend)
			return true;
	return false;
}

/* One line for each file and back-end that has something to say. */
static void print_differences(const struct job *jobs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct result *result = jobs[i].result;

		if (result->problem[0] != '\0')
			fprintf(stderr, "ukmem-oracle: %s: %s\n", jobs[i].path, result->problem);
		if (result->difference[0] != '\0')
			printf("%s (%s): %s\n", jobs[i].path, backend_names[jobs[i].backend],
			       result->difference);
	}
}

/* The same remark of many files is one line. */
static void print_remarks(const struct job *jobs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned first = 0, alike = 0;

		if (jobs[i].result->remark[0] == '\0')
			continue;
		for (unsigned j = count; j-- > 0;)
			if (strcmp(jobs[j].result->remark, jobs[i].result->remark) == 0) {
				first = j;
				alike++;
			}
		if (first == i)
			printf("remark: %s: %s (%u files)\n", jobs[i].path,
			       jobs[i].result->remark, alike);
	}
}

static void print_named(const struct job *jobs, unsigned count, enum named named, bool verbose)
{
	const struct named_text *text = &named_texts[named];
	unsigned long sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += jobs[i].result->named[named].count;
	if (sum == 0)
		return;
	printf("  %8lu %s  %s\n", sum, text->row ? "rows " : "cells", text->where);
	if (!verbose)
		return;
	printf("                  %s\n", text->reason);
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].result->named[named].count != 0)
			printf("                  %s (%s): %lu, from line %u\n", jobs[i].path,
			       backend_names[jobs[i].backend], jobs[i].result->named[named].count,
			       jobs[i].result->named[named].first_line);
}

/* Nothing compared is no success: the back-end that was asked for may not be there. */
static int status_of(const struct job *jobs, unsigned count, const struct tally *total)
{
	if (rows_of(total) == 0)
		return EXIT_UNUSABLE;
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].result->problem[0] != '\0')
			return EXIT_UNUSABLE;
	return total->different != 0 ? EXIT_DIFFERENT : EXIT_EQUAL;
}

int report(const struct job *jobs, unsigned count, bool verbose)
{
	struct tally total = { 0 };

	print_differences(jobs, count);
	print_remarks(jobs, count);
	for (unsigned backend = 0; backend < BACKENDS; backend++)
		if (has_backend(jobs, count, backend))
			print_backend(jobs, count, backend, &total);
	printf("\nnamed (%s)\n", verbose ? "with reasons and places" : "-v tells why and where");
	for (unsigned named = NAMED_ARGUMENT + 1; named < NAMED_IDS; named++)
		print_named(jobs, count, (enum named)named, verbose);
	printf("\n%lu of %lu rows equal, %lu named, %lu different; %u comparisons of files\n",
	       total.equal, rows_of(&total), total.named, total.different, count);
	return status_of(jobs, count, &total);
}
