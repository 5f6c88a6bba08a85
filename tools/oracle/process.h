/* process.h: the inside of a job's process: boot on its machine, then compare. */
#ifndef ORACLE_PROCESS_H
#define ORACLE_PROCESS_H

#include "job.h"

/* Does not return. The library has not been touched before. */
void process_main(const struct job *job) __attribute__((noreturn));

#endif
