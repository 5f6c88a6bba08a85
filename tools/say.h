/*
 * say.h: the one way to complain: a single line on stderr that begins with "ukmem: ".
 */
#ifndef TOOLS_SAY_H
#define TOOLS_SAY_H

/* Bad options, bad files, bad input: one line was said, nothing was changed. */
enum { EXIT_USAGE = 2 };

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
