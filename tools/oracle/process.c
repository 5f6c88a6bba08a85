/*
 * process.c: see process.h.
 */
#include "process.h"

#include <stdlib.h>
#include <unistd.h>

#include "cache/cache.h"
#include "formats.h"
#include "input.h"

/* More than any file needs; a comparison that hangs must not hang the others. */
enum { SECONDS_MAX = 300 };

static void set_options(const struct job *job)
{
	struct text options = { 0 };

	machine_options(&job->machine, &options);
	text_add(&options, ";backend:%s", job->backend == ON_RSEQ ? "rseq" : "locked");
	if (!job->format->merges)
		text_word(&options, ";slab_nomerge");
	setenv("UKMEM_OPTIONS", options.data, 1);
	text_free(&options);
}

/* This thread is the only one, and on a made-up CPU from before the boot on. */
static bool boot_machine(const struct job *job)
{
	set_options(job);
	threads_all_pretend();
	thread_pretend_cpu(0);
	if (boot_ensure() != 0)
		return false;
	thread_pretend_cpu(0);
	return backend_is_rseq() == (job->backend == ON_RSEQ);
}

void process_main(const struct job *job)
{
	const char *why = "";
	char *text;

	alarm(SECONDS_MAX);
	if (!boot_machine(job)) {
		result_remark(job->result, "the rseq back-end is not to be had here");
		job->result->done = true;
		_exit(0);
	}
	text = input_read(job->path, &why);
	if (text == NULL)
		result_problem(job->result, "%s", why);
	else
		job->format->run(job, text, job->result);
	job->result->done = true;
	_exit(0);
}
