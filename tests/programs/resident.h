/*
 * resident.h: memory that this process has, now, to the page. statm is a sum of counters that
 * some kernels' CPUs add to only now and then (bench/worker/memory.c).
 */
#ifndef PROGRAMS_RESIDENT_H
#define PROGRAMS_RESIDENT_H

#include <stdio.h>
#include <stdlib.h>

static size_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	size_t kib = 0;

	if (file == NULL || fscanf(file, "%*[^\n] Rss: %zu", &kib) != 1)
		exit(2);
	fclose(file);
	return kib * 1024;
}

#endif
