/*
 * Pages land on the node they should, and objects freed elsewhere go home.
 */
#include "numa/machine.h"
#include <ukmem/source.h>
#include <ukmem/stats.h>

enum { ALIEN_LIMIT = 12 };

/* No helper: what waits somewhere stays there until the test moves it. */
#define STILL "profile:slab reaper:off reap_ms:1000000 "

TEST(the_machine_is_found_as_it_is)
{
	need_two_nodes();
	kfree(kmalloc(1, GFP_KERNEL));
	EXPECT_EQ(topology.nodes, 2);
	EXPECT_EQ(topology.slots, CPUS);
	EXPECT_EQ(topology.cpus_online, CPUS);
	EXPECT(!topology.fake);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(node_of_cpu(cpu), real_node_of_cpu(cpu));
}

TEST_ON("backend:rseq ", sequences_serve_it_by_cpu_number)
{
	struct ukmem_stats stats;

	need_two_nodes();
	kfree(kmalloc(1, GFP_KERNEL));
	ukmem_stats_read(&stats);
	EXPECT(stats.backend_is_rseq && !stats.index_is_cid);
	EXPECT_EQ(stats.nodes, 2);
}

/* Objects of a page and of a few bytes, more than one slab of each. */
TEST(an_object_lies_on_the_node_of_its_cpu)
{
	static const unsigned sizes[] = { 32, 256, 4096 };
	char *objects[600];

	need_two_nodes();
	for (unsigned i = 0; i < 3; i++) {
		struct kmem_cache *cache = cache_of("numa", sizes[i]);

		for (unsigned cpu = 0; cpu < CPUS; cpu++) {
			go_to_cpu(cpu);
			take_objects(cache, (void **)objects, 600);
			for (unsigned n = 0; n < 600; n++) {
				EXPECT_EQ(lies_on(objects[n]), real_node_of_cpu(cpu));
				EXPECT_EQ(lies_on(objects[n] + sizes[i] - 1),
					  real_node_of_cpu(cpu));
			}
			give_objects(cache, (void **)objects, 600);
		}
		check_everything();
		kmem_cache_destroy(cache);
	}
}

TEST(kmalloc_and_pages_lie_there_too)
{
	need_two_nodes();
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		unsigned node = real_node_of_cpu(cpu);
		unsigned long pages;
		char *object;

		go_to_cpu(cpu);
		object = kmalloc(100, GFP_KERNEL);
		EXPECT_EQ(lies_on(object), node);
		kfree(object);
		object = kzalloc(300000, GFP_KERNEL);
		EXPECT_EQ(lies_on(object), node);
		EXPECT_EQ(lies_on(object + 299999), node);
		kfree(object);
		pages = __get_free_pages(GFP_KERNEL, 5);
		EXPECT_EQ(lies_on((char *)pages + 31 * PAGE_BYTES), node);
		free_pages(pages, 5);
	}
	check_everything();
}

TEST(an_asked_node_serves_whatever_the_cpu)
{
	struct kmem_cache *cache;

	need_two_nodes();
	cache = cache_of("numa", 200);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		go_to_cpu(cpu);
		for (int i = 0; i < 100; i++) {
			int node = i & 1;
			gfp_t gfp = GFP_KERNEL | (i & 2 ? __GFP_THISNODE : 0);

			EXPECT_EQ(lies_on(kmem_cache_alloc_node(cache, gfp, node)), node);
			EXPECT_EQ(lies_on(kmalloc_node(1000, gfp, node)), node);
			EXPECT_EQ(lies_on(kzalloc_node(20000, gfp, node)), node);
			EXPECT_EQ(lies_on(kmem_page_address(alloc_pages_node(node, gfp, 1))),
				  node);
		}
	}
	check_everything();
}

TEST(pages_given_back_come_again_on_their_node)
{
	struct kmem_cache *cache;
	void *objects[500];

	need_two_nodes();
	cache = cache_of("numa", 4096);
	go_to_cpu(2);
	take_objects(cache, objects, 500);
	give_objects(cache, objects, 500);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	pages_purge(0);
	EXPECT_EQ(pages_dirty(), 0);
	go_to_cpu(0);                           /* who asks for them and touches them now */
	for (int i = 0; i < 500; i++)
		EXPECT_EQ(lies_on(kmem_cache_alloc_node(cache, GFP_KERNEL, 1)), 1);
	check_everything();
}

TEST_ON(STILL, a_remote_free_waits_in_the_alien_cache_and_goes_home_with_others)
{
	struct kmem_cache *cache;
	void *objects[ALIEN_LIMIT + 1];

	need_two_nodes();
	cache = cache_of("numa", 64);
	go_to_cpu(1);
	take_objects(cache, objects, ALIEN_LIMIT + 1);
	EXPECT_EQ(kmem_cache_shrink(cache), 1);

	go_to_cpu(3);
	give_objects(cache, objects, ALIEN_LIMIT);
	EXPECT_EQ(alien_count(cache, 1, 0), ALIEN_LIMIT);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, 0);

	kmem_cache_free(cache, objects[ALIEN_LIMIT]);
	EXPECT_EQ(alien_count(cache, 1, 0), 1);
	EXPECT_EQ(node_of(cache, 0)->shared->avail, ALIEN_LIMIT);
	check_everything();
}

TEST_ON(STILL, an_array_holds_memory_of_its_own_node_only)
{
	enum { COUNT = 1000 };
	static void *objects[COUNT];
	struct kmem_cache *cache;

	need_two_nodes();
	cache = cache_of("numa", 64);
	for (unsigned round = 0; round < 20; round++) {
		go_to_cpu(round % 2);
		take_objects(cache, objects, COUNT);
		go_to_cpu(2 + round % 2);
		give_objects(cache, objects, COUNT / 2);
		go_to_cpu(round % 2);
		give_objects(cache, objects + COUNT / 2, COUNT / 2);
	}
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		struct array_cache *array = array_of(cache, cpu);

		for (unsigned i = 0; i < array->avail; i++)
			EXPECT_EQ(lies_on(array->entry[i]), real_node_of_cpu(cpu));
	}
	EXPECT_EQ(slabs_of(cache), node_of(cache, 0)->total_slabs);     /* none on node 1 */
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

/* ---- Page sources ---------------------------------------------------------------------------- */

enum { SOURCE_BYTES = 8 << 20, TAKEN = 500 };

/* Of node 1: its CPUs have arrays of it, those of node 0 take and give one by one. */
TEST_ON(STILL, a_source_of_a_node_serves_hits_there_and_misses_elsewhere)
{
	struct kmem_source *source = kmem_source_locked(SOURCE_BYTES);
	struct kmem_cache *cache;
	void *objects[TAKEN];

	need_two_nodes();
	EXPECT_EQ(kmem_source_unregister(source), 0);
	source->node = 1;
	EXPECT_EQ(kmem_source_register(source), 0);
	cache = kmem_cache_create("placed", 100, &(struct kmem_cache_args){ .source = source }, 0);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		struct array_cache *array;
		bool at_home = real_node_of_cpu(cpu) == 1;

		go_to_cpu(cpu);
		take_objects(cache, objects, TAKEN);
		for (unsigned i = 0; i < TAKEN; i++) {
			EXPECT((size_t)((char *)objects[i] - (char *)source->base) < SOURCE_BYTES);
			EXPECT_EQ(node_of_address(objects[i]), 1);
		}
		array = array_of(cache, cpu);
		EXPECT_EQ(array->window_limit[(size_t)objects[0] >> WINDOW_SHIFT],
			  at_home ? array->limit : 0);
		give_objects(cache, objects, TAKEN);
		EXPECT_EQ(array->avail != 0, at_home);
	}
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_destroy(source), 0);
}

/* ---- One allocates, the other frees ------------------------------------------------------ */

enum { PASSED = 20000, RING = 64 };

static struct kmem_cache *passed_cache;
static void *_Atomic ring[RING];

/* Thread 0 on node 0 makes objects, thread 1 on node 1 frees them; and the other way round. */
static void pass(unsigned number)
{
	bool makes = number % 2 == 0;
	unsigned lane = number / 2, cpu = (makes ? 0 : 2) ^ (lane ? 2 : 0);

	go_to_cpu(cpu + lane);
	for (unsigned i = 0; i < PASSED; i++) {
		void *_Atomic *place = &ring[lane * RING / 2 + i % (RING / 2)];
		void *object;

		if (makes) {
			object = kmem_cache_alloc(passed_cache, GFP_KERNEL);
			EXPECT_EQ(page_address(slab_of_object(object)) != NULL, true);
			EXPECT_EQ(node_of_address(object), real_node_of_cpu(cpu));
			while (*place != NULL)
				sched_yield();
			*place = object;
		} else {
			while ((object = *place) == NULL)
				sched_yield();
			*place = NULL;
			kmem_cache_free(passed_cache, object);
		}
	}
}

TEST(what_one_node_makes_and_the_other_frees_goes_home)
{
	struct kmem_cache_node *n;

	need_two_nodes();
	passed_cache = cache_of("numa", 64);
	in_threads(4, pass);
	for (unsigned node = 0; node < 2; node++) {
		n = node_of(passed_cache, node);
		EXPECT(n->total_slabs * n->layout->num < PASSED / 4);   /* used again and again */
		for (unsigned cpu = 2 * node; cpu < 2 * node + 2; cpu++)
			for (unsigned i = 0; i < array_of(passed_cache, cpu)->avail; i++)
				EXPECT_EQ(lies_on(array_of(passed_cache, cpu)->entry[i]), node);
	}
	EXPECT_EQ(kmem_cache_shrink(passed_cache), 0);
	check_everything();
	kmem_cache_destroy(passed_cache);
}
