/*
 * strays.h: a free into the middle of an object, found by the next refill.
 *
 * A hit of free looks at nothing but the window a pointer is in. But what stood in an array
 * goes on standing there when it was popped, until a refill writes over it. So a refill looks at
 * the places it is about to write. All objects of a cache lie at multiples of some power of
 * two (64 bytes, mostly; with odd sizes as little as 8), and a pointer that does not was none: kmalloc's powers of
 * two are told from anything within them.
 *
 * One OR for two words of lines that the refill writes a moment later; hits are as they were. Unless
 * hardening:off.
 */
#ifndef CPU_STRAYS_H
#define CPU_STRAYS_H

#include "cpu/cpu.h"

/* Before the first @count places of this CPU's array are written. Ends the program if it finds one. */
void cpu_find_strays(struct cpu_arrays *cpu, unsigned count);

#endif
