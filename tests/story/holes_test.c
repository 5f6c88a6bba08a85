/*
 * Pages inside a used slab that hold free objects only go back to the OS.
 */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/look.h"
#include "harness/test.h"
#include "slab/holes.h"

/* One of 16 stays; some lie in two pages. */
enum { OBJECTS = 1024, SIZE = 1600, KEPT = 16 };

#define FAST "profile:fast reaper:off reap_ms:1000000"

static char *objects[OBJECTS];

static size_t resident_pages(const void *address, size_t pages)
{
	unsigned char map[RUN_PAGES_MAX];
	size_t resident = 0;

	EXPECT_EQ(mincore((void *)address, pages << PAGE_SHIFT, map), 0);
	for (size_t i = 0; i < pages; i++)
		resident += map[i] & 1;
	return resident;
}

/* All slabs with an object that stayed, each once. */
static size_t resident_of_kept(void)
{
	const struct page *before = NULL;
	size_t pages = 0;

	for (unsigned i = 0; i < OBJECTS; i += KEPT) {
		const struct page *slab = slab_of_object(objects[i]);

		if (slab != before)
			pages += resident_pages(page_address(slab), (size_t)1 << slab->order);
		before = slab;
	}
	return pages;
}

static void fill(struct kmem_cache *cache)
{
	take_objects(cache, (void **)objects, OBJECTS);
	for (unsigned i = 0; i < OBJECTS; i++)
		memset(objects[i], (int)(i % 255 + 1), SIZE);
}

/* Frees all but one of KEPT; nothing stays in arrays. */
static void free_scattered(struct kmem_cache *cache)
{
	for (unsigned i = 0; i < OBJECTS; i++)
		if (i % KEPT != 0)
			kmem_cache_free(cache, objects[i]);
	kmem_cache_shrink(cache);
}

static size_t look_for_holes(void)
{
	size_t pages;

	lock_take(&registry_lock);
	pages = holes_purge();
	lock_drop(&registry_lock);
	return pages;
}

static void expect_kept_are_whole(void)
{
	for (unsigned i = 0; i < OBJECTS; i += KEPT)
		for (unsigned byte = 0; byte < SIZE; byte++)
			EXPECT_EQ((unsigned char)objects[i][byte], i % 255 + 1);
}

TEST_ON(FAST, the_holes_of_a_slab_that_rests_go_and_what_is_used_stays)
{
	struct kmem_cache *cache = cache_of("story", SIZE);
	size_t before;

	fill(cache);
	free_scattered(cache);
	before = resident_of_kept();
	EXPECT(before >= OBJECTS * SIZE / PAGE_BYTES);

	EXPECT_EQ(look_for_holes(), 0);
	EXPECT(look_for_holes() >= before / 2);
	EXPECT(resident_of_kept() <= before / 2);
	expect_kept_are_whole();
	check_everything();
	EXPECT_EQ(look_for_holes(), 0);
}

TEST_ON(FAST, a_slab_that_is_used_keeps_its_memory)
{
	struct kmem_cache *cache = cache_of("story", SIZE);

	fill(cache);
	free_scattered(cache);
	for (unsigned look = 0; look < 4; look++) {
		EXPECT_EQ(look_for_holes(), 0);
		for (unsigned i = 0; i < OBJECTS; i += KEPT)
			kmem_cache_free(cache, objects[i]);
		kmem_cache_shrink(cache);
		fill(cache);
		free_scattered(cache);
	}
}

TEST_ON(FAST, the_objects_of_a_hole_are_allocated_again)
{
	struct kmem_cache *cache = cache_of("story", SIZE);
	size_t slabs;

	fill(cache);
	slabs = slabs_of(cache);
	free_scattered(cache);
	EXPECT(holes_purge_now() != 0);
	for (unsigned i = 0; i < OBJECTS; i++)
		if (i % KEPT != 0)
			objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(slabs_of(cache), slabs);
	for (unsigned i = 0; i < OBJECTS; i++)
		memset(objects[i], (int)(i % 255 + 1), SIZE);
	expect_kept_are_whole();
	give_objects(cache, (void **)objects, OBJECTS);
	check_everything();
}

static void construct(void *object)
{
	memset(object, 0x5a, SIZE);
}

TEST_ON(FAST, constructed_objects_stay)
{
	struct kmem_cache *cache = kmem_cache_create("story", SIZE, 0, 0, construct);

	take_objects(cache, (void **)objects, OBJECTS);
	free_scattered(cache);
	EXPECT_EQ(holes_purge_now(), 0);
}

TEST_ON("profile:slab reaper:off", lists_in_slabs_stay)
{
	struct kmem_cache *cache = cache_of("story", SIZE);

	fill(cache);
	free_scattered(cache);
	EXPECT_EQ(holes_purge_now(), 0);
	expect_kept_are_whole();
}

static struct kmem_cache *busy;
static _Atomic bool done;

enum { USES = 400000, PATIENCE = 500, TIDE = 5000 };

/*
 * Blocks with their owner's mark come and go at random, until a hole was found. In tides: were
 * as many there all the time, slabs would be full.
 */
static void *use(void *mark)
{
	static __thread char *mine[5000];
	unsigned seed = (unsigned)(intptr_t)mark;

	for (unsigned i = 0; i < USES || (i < PATIENCE * USES && counter_read(&holes_released) == 0); i++) {
		unsigned at = (seed = seed * 1664525 + 1013904223) >> 8;
		char **block = &mine[at % ARRAY_LENGTH(mine)];

		if ((*block == NULL) != (i / TIDE % 2 == 0))
			continue;
		if (*block != NULL) {
			EXPECT(((*block)[0] & (*block)[SIZE - 1]) == (char)(intptr_t)mark);
			kmem_cache_free(busy, *block);
			*block = NULL;
		} else {
			*block = kmem_cache_alloc(busy, GFP_KERNEL);
			(*block)[0] = (*block)[SIZE - 1] = (char)(intptr_t)mark;
		}
	}
	for (unsigned i = 0; i < ARRAY_LENGTH(mine); i++)
		if (mine[i] != NULL)
			kmem_cache_free(busy, mine[i]);
	return NULL;
}

static void *look_on(void *unused UNUSED)
{
	while (!done)
		holes_purge_now();
	return NULL;
}

TEST_ON(FAST, others_allocate_and_free_meanwhile)
{
	pthread_t users[3], looker;

	busy = cache_of("story", SIZE);
	EXPECT_EQ(pthread_create(&looker, NULL, look_on, NULL), 0);
	for (intptr_t i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&users[i], NULL, use, (void *)(i + 1)), 0);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(users[i], NULL);
	done = true;
	pthread_join(looker, NULL);
	EXPECT(counter_read(&holes_released) != 0);
	check_everything();
	kmem_cache_shrink(busy);
	EXPECT_EQ(slabs_of(busy), 0);
}
