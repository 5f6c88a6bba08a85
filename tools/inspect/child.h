/*
 * child.h: a program that runs for us: an interrupt from the terminal is for it to answer, and
 * what asks us to end is passed on to it. Then there is still somebody to tell what was seen.
 */
#ifndef INSPECT_CHILD_H
#define INSPECT_CHILD_H

#include <sys/types.h>

void child_begins(pid_t pid);
void child_ended(void);

#endif
