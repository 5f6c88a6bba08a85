/*
 * machine.h: what the tests on a real machine of two nodes have in common.
 *
 * The machine is tests/guest's: CPUs 0 and 1 with node 0, 2 and 3 with node 1, which has
 * 128 MiB. Elsewhere these tests are passed over. Nothing here is made up: threads are
 * bound to CPUs with sched_setaffinity, and where a page lies the kernel is asked.
 */
#ifndef NUMA_MACHINE_H
#define NUMA_MACHINE_H

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ukmem/pages.h>
#include <ukmem/slab.h>

#include "harness/look.h"
#include "harness/test.h"
#include "os/clock.h"

enum { CPUS = 4, PATIENCE_MS = 200000 };

static inline unsigned real_node_of_cpu(unsigned cpu)
{
	return cpu / 2;
}

static inline void go_to_cpu(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	EXPECT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

static inline void go_anywhere(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		CPU_SET(cpu, &set);
	EXPECT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* The OS's node of the page at @address: touched by us, then asked for. */
static inline int lies_on(void *address)
{
	int status = -1;

	*(volatile char *)address = *(volatile char *)address;
	EXPECT_EQ(syscall(SYS_move_pages, 0, 1ul, &address, NULL, &status, 0), 0);
	return status;
}

/* Write one word to a file of the system; false when it won't have it. */
static inline bool write_word(const char *path, const char *word)
{
	int file = open(path, O_WRONLY);
	bool written = file >= 0 && write(file, word, strlen(word)) == (ssize_t)strlen(word);

	if (file >= 0)
		close(file);
	return written;
}

static inline bool switch_cpu(unsigned cpu, bool on)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	return write_word(path, on ? "1" : "0");
}

/* The figure named @what of a node, in bytes; 0 when there is none. */
static inline size_t node_bytes(unsigned node, const char *what)
{
	char path[64], line[128];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/meminfo", node);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strstr(line, what) != NULL && sscanf(strchr(line, ':') + 1, "%lu", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return (size_t)kib << 10;
}

/* First in every test: all CPUs on, or the test is passed over. */
static inline void need_two_nodes(void)
{
	if (access("/sys/devices/system/node/node1/cpu3", F_OK) != 0)
		test_skip("no machine of two nodes");
	for (unsigned cpu = 1; cpu < CPUS; cpu++)
		switch_cpu(cpu, true);
	go_anywhere();
}

#define EVENTUALLY(condition)                                                   \
	do {                                                                    \
		uint64_t began_ms = clock_ms();                                 \
		while (!(condition)) {                                          \
			EXPECT(clock_ms() - began_ms < PATIENCE_MS && #condition != NULL); \
			usleep(1000);                                           \
		}                                                               \
	} while (0)

#endif
