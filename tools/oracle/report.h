/*
 * report.h: what all files together came to, and the exit status that says so.
 */
#ifndef ORACLE_REPORT_H
#define ORACLE_REPORT_H

#include "job.h"

enum { EXIT_EQUAL = 0, EXIT_DIFFERENT = 1, EXIT_UNUSABLE = 2 };

/* Print differences, problems and sums of @jobs; returns an exit status. */
int report(const struct job *jobs, unsigned count, bool verbose);

#endif
