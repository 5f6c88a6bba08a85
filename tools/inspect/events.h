/*
 * events.h: what a program recorded of itself (src/debug/record.h), as a trace.
 */
#ifndef INSPECT_EVENTS_H
#define INSPECT_EVENTS_H

#include "output.h"
#include "target.h"

/* Write the events in @from as a trace into @to. Returns an exit status, after one line if bad. */
int events_to_trace(const char *from, struct output *to);

/*
 * Of a PID, for @seconds at most, or of a program to start; @words ends with NULL. An exit
 * status, likewise.
 */
int record_trace(char **words, const char *output, double seconds);

/* Of a program that was not started for it. */
int record_live(struct target *target, struct output *output, double seconds);

#endif
