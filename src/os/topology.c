/*
 * topology.c: read CPUs, nodes, affinity and the cgroup's CPU quota.
 *
 * Early and anywhere (before main, inside another thread's first call), so: plain
 * read(2) into a buffer on the stack, no stdio streams. What can't be read is taken
 * as one node with the CPUs of the affinity mask.
 */
#include "os/topology.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/number.h"
#include "os/file.h"
#include "os/options.h"
#include "os/quota.h"

struct topology topology LONG_TABLE;
const char *topology_groups = "/sys/fs/cgroup";

/*
 * CPUs outside our affinity are never counted as online, whatever happens to them. Of one
 * that is off the mask says nothing: it counts when it comes.
 */
static bool topology_masked[CPUS_MAX] RARELY_USED;

static bool off_now[CPUS_MAX] RARELY_USED;

/* Call @visit for every number of a list like "0-3,8,10-11". */
static void for_each_in_list(const char *list, void (*visit)(unsigned number, unsigned arg),
			     unsigned arg)
{
	for (unsigned first, last; read_number(&list, NULL, &first); list += *list == ',') {
		last = first;
		if (*list == '-') {
			list++;
			read_number(&list, NULL, &last);
		}
		for (; first <= last && first < CPUS_MAX; first++)
			visit(first, arg);
	}
}

/* The same of a file, which may be longer than the buffer. False when it can't be read or is empty. */
static bool for_each_in_file(const char *path, void (*visit)(unsigned number, unsigned arg),
			     unsigned arg)
{
	int file = uncancelled_open(path, O_RDONLY | O_CLOEXEC);
	char text[1024], *rest = text;
	bool found = false;
	ssize_t length;

	if (file < 0)
		return false;
	while ((length = uncancelled_read(file, rest, (size_t)(text + sizeof(text) - 1 - rest))) > 0) {
		char *comma;

		rest += length;
		*rest = '\0';
		comma = strrchr(text, ',');
		if (comma != NULL) {            /* what is behind it may go on */
			*comma++ = '\0';
			for_each_in_list(text, visit, arg);
			memmove(text, comma, (size_t)(rest - comma));
			rest -= comma - text;
		}
		found = true;
	}
	*rest = '\0';
	for_each_in_list(text, visit, arg);
	uncancelled_close(file);
	return found;
}

static void note_online_now(unsigned cpu, unsigned arg UNUSED)
{
	off_now[cpu] = false;
}

static bool look_what_is_online(void)
{
	memset(off_now, true, sizeof(off_now));
	if (for_each_in_file("/sys/devices/system/cpu/online", note_online_now, 0))
		return true;
	memset(off_now, false, sizeof(off_now));
	return false;
}

static void note_possible_cpu(unsigned cpu, unsigned arg UNUSED)
{
	topology.slots = (unsigned)max_size(topology.slots, cpu + 1);
}

static void note_cpu_of_node(unsigned cpu, unsigned node)
{
	topology.node_of[cpu] = (uint8_t)node;
}

/* A node's list leaves out CPUs that are off; their entries in its folder stay. */
static void note_cpus_off(unsigned node)
{
	char path[64];

	for (unsigned cpu = 0; cpu < topology.slots; cpu++) {
		if (!off_now[cpu])
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpu%u",
			 topology.os_node[node], cpu);
		if (access(path, F_OK) == 0)
			topology.node_of[cpu] = (uint8_t)node;
	}
}

static void read_cpus_of_node(unsigned node)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist",
		 topology.os_node[node]);
	for_each_in_file(path, note_cpu_of_node, node);
	note_cpus_off(node);
}

static void note_node(unsigned os_node, unsigned arg UNUSED)
{
	if (topology.nodes < NODES_MAX)
		topology.os_node[topology.nodes++] = (int)os_node;
}

/*
 * How many numbers there may be. The kernel copies as many bytes of a mask as it has CPUs for,
 * in words: without /sys that is the best there is. A file may be made up, in a container, but
 * a CPU that we may use has its number.
 */
static void count_slots(const unsigned long *set, long bytes)
{
	if (!for_each_in_file("/sys/devices/system/cpu/possible", note_possible_cpu, 0))
		topology.slots = bytes > 0 ? (unsigned)bytes * 8 : CPUS_MAX;
	for (unsigned word = CPUS_MAX / 64; word-- > 0;)
		if (set[word] != 0) {
			note_possible_cpu(64 * word + 63 - (unsigned)__builtin_clzl(set[word]), 0);
			break;
		}
}

/* What is in our affinity is online: when all is, there is nothing more to be read. */
static void read_cpus(void)
{
	unsigned long set[CPUS_MAX / 64] = { 0 };
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof(set), set);
	bool known = bytes > 0, all = known;

	count_slots(set, bytes);
	for (unsigned cpu = 0; cpu < topology.slots; cpu++) {
		topology.online[cpu] = !known || (set[cpu / 64] >> (cpu % 64) & 1) != 0;
		all &= topology.online[cpu];
	}
	if (all)
		return;
	look_what_is_online();
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		topology_masked[cpu] = !off_now[cpu] && !topology.online[cpu];
}

/* The one node whose memory we may have; -1: there are several, or the kernel does not say. */
static int only_node(void)
{
	enum { MPOL_F_MEMS_ALLOWED_ = 4, MASK_BITS = 1024 };
	unsigned long mask[MASK_BITS / 64] = { 0 };
	int node = -1;

	if (syscall(SYS_get_mempolicy, NULL, mask, (long)MASK_BITS, NULL, MPOL_F_MEMS_ALLOWED_) != 0)
		return -1;
	for (int word = 0; word < MASK_BITS / 64; word++) {
		if (mask[word] == 0)
			continue;
		if (node >= 0 || (mask[word] & (mask[word] - 1)) != 0)
			return -1;
		node = word * 64 + __builtin_ctzl(mask[word]);
	}
	return node;
}

/* The first node is where CPUs are that no other has. A system call costs less than a file. */
static void read_nodes(void)
{
	int only = only_node();

	topology.nodes = 0;             /* a boot that was refused memory comes here again */
	if (only >= 0)
		note_node((unsigned)only, 0);
	else if (!for_each_in_file("/sys/devices/system/node/has_memory", note_node, 0))
		for_each_in_file("/sys/devices/system/node/online", note_node, 0);
	if (topology.nodes == 0)
		topology.nodes = 1;
	for (unsigned node = 1; node < topology.nodes; node++)
		read_cpus_of_node(node);
}

/* A quota makes fewer CPUs' worth of cache useful, however many there are. On one node. */
static void count_online(void)
{
	memset(topology.cpus_online_of, 0, sizeof(topology.cpus_online_of));
	topology.cpus_online = 0;
	for (unsigned cpu = 0; cpu < topology.slots; cpu++) {
		if (!topology.online[cpu])
			continue;
		topology.cpus_online++;
		topology.cpus_online_of[topology.nodes == 1 ? 0 : topology.node_of[cpu]]++;
	}
	if (topology.quota != 0 && topology.quota < topology.cpus_online)
		topology.cpus_online = topology.cpus_online_of[0] = topology.quota;
}

void topology_set_online(unsigned cpu, bool online)
{
	topology.online[cpu] = online;
	count_online();
}

void topology_heed_quota(void)
{
	char membership[2048];

	if (topology.fake || topology.nodes > 1 || topology.cpus_online == 1 ||
	    !read_file("/proc/self/cgroup", membership, sizeof(membership)))
		return;
	topology.quota = quota_cpus(topology_groups, membership, topology.cpus_online);
	count_online();
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
		if (!topology_masked[cpu] && off_now[cpu] == topology.online[cpu])
			changed(cpu, !off_now[cpu]);
}

void topology_init(void)
{
	struct sysinfo machine;

	if (sysinfo(&machine) == 0)
		topology.memory_bytes = machine.totalram * machine.mem_unit;
	if (options.fake_cpus != 0) {
		topology_fake(options.fake_cpus, options.fake_nodes);
		return;
	}
	read_cpus();
	read_nodes();
	count_online();
}
