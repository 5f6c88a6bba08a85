#include "os/quota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/test.h"

/* A made-up tree of control groups below a directory of our own. */
static char root[64];

static void make_root(void)
{
	strcpy(root, "/tmp/ukmem-quota-XXXXXX");
	EXPECT(mkdtemp(root) != NULL);
}

static void put(const char *directory, const char *file, const char *text)
{
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", root, directory);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", root, directory, file);
	stream = fopen(path, "w");
	EXPECT(stream != NULL);
	fputs(text, stream);
	fclose(stream);
}

static void drop_root(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	EXPECT(system(command) == 0);
}

TEST(without_a_limit_every_cpu_counts)
{
	make_root();
	EXPECT_EQ(quota_cpus(root, "0::/\n", 16), 16);
	put("", "cpu.max", "max 100000\n");
	EXPECT_EQ(quota_cpus(root, "0::/\n", 16), 16);
	EXPECT_EQ(quota_cpus(root, "", 16), 16);
	EXPECT_EQ(quota_cpus(root, "nonsense", 16), 16);
	drop_root();
}

TEST(one_and_a_half_cpus_are_two)
{
	make_root();
	put("", "cpu.max", "150000 100000\n");
	EXPECT_EQ(quota_cpus(root, "0::/\n", 16), 2);
	EXPECT_EQ(quota_cpus(root, "0::/not/visible/here\n", 16), 2);
	drop_root();
}

TEST(the_least_of_the_group_and_those_around_it_counts)
{
	make_root();
	put("a", "cpu.max", "300000 100000\n");
	put("a/b", "cpu.max", "700000 100000\n");
	EXPECT_EQ(quota_cpus(root, "0::/a/b\n", 16), 3);
	put("a/b", "cpu.max", "100000 100000\n");
	EXPECT_EQ(quota_cpus(root, "0::/a/b\n", 16), 1);
	EXPECT_EQ(quota_cpus(root, "0::/a\n", 16), 3);
	drop_root();
}

TEST(more_than_there_is_changes_nothing)
{
	make_root();
	put("", "cpu.max", "9000000 100000\n");
	EXPECT_EQ(quota_cpus(root, "0::/\n", 4), 4);
	drop_root();
}

TEST(version_1_is_read_where_the_cpu_controller_is)
{
	make_root();
	put("cpu", "cpu.cfs_period_us", "100000\n");
	put("cpu", "cpu.cfs_quota_us", "-1\n");
	put("cpu/job", "cpu.cfs_period_us", "50000\n");
	put("cpu/job", "cpu.cfs_quota_us", "200000\n");
	EXPECT_EQ(quota_cpus(root, "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n", 16), 4);
	EXPECT_EQ(quota_cpus(root, "4:cpuacct,cpu:/job\n", 16), 4);
	EXPECT_EQ(quota_cpus(root, "3:cpuset:/job\n2:cpuacct:/job\n", 16), 16);
	drop_root();
}
