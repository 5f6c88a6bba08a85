/*
 * wait.h: sleep until a word changes.
 */
#ifndef OS_WAIT_H
#define OS_WAIT_H

#include "base/compiler.h"

enum { WAIT_FOREVER = 0x7fffffff, WAKE_ALL = 0x7fffffff };

/* Sleep while *@word, of 32 bits, is @value, at most @ms, and perhaps for no time at all. */
void wait_while(const void *word, uint32_t value, unsigned ms);

/* @count of those who sleep on @word wake up. The caller has changed it. */
void wake(const void *word, int count);

#endif
