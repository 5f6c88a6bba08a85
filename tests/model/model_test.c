/*
 * Random operations of four threads against a slow and obvious reference.
 *
 * The reference is a table of what each thread holds: where, how large, of which cache,
 * and the number that was written all over it. Whatever the library does wrong with
 * memory, sooner or later a number is found changed, an object in a state its cache did
 * not leave it in, two objects in one place, or a count that differs from the table.
 *
 * Worlds (machine, options) are drawn from the seed too. MODEL_SEED=n replays; what
 * threads do between two looks at the clock is not replayed. MODEL_OPERATIONS=n is how
 * many operations one run of this program makes, over all worlds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/look.h"
#include "harness/test.h"
#include "model/contents.h"
#include "os/options.h"

enum { THREADS = 4, HELD_MAX = 2000, CACHES = 6, ROUNDS = 8, SWAPS = 64, WORLDS = 9, WORLD_STRICT = 8 };
static struct thread_table {
	struct held held[HELD_MAX];
	unsigned count;
	uint64_t random, next_number;
} tables[THREADS];

static struct model_cache {
	struct kmem_cache *cache;
	unsigned size;
	bool constructed;
} caches[CACHES];

/* Objects on their way from one thread to another. */
static struct held *_Atomic swaps[SWAPS];
static bool pretending;
static unsigned long operations;

static void ctor_32(void *object)
{
	memset(object, CTOR_BYTE, 32);
}

static void ctor_400(void *object)
{
	memset(object, CTOR_BYTE, 400);
}

/* ---- One thread's operations ----------------------------------------------------------- */

static uint64_t draw(struct thread_table *table, uint64_t below)
{
	return (random_next(&table->random) >> 11) % below;
}

static void hold(struct thread_table *table, struct held held)
{
	EXPECT_NE(held.object, NULL);
	held.number = table->next_number++ * 0x9e3779b97f4a7c15u;
	stamp(&held);
	table->held[table->count++] = held;
}

static struct held take_out(struct thread_table *table, uint64_t index)
{
	struct held held = table->held[index];

	table->held[index] = table->held[--table->count];
	check_stamp(&held, held.size);
	return held;
}

/* Constructed objects go back as they came. */
static void make_ready(const struct held *held)
{
	if (held->cache != KMALLOC && caches[held->cache].constructed)
		memset(held->object, CTOR_BYTE, held->size);
}

static void give(struct thread_table *table, struct held held)
{
	make_ready(&held);
	if (held.cache == KMALLOC || draw(table, 4) == 0)
		kfree(held.object);
	else
		kmem_cache_free(caches[held.cache].cache, held.object);
}

static void op_alloc(struct thread_table *table)
{
	int index = (int)draw(table, CACHES);
	struct model_cache *cache = &caches[index];
	struct held held = { .size = cache->size, .cache = index };
	uint64_t kind = draw(table, 8);

	if (kind == 0 && !cache->constructed) {
		held.object = kmem_cache_zalloc(cache->cache, GFP_KERNEL);
		check_filled(&held, 0);
	} else if (kind == 1) {
		held.object = kmem_cache_alloc_node(cache->cache, GFP_KERNEL,
						    (int)draw(table, topology.nodes));
	} else if (kind == 2) {
		held.object = kmem_cache_alloc(cache->cache, GFP_ATOMIC);
		if (held.object == NULL)
			return;
	} else {
		held.object = kmem_cache_alloc(cache->cache, GFP_KERNEL);
	}
	if (cache->constructed)
		check_filled(&held, CTOR_BYTE);
	hold(table, held);
}

static void op_kmalloc(struct thread_table *table)
{
	struct held held = { .size = 1 + draw(table, 16u << draw(table, 10)), .cache = KMALLOC };
	gfp_t gfp = GFP_KERNEL | (draw(table, 8) == 0 ? __GFP_RECLAIMABLE : 0);

	if (draw(table, 4) == 0) {
		held.object = kzalloc(held.size, gfp);
		check_filled(&held, 0);
	} else {
		held.object = kmalloc(held.size, gfp);
	}
	EXPECT(ksize(held.object) >= held.size);
	hold(table, held);
}

static void op_free(struct thread_table *table)
{
	if (table->count != 0)
		give(table, take_out(table, draw(table, table->count)));
}

static void op_krealloc(struct thread_table *table)
{
	uint64_t index = draw(table, HELD_MAX);
	struct held held;
	size_t size;

	if (index >= table->count || table->held[index].cache != KMALLOC)
		return;
	held = take_out(table, index);
	size = 1 + draw(table, 16u << draw(table, 10));
	held.object = krealloc(held.object, size, GFP_KERNEL);
	EXPECT_NE(held.object, NULL);
	check_stamp(&held, size < 64 && size < held.size ? size : held.size < 64 ? held.size : 64);
	held.size = size;
	hold(table, held);
}

static void op_bulk(struct thread_table *table)
{
	int index = (int)draw(table, CACHES);
	size_t count = 1 + draw(table, 100);
	void *objects[100];

	if (table->count + count > HELD_MAX)
		return;
	EXPECT_EQ(kmem_cache_alloc_bulk(caches[index].cache, GFP_KERNEL, count, objects), count);
	for (size_t i = 0; i < count; i++)
		hold(table, (struct held){ .object = objects[i], .size = caches[index].size,
					   .cache = index });
	if (draw(table, 2) == 0)
		return;
	for (size_t i = count; i-- > 0;) {
		struct held held = take_out(table, table->count - 1);

		make_ready(&held);
		objects[i] = held.object;
	}
	kmem_cache_free_bulk(caches[index].cache, count, objects);
}

/* Put one of ours where others look, and take what lies there. */
static void op_swap(struct thread_table *table)
{
	struct held *mine = NULL, *theirs;

	if (table->count != 0) {
		mine = malloc(sizeof(*mine));
		*mine = take_out(table, draw(table, table->count));
	}
	theirs = atomic_exchange(&swaps[draw(table, SWAPS)], mine);
	if (theirs == NULL)
		return;
	check_stamp(theirs, theirs->size);
	if (draw(table, 2) == 0 && table->count < HELD_MAX)
		table->held[table->count++] = *theirs;
	else
		give(table, *theirs);
	free(theirs);
}

/* A cache of this thread's own, for a moment. */
static void op_create(struct thread_table *table)
{
	unsigned size = 1 + (unsigned)draw(table, 9000);
	struct kmem_cache *cache = kmem_cache_create("moment", size, 0, draw(table, 2) ?
			SLAB_HWCACHE_ALIGN : 0, NULL);
	void *objects[40];

	EXPECT_NE(cache, NULL);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 40, objects), 40);
	for (int i = 0; i < 40; i++)
		memset(objects[i], i, size);
	for (int i = 0; i < 40; i++)
		EXPECT_EQ(((unsigned char *)objects[i])[size - 1], i);
	kmem_cache_free_bulk(cache, 40, objects);
	kmem_cache_destroy(cache);
}

static void op_tune(struct thread_table *table)
{
	struct kmem_cache *cache = caches[draw(table, CACHES)].cache;
	int limit = 1 + (int)draw(table, draw(table, 4) == 0 ? 700 : 150);

	EXPECT_EQ(kmem_cache_tune(cache, limit, 1 + (int)draw(table, (uint64_t)limit),
				  (int)draw(table, 9)), 0);
}

static void op_reap(struct thread_table *table)
{
	lock_take(&registry_lock);
	cache_reap_cpu(caches[draw(table, CACHES)].cache, (unsigned)draw(table, topology.slots),
		       (unsigned)draw(table, topology.nodes), UINT64_MAX / 2);
	lock_drop(&registry_lock);
}

static void op_rare(struct thread_table *table)
{
	char text[8000];

	switch (draw(table, 6)) {
	case 0:
		op_tune(table);
		break;
	case 1:
		kmem_cache_shrink(caches[draw(table, CACHES)].cache);
		break;
	case 2:
		op_create(table);
		break;
	case 3:
		slabinfo_read(text, sizeof(text));
		break;
	default:
		op_reap(table);
	}
}

/* Tables fill up in one round and empty in the next, so that all stations are used. */
static void one_operation(struct thread_table *table, bool filling)
{
	uint64_t kind = draw(table, 2000);

	if (kind == 0)
		op_rare(table);
	else if (kind < 20)
		op_bulk(table);
	else if (kind < 160)
		op_krealloc(table);
	else if (kind < 500)
		op_swap(table);
	else if (kind < (filling ? 1300u : 1200u) && table->count < HELD_MAX)
		kind % 4 == 0 ? op_kmalloc(table) : op_alloc(table);
	else
		op_free(table);
}

static unsigned long operations_each;
static bool filling_now;

static void work(unsigned number)
{
	struct thread_table *table = &tables[number];

	if (pretending)
		run_on_cpu((int)(number % topology.slots));
	for (unsigned long i = 0; i < operations_each; i++)
		one_operation(table, filling_now);
}

/* ---- What must hold when all threads rest ------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	const struct held *one = a, *other = b;

	return (one->object > other->object) - (one->object < other->object);
}

static void check_no_overlap(void)
{
	static struct held all[THREADS * HELD_MAX + SWAPS];
	unsigned count = 0;

	for (unsigned thread = 0; thread < THREADS; thread++)
		for (unsigned i = 0; i < tables[thread].count; i++)
			all[count++] = tables[thread].held[i];
	for (unsigned i = 0; i < SWAPS; i++)
		if (swaps[i] != NULL)
			all[count++] = *swaps[i];
	qsort(all, count, sizeof(all[0]), by_address);
	for (unsigned i = 0; i < count; i++) {
		check_stamp(&all[i], all[i].size);
		EXPECT(i == 0 || all[i - 1].object + all[i - 1].size <= all[i].object);
	}
}

/* Objects held of the caches that share @cache's slabs. */
static size_t held_of(const struct kmem_cache *cache)
{
	size_t count = 0;

	for (unsigned thread = 0; thread < THREADS; thread++)
		for (unsigned i = 0; i < tables[thread].count; i++) {
			int index = tables[thread].held[i].cache;

			count += index != KMALLOC && caches[index].cache == cache;
		}
	for (unsigned i = 0; i < SWAPS; i++)
		count += swaps[i] != NULL && swaps[i]->cache != KMALLOC &&
			 caches[swaps[i]->cache].cache == cache;
	return count;
}

static unsigned limit_expected(const struct kmem_cache *cache, const struct array_cache *array)
{
	return array->grown_bytes != 0 ? cache->cpu.grown_limit : cache->cpu.limit;
}

/*
 * Whatever tunes and first calls met: all arrays have the size that the last tune said, or
 * that to which arrays grow.
 */
static void check_arrays(struct kmem_cache *cache)
{
	for (unsigned cpu = 0; cpu < topology.slots; cpu++) {
		struct array_cache *array = array_of(cache, cpu);

		EXPECT_NE(array, &array_parked);
		EXPECT(array == &array_none || array->limit == limit_expected(cache, array));
		EXPECT(array->avail <= array->limit);
	}
}

static void check_rest(void)
{
	check_no_overlap();
	if (!options.reaper)
		for (int i = 0; i < CACHES; i++)
			check_arrays(caches[i].cache);
	for (int i = 0; i < CACHES; i++) {
		size_t held = held_of(caches[i].cache);

		EXPECT_EQ(kmem_cache_shrink(caches[i].cache), held != 0);
		EXPECT_EQ(cache_active_objects(caches[i].cache), held);
	}
	check_everything();
}

static void free_all(void)
{
	for (unsigned thread = 0; thread < THREADS; thread++)
		while (tables[thread].count != 0)
			give(&tables[0], take_out(&tables[thread], 0));
	for (unsigned i = 0; i < SWAPS; i++)
		if (swaps[i] != NULL)
			give(&tables[0], *swaps[i]);
	for (int i = 0; i < CACHES; i++) {
		EXPECT_EQ(kmem_cache_shrink(caches[i].cache), 0);
		EXPECT_EQ(slabs_of(caches[i].cache), 0);
	}
	for (int i = 0; i < CACHES; i++)
		kmem_cache_destroy(caches[i].cache);
	EXPECT_NULL(slabinfo_line("model"));
	check_everything();
}

/* ---- Worlds --------------------------------------------------------------------------------- */

/* Two alike ones (merged, where merging is on), two with constructors, large ones. */
static void create_caches(void)
{
	static const struct {
		unsigned size, flags;
		void (*ctor)(void *);
	} kinds[CACHES] = {
		{ 64, 0, NULL }, { 60, 0, NULL }, { 32, 0, ctor_32 }, { 400, 0, ctor_400 },
		{ 1500, SLAB_RECLAIM_ACCOUNT, NULL }, { 5000, SLAB_HWCACHE_ALIGN, NULL },
	};

	for (int i = 0; i < CACHES; i++) {
		caches[i].cache = kmem_cache_create("model", kinds[i].size, 0, kinds[i].flags,
						    kinds[i].ctor);
		caches[i].size = kinds[i].size;
		caches[i].constructed = kinds[i].ctor != NULL;
		EXPECT_NE(caches[i].cache, NULL);
	}
}

/*
 * On a made-up machine misses do the helper's work. Where it has a CPU for each thread
 * they pretend; else they share what CPUs they are really on.
 */
static void draw_world(unsigned world, uint64_t *random)
{
	static const char *const machines[] = {
		"", "topology:4x2 reaper:off", "topology:4x1 reaper:off", "topology:1x1 reaper:off",
		"topology:4x4 reaper:off", "topology:2x2 reaper:off", "topology:2x1 reaper:off",
		"topology:4x2 reaper:off noaliencache", "topology:4x2 reaper:off",
	};
	const char *strict = " hardening:strict profile:fast freelist_random:off";
	const char *given = getenv("UKMEM_OPTIONS");
	char words[512];
	uint64_t bits = random_next(random) >> 20;

	snprintf(words, sizeof(words), "%s %s%s%s%s%s%s reap_ms:%u decay_ms:%u%s",
		 given != NULL ? given : "", machines[world],
		 bits & 1 ? " slab_nomerge" : "", bits & 2 ? " freelist_random:on" : "",
		 bits & 4 ? " slab_max_order:3" : "",
		 bits & 0x10000 ? " profile:fast" : " profile:slab",
		 (bits & 0x60000) == 0x60000 ? " heap_sample:5000 latency:on" : "",
		 (unsigned)(bits >> 3 & 31) + 2,
		 (unsigned)(bits >> 8 & 63), world == WORLD_STRICT ? strict : "");
	setenv("UKMEM_OPTIONS", words, 1);
	pretending = strstr(machines[world], "topology:4x") != NULL;
	printf("    world %u: %s\n", world, words);
}

static uint64_t seed(void)
{
	const char *text = getenv("MODEL_SEED");

	return text != NULL ? strtoull(text, NULL, 10) : 0x5eed;
}

static void play(unsigned world)
{
	uint64_t random = (seed() * 1000003 + world + 1) * 0x9e3779b97f4a7c15u;
	const char *text = getenv("MODEL_OPERATIONS");

	draw_world(world, &random);
	printf("    MODEL_SEED=%lu\n", (unsigned long)seed());
	fflush(stdout);
	operations = text != NULL ? strtoul(text, NULL, 10) : 8000000;
	operations_each = operations / WORLDS / ROUNDS / THREADS;
	if (pretending)
		run_on_cpu(0);
	create_caches();
	for (unsigned thread = 0; thread < THREADS; thread++) {
		tables[thread].random = random_next(&random) | 1;
		tables[thread].next_number = (uint64_t)thread << 40 | 1;
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		filling_now = round % 2 == 0;
		in_threads(THREADS, work);
		check_rest();
	}
	free_all();
}

#define WORLD(number, name) TEST(name) { play(number); }

WORLD(0, the_model_holds_on_this_machine)
WORLD(1, the_model_holds_on_two_nodes)
WORLD(2, the_model_holds_on_four_cpus)
WORLD(3, the_model_holds_on_one_cpu)
WORLD(4, the_model_holds_on_four_nodes)
WORLD(5, the_model_holds_on_two_nodes_of_one_cpu)
WORLD(6, the_model_holds_on_two_cpus)
WORLD(7, the_model_holds_without_alien_caches)
WORLD(8, the_model_holds_with_strict_hardening)
