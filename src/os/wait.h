/*
 * wait.h: sleep until a word changes.
 */
#ifndef OS_WAIT_H
#define OS_WAIT_H

#include "base/compiler.h"

/* Sleep while *@word is @value, at most @ms, and perhaps for no time at all. */
void wait_while(const uint32_t *word, uint32_t value, unsigned ms);

/* Everybody who sleeps on @word wakes up. The caller has changed it. */
void wake_all(const uint32_t *word);

#endif
