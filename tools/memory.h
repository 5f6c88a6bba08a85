/*
 * memory.h: how much memory this process has in use, as the kernel counts it.
 *
 * Figures are -1 where /proc does not tell.
 */
#ifndef TOOLS_MEMORY_H
#define TOOLS_MEMORY_H

#include <stdint.h>

int64_t memory_now_bytes(void);

/* The most there was since memory_peak_reset (since the start, where it cannot be reset). */
int64_t memory_peak_bytes(void);
void memory_peak_reset(void);

#endif
