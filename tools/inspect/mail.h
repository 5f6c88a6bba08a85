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

/*
 * Ask for something without waiting for the answer. No other tool may ask
 * while @pending is not answered. False, without a word, when it can't be asked for now.
 */
struct mail {
	int lock;                      /* -1: nothing is pending */
	uint32_t request;
};
bool mail_post(struct target *target, struct mail *pending, enum field kind, const char *text);

/* Is it answered? From then on others may ask. */
bool mail_is_answered(struct target *target, struct mail *pending);

#endif
