/*
 * topology.c: read CPUs, nodes, affinity and the cgroup's CPU quota.
 *
 * Early and anywhere (before main, inside another thread's first call), so: plain
 * read(2) into a buffer on the stack, no stdio streams. What can't be read is taken
 * as one node with the CPUs of the affinity mask.
 */
#include "os/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"
#include "os/file.h"
#include "os/options.h"
#include "os/quota.h"

struct topology topology;

/*
 * CPUs outside our affinity are never counted as online, whatever happens to them. Of one
 * that is off the mask says nothing: it counts when it comes.
 */
static bool topology_masked[CPUS_MAX];

static bool online_now[CPUS_MAX];

/* Call @visit for every number of a list like "0-3,8,10-11". */
static void for_each_in_list(const char *list, void (*visit)(unsigned number, unsigned arg),
			     unsigned arg)
{
	char *end;

	for (; *list >= '0' && *list <= '9'; list = *end == ',' ? end + 1 : end) {
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < CPUS_MAX; first++)
			visit((unsigned)first, arg);
	}
}

static void note_online_now(unsigned cpu, unsigned arg UNUSED)
{
	online_now[cpu] = true;
}

static bool look_what_is_online(void)
{
	char list[1024];

	if (!read_file("/sys/devices/system/cpu/online", list, sizeof(list)))
		return false;
	memset(online_now, 0, sizeof(online_now));
	for_each_in_list(list, note_online_now, 0);
	return true;
}

static void note_possible_cpu(unsigned cpu, unsigned arg UNUSED)
{
	topology.slots = (unsigned)max_size(topology.slots, cpu + 1);
}

static void note_cpu_of_node(unsigned cpu, unsigned node)
{
	topology.node_of[cpu] = (uint8_t)node;
}

/* A node's list leaves out CPUs that are off; their entries in its folder stay. 0 is where
 * we put the unknown anyway. */
static void note_cpus_off(unsigned os_node, unsigned node)
{
	char path[64];

	for (unsigned cpu = 0; cpu < topology.slots && node != 0; cpu++) {
		if (online_now[cpu])
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpu%u", os_node, cpu);
		if (access(path, F_OK) == 0)
			topology.node_of[cpu] = (uint8_t)node;
	}
}

static void note_node(unsigned os_node, unsigned arg UNUSED)
{
	char path[64], list[1024];
	unsigned node = topology.nodes;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist", os_node);
	if (node == NODES_MAX || !read_file(path, list, sizeof(list)))
		return;
	topology.os_node[node] = (int)os_node;
	topology.nodes++;
	for_each_in_list(list, note_cpu_of_node, node);
	note_cpus_off(os_node, node);
}

static void read_cpus(void)
{
	char list[1024];
	unsigned long set[CPUS_MAX / 64] = { 0 };
	bool known = syscall(SYS_sched_getaffinity, 0, sizeof(set), set) > 0;

	if (read_file("/sys/devices/system/cpu/possible", list, sizeof(list)))
		for_each_in_list(list, note_possible_cpu, 0);
	else
		topology.slots = CPUS_MAX;
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		topology.online[cpu] = !known || (set[cpu / 64] >> (cpu % 64) & 1) != 0;
	if (!look_what_is_online())
		memset(online_now, true, sizeof(online_now));
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		topology_masked[cpu] = online_now[cpu] && !topology.online[cpu];
}

static void read_nodes(void)
{
	char list[1024];

	if (read_file("/sys/devices/system/node/has_memory", list, sizeof(list)) ||
	    read_file("/sys/devices/system/node/online", list, sizeof(list)))
		for_each_in_list(list, note_node, 0);
	if (topology.nodes == 0)
		topology.nodes = 1;
}

static void count_online(void)
{
	memset(topology.cpus_online_of, 0, sizeof(topology.cpus_online_of));
	topology.cpus_online = 0;
	for (unsigned cpu = 0; cpu < topology.slots; cpu++) {
		if (!topology.online[cpu])
			continue;
		topology.cpus_online++;
		topology.cpus_online_of[topology.node_of[cpu]]++;
	}
}

/* A quota makes fewer CPUs' worth of cache useful, however many there are. */
static void apply_quota(void)
{
	char membership[2048];
	unsigned quota;

	if (topology.nodes > 1 ||
	    !read_file("/proc/self/cgroup", membership, sizeof(membership)))
		return;
	quota = quota_cpus("/sys/fs/cgroup", membership, topology.cpus_online);
	topology.cpus_online = quota;
	topology.cpus_online_of[0] = quota;
}

void topology_fake(unsigned cpus, unsigned nodes)
{
	topology = (struct topology){
		.slots = cpus,
		.nodes = nodes,
		.memory_bytes = topology.memory_bytes,
		.fake = true,
	};
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		topology.online[cpu] = true;
		topology.node_of[cpu] = (uint8_t)(cpu * nodes / cpus);
	}
	count_online();
}

void topology_watch(void (*changed)(unsigned cpu, bool online))
{
	if (topology.fake || !look_what_is_online())
		return;
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		if (!topology_masked[cpu] && online_now[cpu] != topology.online[cpu])
			changed(cpu, online_now[cpu]);
}

void topology_init(void)
{
	topology.memory_bytes =
		(unsigned long)sysconf(_SC_PHYS_PAGES) * (unsigned long)sysconf(_SC_PAGESIZE);
	if (options.fake_cpus != 0) {
		topology_fake(options.fake_cpus, options.fake_nodes);
		return;
	}
	read_cpus();
	read_nodes();
	count_online();
	apply_quota();
}
