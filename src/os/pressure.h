/*
 * pressure.h: does the system say that it is short of memory?
 *
 * Linux's pressure stall information: a file of the process's control group, or else of
 * the machine, into which one writes how much stalling is worth a wake-up, and which
 * one then polls. Windows of two seconds may be asked for by anybody (Linux 6.5).
 */
#ifndef OS_PRESSURE_H
#define OS_PRESSURE_H

#include <poll.h>

#include "base/compiler.h"

/* Listen from now on; false when there is no such file or it is refused, for good. */
bool pressure_listen(void);

/*
 * Sleep @ms, or less: true when the system is short of memory. One thread at a time.
 * A program that closes our descriptor under us is no harm: then we only sleep.
 */
bool pressure_sleep(unsigned ms);

/* In the child: what was opened is the parent's. */
void pressure_after_fork(void);

/* Tests: the file to use, and what polls it. */
extern const char *pressure_file;
extern int (*pressure_poll)(struct pollfd *file, nfds_t count, int ms);

#endif
