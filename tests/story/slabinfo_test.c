#include <errno.h>
#include <stdio.h>

#include <ukmem/stats.h>

#include "harness/look.h"
#include "harness/test.h"

TEST_ON(FOUR_CPUS, a_line_counts_objects_and_slabs)
{
	struct kmem_cache *cache;
	void *objects[100];

	run_on_cpu(0);
	cache = cache_of("story", 64);
	EXPECT_STR(slabinfo_line("story"),
		   "story                  0      0     64   64    1 : tunables  120   60    8"
		   " : slabdata      0      0      0");
	take_objects(cache, objects, 100);
	kmem_cache_shrink(cache);
	EXPECT_STR(slabinfo_line("story"),
		   "story                100    128     64   64    1 : tunables  120   60    8"
		   " : slabdata      2      2      0");
}

TEST_ON(FOUR_CPUS, a_free_slab_counts_as_a_slab_but_not_as_an_active_one)
{
	struct kmem_cache *cache;
	void *objects[129];

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, 129);
	kmem_cache_shrink(cache);
	give_objects(cache, objects, 64);
	cpu_drain_all(&cache->cpu);
	EXPECT_CONTAINS(slabinfo_line("story"), " : slabdata      2      3      0");
}

/* Stride, and Linux's limit, batchcount and shared for it. */
static const unsigned tunables[][4] = {
	{ 16, 120, 60, 8 }, { 256, 120, 60, 8 }, { 264, 54, 27, 8 }, { 1024, 54, 27, 8 },
	{ 1032, 24, 12, 8 }, { 4096, 24, 12, 8 }, { 4104, 8, 4, 0 }, { 131072, 8, 4, 0 },
	{ 131080, 1, 1, 0 }, { 4 << 20, 1, 1, 0 },
};

TEST_ON(FOUR_CPUS, arrays_are_as_long_as_in_linux)
{
	run_on_cpu(0);
	for (size_t i = 0; i < ARRAY_LENGTH(tunables); i++) {
		struct kmem_cache *cache = cache_of("story", tunables[i][0]);

		EXPECT_EQ(cache->cpu.limit, tunables[i][1]);
		EXPECT_EQ(cache->cpu.batchcount, tunables[i][2]);
		EXPECT_EQ(cache->cpu.shared, tunables[i][3]);
		kmem_cache_destroy(cache);
	}
}

TEST_ON(FOUR_CPUS, what_waits_in_the_shared_array_is_told)
{
	struct kmem_cache *cache;
	void *objects[200];

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, 200);
	give_objects(cache, objects, 121);
	EXPECT_CONTAINS(slabinfo_line("story"), "     60");
}

TEST(the_text_begins_as_in_linux)
{
	static const char head[] =
		"slabinfo - version: 2.1\n"
		"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
		" : tunables <limit> <batchcount> <sharedfactor>"
		" : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
	char text[400];

	slabinfo_read(text, sizeof(text));
	EXPECT_EQ(strncmp(text, head, sizeof(head) - 1), 0);
}

TEST(a_text_that_does_not_fit_is_cut_and_its_length_told)
{
	char whole[64 << 10], part[100];
	size_t length = slabinfo_read(NULL, 0);

	EXPECT_EQ(slabinfo_read(whole, sizeof(whole)), length);
	EXPECT_EQ(strlen(whole), length);
	memset(part, 'x', sizeof(part));
	EXPECT_EQ(slabinfo_read(part, 50), length);
	EXPECT_EQ(strlen(part), 49);
	EXPECT_EQ(part[50], 'x');
	EXPECT_EQ(memcmp(part, whole, 49), 0);
	EXPECT_EQ(slabinfo_read(part, 1), length);
	EXPECT_STR(part, "");
}

static void check_line(const char *line)
{
	char name[64];
	unsigned long active, objects, size, per_slab, pages, limit, batch, shared;
	unsigned long active_slabs, slabs, waiting;

	EXPECT_NE(line, NULL);
	EXPECT_EQ(sscanf(line, "%63s %lu %lu %lu %lu %lu : tunables %lu %lu %lu : slabdata %lu %lu %lu",
			 name, &active, &objects, &size, &per_slab, &pages, &limit, &batch, &shared,
			 &active_slabs, &slabs, &waiting), 12);
	EXPECT(active <= objects && active_slabs <= slabs);
	EXPECT_EQ(objects, slabs * per_slab);
	EXPECT(per_slab * size <= pages * 4096);
}

TEST(every_line_has_the_fields_and_adds_up)
{
	char text[64 << 10];
	unsigned lines = 0;

	kfree(kmalloc(10000, GFP_KERNEL));
	slabinfo_read(text, sizeof(text));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (lines++ >= 2)
			check_line(line);
	EXPECT(lines >= 20 + 9);
}

TEST_ON(FOUR_CPUS, writing_a_line_tunes_the_cache)
{
	struct kmem_cache *cache;
	static const char line[] = "story 40 20 3\n";

	run_on_cpu(0);
	cache = cache_of("story", 64);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_EQ(slabinfo_write(line, strlen(line)), strlen(line));
	EXPECT_EQ(cache->cpu.limit, 40);
	EXPECT_EQ(cache->cpu.batchcount, 20);
	EXPECT_EQ(array_of(cache, 0)->limit, 40);
	EXPECT_EQ(node_of(cache, 0)->shared->limit, 60);
	EXPECT_EQ(node_of(cache, 0)->free_limit, 5 * 20 + 64);
	EXPECT_CONTAINS(slabinfo_line("story"), "tunables   40   20    3");
}

/* Who reads the table takes it apart at blanks and line breaks, as Linux's readers do. */
TEST_ON(FOUR_CPUS, a_byte_that_is_not_visible_is_shown_as_a_question_mark)
{
	run_on_cpu(0);
	cache_of("a b\tc\nd\033\303\266\177~", 64);
	check_line(slabinfo_line("a?b?c?d????~"));
}

TEST_ON(FOUR_CPUS, a_name_is_shown_whole_up_to_the_191_bytes_that_are_kept)
{
	char name[300], kept[192];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	memset(kept, 'n', sizeof(kept));
	kept[sizeof(kept) - 1] = '\0';
	run_on_cpu(0);
	cache_of(name, 64);
	EXPECT_NE(slabinfo_line(kept), NULL);
}

TEST_ON(FOUR_CPUS, a_line_written_names_the_cache_as_it_is_shown_or_as_it_is)
{
	static const char shown[] = "gr????e?1 40 20 3", own[] = "gr\303\266\303\237e\t1 30 10 2";
	struct kmem_cache *cache;

	run_on_cpu(0);
	cache = cache_of("gr\303\266\303\237e\t1", 64);
	EXPECT_EQ(slabinfo_write(shown, strlen(shown)), strlen(shown));
	EXPECT_EQ(cache->cpu.limit, 40);
	EXPECT_EQ(slabinfo_write(own, strlen(own)), strlen(own));
	EXPECT_EQ(cache->cpu.limit, 30);
}

TEST_ON(FOUR_CPUS, of_caches_that_look_alike_the_newest_is_tuned)
{
	static const char line[] = "twin?1 40 20 3";
	struct kmem_cache *older, *newest;

	run_on_cpu(0);
	older = cache_of("twin 1", 64);
	newest = cache_of("twin\t1", 64);
	EXPECT_EQ(slabinfo_write(line, strlen(line)), strlen(line));
	EXPECT_EQ(newest->cpu.limit, 40);
	EXPECT_EQ(older->cpu.limit, 120);
}

TEST_ON(FOUR_CPUS, tuning_keeps_objects_in_order)
{
	struct kmem_cache *cache;
	void *objects[100];

	run_on_cpu(0);
	cache = cache_of("story", 64);
	take_objects(cache, objects, 100);
	give_objects(cache, objects, 100);
	EXPECT_EQ(kmem_cache_tune(cache, 10, 5, 0), 0);
	EXPECT_EQ(array_of(cache, 0)->avail, 0);
	EXPECT_NULL(node_of(cache, 0)->shared);
	EXPECT_EQ(cache_active_objects(cache), 0);
	check_everything();
}

TEST(the_numbers_add_up)
{
	struct ukmem_stats stats;

	kfree(kmalloc(100, GFP_KERNEL));
	ukmem_stats_read(&stats);
	EXPECT(stats.caches >= 20);
	EXPECT(stats.alloc_refills >= 1 && stats.slabs_grown >= 1);
	EXPECT(stats.pages_free_bytes < stats.pages_committed_bytes);
	EXPECT(stats.pages_resident_bytes <= stats.pages_committed_bytes);
	EXPECT_EQ(stats.nodes, topology.nodes);
	EXPECT_EQ(stats.backend_is_rseq, backend_is_rseq());
	EXPECT_EQ(stats.index_is_cid, index_is_cid());
}
