/*
 * job.h: one file to compare on one machine and one back-end.
 */
#ifndef ORACLE_JOB_H
#define ORACLE_JOB_H

#include "machine.h"
#include "result.h"

enum backend_choice { ON_RSEQ, ON_LOCKED, ON_NEITHER, BACKENDS = ON_NEITHER };

struct job;
typedef void job_function(const struct job *job, char *text, struct result *result);

/* What a file is, by how it begins. */
struct format {
	const char *begin;
	enum kind kind;
	job_function *run;
	bool merges;            /* caches may be merged */
};

struct job {
	const char *path;
	const struct format *format;
	enum kind kind;         /* of its rows: the format's, or a narrower one */
	struct machine machine;
	enum backend_choice backend;
	const char *const *tables;      /* all other files found, NULL at the end */
	struct result *result;
};

/* Run all jobs, at most @at_once at a time, each in a process of its own. */
void jobs_run(struct job *jobs, unsigned count, unsigned at_once);

#endif
