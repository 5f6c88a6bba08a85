/*
 * A control group that pays for one CPU only, of a machine with more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness/look.h"
#include "harness/test.h"
#include "malloc/heap.h"

/* As the drop-in does (preload/start.c). */
int boot_heap(void)
{
	return heap_init();
}

static char groups[64];

static void drop_groups(void)
{
	static const char *const names[] = { "cpu.max", "cpu/cpu.cfs_quota_us",
					     "cpu/cpu.cfs_period_us", "cpu", "" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", groups, names[i]);
		EXPECT_EQ(remove(path), 0);
	}
}

static void put(const char *file, const char *text)
{
	char path[128];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", groups, file);
	stream = fopen(path, "w");
	EXPECT(stream != NULL && fputs(text, stream) >= 0 && fclose(stream) == 0);
}

/* In the root of both versions: this process is below one of them. */
static void pay_for_one_cpu(void)
{
	char path[128];

	strcpy(groups, "/tmp/ukmem-groups-XXXXXX");
	EXPECT_NE(mkdtemp(groups), NULL);
	snprintf(path, sizeof(path), "%s/cpu", groups);
	EXPECT_EQ(mkdir(path, 0755), 0);
	put("cpu.max", "90000 100000\n");
	put("cpu/cpu.cfs_quota_us", "90000\n");
	put("cpu/cpu.cfs_period_us", "100000\n");
	topology_groups = groups;
	topology_init();
	if (topology.cpus_online == 1 || topology.nodes > 1)
		test_skip("a quota counts on machines of one node and several CPUs");
}

static unsigned shared_of(const char *line)
{
	unsigned limit, batchcount, shared;
	const char *tunables = line != NULL ? strstr(line, ": tunables") : NULL;

	EXPECT(tunables != NULL && sscanf(tunables, ": tunables %u %u %u", &limit, &batchcount,
					  &shared) == 3);
	return shared;
}

TEST_ON("reaper:off", boot_counts_what_is_paid_for_and_shares_nothing_on_one_cpu)
{
	pay_for_one_cpu();
	kfree(kmalloc(64, GFP_KERNEL));
	drop_groups();
	EXPECT_EQ(topology.cpus_online, 1);
	EXPECT_EQ(topology.cpus_online_of[0], 1);
	EXPECT_EQ(shared_of(slabinfo_line("kmalloc-64")), 0);
	check_everything();
}

TEST_ON("profile:fast reaper:off", malloc_alone_does_not_read_it)
{
	pay_for_one_cpu();
	heap_free(heap_alloc(64));
	EXPECT(topology.cpus_online > 1);
	EXPECT_NE(kmalloc(64, GFP_KERNEL), NULL);
	drop_groups();
	EXPECT_EQ(topology.cpus_online, 1);
}
