/*
 * mixed.c: the sizes of mixed workloads.
 *
 * What a Linux 6.18 machine allocated while it compiled, used git and find, ran a
 * network server and a database (2.8 million kmem_cache_alloc and kmalloc calls from
 * tracepoints, both loads weighing the same): the sizes that were 0.2 % of the calls or
 * more, in parts of 1000. 658 bytes on average, half of the calls at most 128.
 */
#include "mixed.h"

#include "worker.h"

static const struct {
	uint16_t bytes, share;
} mixed_table[] = {
	{ 104, 132 }, { 4096, 118 }, { 64, 106 }, { 576, 83 }, { 16, 76 }, { 128, 75 },
	{ 512, 75 },  { 192, 62 },   { 184, 58 }, { 24, 47 },  { 256, 39 }, { 40, 33 },
	{ 96, 30 },   { 32, 18 },    { 1120, 16 }, { 224, 12 }, { 56, 12 }, { 168, 2 },
	{ 112, 2 },   { 312, 2 },    { 1568, 2 },
};

uint16_t mixed_sizes[MIXED_SIZES];
__thread unsigned mixed_at;

static uint16_t pick(uint32_t part)
{
	for (unsigned i = 0; i < sizeof(mixed_table) / sizeof(*mixed_table); i++) {
		if (part < mixed_table[i].share)
			return mixed_table[i].bytes;
		part -= mixed_table[i].share;
	}
	return mixed_table[0].bytes;
}

void mixed_fill(void)
{
	uint32_t seed = 362436069;

	for (unsigned i = 0; i < MIXED_SIZES; i++)
		mixed_sizes[i] = pick(random_below(&seed, 1000));
}
