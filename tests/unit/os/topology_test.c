#include "os/topology.h"

#include <unistd.h>

#include "harness/test.h"
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
