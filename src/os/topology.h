/*
 * topology.h: CPUs and nodes, as the OS tells them or as a test makes them up.
 *
 * "cpu" here is a slot number: what the slots of every cache are indexed by. On one
 * node that may be a concurrency id (mm_cid), which has no node of its own and
 * needs none; on several nodes it is the CPU's number.
 */
#ifndef OS_TOPOLOGY_H
#define OS_TOPOLOGY_H

#include "base/compiler.h"

enum {
	CPUS_MAX = 8192,        /* NR_CPUS of Debian's kernels; no larger number comes */
	NODES_MAX = 64,
};

struct topology {
	unsigned slots;         /* possible slot numbers are 0 .. slots-1 */
	unsigned nodes;         /* nodes are 0 .. nodes-1, dense */
	unsigned cpus_online;   /* that this process may use, by its affinity and quota */
	unsigned quota;         /* what the control group pays for; 0: not known */
	bool fake;              /* made up: no memory is bound */
	unsigned long memory_bytes;             /* of the machine */
	unsigned cpus_online_of[NODES_MAX];
	int os_node[NODES_MAX]; /* the OS's number of our node */
	bool online[CPUS_MAX];
	uint8_t node_of[CPUS_MAX];
};

extern OURS struct topology topology;

void topology_init(void);

/*
 * Count the control group's quota too. Apart: that is more to read than all the rest, and
 * a program that only mallocs would learn from it no more than whether to share arrays.
 */
void topology_heed_quota(void);
extern const char *topology_groups;     /* where control groups are mounted; tests have their own */

/* @cpu went or came. */
void topology_set_online(unsigned cpu, bool online);

/*
 * Look again which CPUs are online; @changed is called for each that went or came.
 * Only where slots are CPU numbers does that mean anything.
 */
void topology_watch(void (*changed)(unsigned cpu, bool online));

/* A made-up machine: CPUs dealt to nodes in equal, consecutive shares. */
void topology_fake(unsigned cpus, unsigned nodes);

static inline unsigned node_of_cpu(unsigned cpu)
{
	return topology.node_of[cpu];
}

static inline bool node_exists(int node)
{
	return node >= 0 && (unsigned)node < topology.nodes;
}

#endif
