/*
 * mail.h: ask a live target's helper thread for something.
 */
#ifndef INSPECT_MAIL_H
#define INSPECT_MAIL_H

#include "target.h"

/*
 * Put @text into the mailbox as a @kind (F_MAIL_TUNE ...), and wait for the answer, at
 * most three rounds of the helper. Returns an exit status, after one line on stderr
 * if it isn't 0.
 */
int mail_send(struct target *target, enum field kind, const char *text);

/* The same, of something that is answered by a number of 0 and more. */
int mail_ask(struct target *target, enum field kind, const char *text, int *answer);

#endif
