#include "os/topology.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness/test.h"
#include "os/file.h"
#include "os/options.h"

TEST(this_machine_has_cpus_and_nodes)
{
	unsigned sum = 0;

	topology_init();
	EXPECT(topology.slots >= 1 && topology.slots <= CPUS_MAX);
	EXPECT(topology.nodes >= 1 && topology.nodes <= NODES_MAX);
	EXPECT(topology.cpus_online >= 1 && topology.cpus_online <= topology.slots);
	EXPECT(topology.memory_bytes > (16ul << 20));
	for (unsigned node = 0; node < topology.nodes; node++)
		sum += topology.cpus_online_of[node];
	EXPECT_EQ(sum, topology.cpus_online);
	EXPECT(!topology.fake);
}

/* The kernel is asked by a system call where there is one node, and by files elsewhere. */
TEST(nodes_are_those_with_memory_by_the_file)
{
	char list[64];
	char *end;

	if (!read_file("/sys/devices/system/node/has_memory", list, sizeof(list)))
		test_skip("no file tells");
	topology_init();
	EXPECT_EQ(topology.os_node[0], strtol(list, &end, 10));
	EXPECT_EQ(topology.nodes == 1, *end == '\n');
}

TEST(a_quota_leaves_a_cpu_at_least_and_changes_no_made_up_machine)
{
	unsigned before;

	topology_init();
	before = topology.cpus_online;
	topology_heed_quota();
	EXPECT(topology.cpus_online >= 1 && topology.cpus_online <= before);
	topology_fake(8, 2);
	topology_heed_quota();
	EXPECT_EQ(topology.cpus_online, 8);
}

TEST(made_up_cpus_are_dealt_to_nodes_in_equal_consecutive_shares)
{
	topology_fake(8, 2);
	EXPECT_EQ(topology.slots, 8);
	EXPECT_EQ(topology.cpus_online, 8);
	EXPECT_EQ(topology.cpus_online_of[0], 4);
	EXPECT_EQ(topology.cpus_online_of[1], 4);
	for (unsigned cpu = 0; cpu < 8; cpu++)
		EXPECT_EQ(node_of_cpu(cpu), cpu / 4);
}

TEST(shares_may_be_uneven_but_every_node_has_a_cpu)
{
	for (unsigned nodes = 1; nodes <= 8; nodes++)
		for (unsigned cpus = nodes; cpus <= 64; cpus++) {
			topology_fake(cpus, nodes);
			for (unsigned node = 0; node < nodes; node++)
				EXPECT(topology.cpus_online_of[node] >= cpus / nodes);
		}
}

TEST(the_option_makes_the_machine_up)
{
	options.fake_cpus = 6;
	options.fake_nodes = 3;
	topology_init();
	EXPECT(topology.fake);
	EXPECT_EQ(topology.slots, 6);
	EXPECT_EQ(topology.nodes, 3);
	EXPECT(topology.memory_bytes != 0);
}

TEST(only_nodes_of_the_machine_exist)
{
	topology_fake(4, 2);
	EXPECT(node_exists(0) && node_exists(1));
	EXPECT(!node_exists(2) && !node_exists(-1) && !node_exists(-2) && !node_exists(1 << 30));
}

/* A boot that is refused memory begins again. */
TEST(looked_at_twice_it_is_the_same_machine)
{
	unsigned slots, nodes, online;

	topology_init();
	slots = topology.slots;
	nodes = topology.nodes;
	online = topology.cpus_online;
	topology_init();
	EXPECT_EQ(topology.slots, slots);
	EXPECT_EQ(topology.nodes, nodes);
	EXPECT_EQ(topology.cpus_online, online);
}

/* A world of this test's own, where something else is mounted at @path, in /sys. */
static void mount_over(const char *path, const char *from, const char *type, unsigned long flags)
{
	if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		test_skip("no mount of one's own is to be had");
	EXPECT_EQ(mount(NULL, "/sys", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	EXPECT_EQ(mount(from, path, type, flags, NULL), 0);
}

TEST(without_sys_there_are_slots_for_all_cpus_and_not_for_thousands)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	mount_over("/sys", "none", "tmpfs", 0);
	topology_init();
	EXPECT(topology.slots >= (unsigned)cpus);
	EXPECT(topology.slots <= 1024);
	EXPECT_EQ(topology.nodes, 1);
	EXPECT(topology.cpus_online >= 1 && topology.cpus_online <= (unsigned)cpus);
}

/* A container may say what it likes: a sequence takes the slot that the kernel names. */
TEST(a_cpu_that_we_may_use_has_a_slot_whatever_files_say)
{
	char path[] = "/tmp/ukmem-possible-XXXXXX";
	int file = mkstemp(path);
	cpu_set_t set;

	EXPECT_EQ(write(file, "0\n", 2), 2);
	EXPECT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
	mount_over("/sys/devices/system/cpu/possible", path, NULL, MS_BIND);
	unlink(path);
	topology_init();
	for (unsigned cpu = topology.slots; cpu < CPU_SETSIZE; cpu++)
		EXPECT(!CPU_ISSET(cpu, &set));
}

/* Every other CPU of a large machine, say. */
TEST(lists_may_be_longer_than_a_buffer)
{
	enum { CPUS = 3000 };
	char path[] = "/tmp/ukmem-online-XXXXXX";
	int file = mkstemp(path);

	for (unsigned cpu = 0; cpu < CPUS; cpu += 2)
		dprintf(file, "%s%u", cpu != 0 ? "," : "", cpu);
	dprintf(file, ",%u-%u\n", CPUS + 10, CPUS + 20);
	mount_over("/sys/devices/system/cpu/possible", path, NULL, MS_BIND);
	unlink(path);
	topology_init();
	EXPECT_EQ(topology.slots, CPUS + 21);
}
