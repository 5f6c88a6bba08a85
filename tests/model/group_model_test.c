/*
 * Accounting groups against simple bookkeeping: a tree of groups that come and go, objects
 * that outlive them. One thread: every charge and every refusal is foreseen. Four threads:
 * they charge and free while a fifth makes and destroys groups; in the end nothing is
 * charged to anybody.
 *
 * MODEL_SEED and MODEL_OPERATIONS as in model_test.c.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <ukmem/group.h>

#include "account/group.h"
#include "harness/look.h"
#include "harness/test.h"

enum { GROUPS = 24, OBJECTS = 3000, CACHES = 4, THREADS = 4 };

static struct {
	struct kmem_group *group;       /* NULL: free */
	int parent;                     /* -1: none */
	size_t usage, limit;
} model[GROUPS];

static struct {
	void *object;
	size_t bytes;
	int payer;                      /* -1: nobody */
} held[OBJECTS];

static struct kmem_cache *caches[CACHES], *kmalloc_512;
static int current = -1;
static uint64_t seed;

static unsigned pick(unsigned count)
{
	return (unsigned)(random_next(&seed) % count);
}

static unsigned long number_of(const char *variable, unsigned long otherwise)
{
	const char *text = getenv(variable);

	return text != NULL ? strtoul(text, NULL, 10) : otherwise;
}

static void make_world(void)
{
	seed = number_of("MODEL_SEED", 20261121);
	caches[0] = kmem_cache_create("small", 64, 0, SLAB_ACCOUNT, NULL);
	caches[1] = kmem_cache_create("large", 1500, 0, SLAB_ACCOUNT, NULL);
	caches[2] = kmem_cache_create("asked", 200, 0, 0, NULL);
	caches[3] = NULL;                       /* kmalloc(500) */
}

/* ---- The model ------------------------------------------------------------------------ */

static bool has_room(int group, size_t bytes)
{
	for (; group >= 0; group = model[group].parent)
		if (model[group].usage + bytes > model[group].limit)
			return false;
	return true;
}

static void charge(int group, size_t bytes)
{
	for (; group >= 0; group = model[group].parent)
		model[group].usage += bytes;
}

static void create_one(int at)
{
	int parent = (int)pick(GROUPS + 1) - 1;

	if (parent >= 0 && model[parent].group == NULL)
		parent = -1;
	model[at].parent = parent;
	model[at].usage = 0;
	model[at].limit = pick(2) ? KMEM_GROUP_UNLIMITED : pick(400) * 1000;
	model[at].group = kmem_group_create("model", parent >= 0 ? model[parent].group : NULL,
					    model[at].limit);
	EXPECT_NE(model[at].group, NULL);
}

/* Who was charged to it, or below it, or in it, is now its parent's. */
static void destroy_one(int at)
{
	int parent = model[at].parent;

	kmem_group_destroy(model[at].group);
	model[at].group = NULL;
	for (int i = 0; i < GROUPS; i++)
		if (model[i].parent == at)
			model[i].parent = parent;
	for (int i = 0; i < OBJECTS; i++)
		if (held[i].payer == at)
			held[i].payer = parent;
	if (current == at)
		current = parent;
}

static void create_or_destroy(void)
{
	int at = (int)pick(GROUPS);

	if (model[at].group == NULL)
		create_one(at);
	else
		destroy_one(at);
}

/* One level only, so that destroying may move us. */
static void move(void)
{
	int to = (int)pick(GROUPS);

	kmem_group_leave(NULL);
	current = model[to].group != NULL ? to : -1;
	kmem_group_enter(model[to].group);
}

static size_t bytes_of(unsigned kind)
{
	return caches[kind] != NULL ? caches[kind]->layout.size : 512;
}

static void alloc_one(int at)
{
	unsigned kind = pick(CACHES);
	gfp_t gfp = GFP_KERNEL | (kind >= 2 ? __GFP_ACCOUNT : 0) | (pick(8) == 0 ? __GFP_ZERO : 0);
	size_t bytes = bytes_of(kind);
	bool room = has_room(current, bytes);
	void *object = caches[kind] != NULL ? kmem_cache_alloc(caches[kind], gfp) :
		       kmalloc(500, gfp);

	if ((object != NULL) != room)
		test_fail(__FILE__, __LINE__, "%zu bytes were %s", bytes,
			  room ? "refused" : "granted");
	if (!room)
		return;
	held[at].object = object;
	held[at].bytes = bytes;
	held[at].payer = current;
	charge(current, bytes);
}

static void free_one(int at)
{
	kfree(held[at].object);
	charge(held[at].payer, -held[at].bytes);
	held[at].object = NULL;
	held[at].payer = -1;
}

static void alloc_or_free(void)
{
	int at = (int)pick(OBJECTS);

	if (held[at].object == NULL)
		alloc_one(at);
	else
		free_one(at);
}

static void compare(void)
{
	for (int i = 0; i < GROUPS; i++) {
		struct kmem_group_counts counts;

		if (model[i].group == NULL)
			continue;
		kmem_group_read(model[i].group, &counts);
		EXPECT_EQ(counts.usage, model[i].usage);
	}
	EXPECT_EQ(kmem_group_current(), current >= 0 ? model[current].group : NULL);
}

static void compare_caches(int group)
{
	size_t sum = 0;

	for (unsigned kind = 0; kind < CACHES; kind++)
		sum += kmem_group_cache_usage(model[group].group, caches[kind] != NULL ?
					      caches[kind] : kmalloc_512);
	EXPECT_EQ(sum, model[group].usage);
}

static void expect_nothing_pinned(void)
{
	for (unsigned number = 1; number < GROUPS_MAX && groups[number] != NULL; number++) {
		EXPECT_EQ(groups[number]->pins, 0);
		EXPECT_EQ(groups[number]->usage, 0);
	}
}

TEST(groups_are_what_the_books_say)
{
	unsigned long operations = number_of("MODEL_OPERATIONS", 1000000) / 5 + 1;
	void *anchor;

	make_world();
	create_one(0);
	for (int i = 0; i < OBJECTS; i++)
		held[i].payer = -1;
	anchor = kmalloc(500, GFP_KERNEL_ACCOUNT);
	kmalloc_512 = cache_of_layout(slab_of_object(anchor)->layout);
	kfree(anchor);
	for (unsigned long i = 0; i < operations; i++) {
		unsigned what = pick(1000);

		if (what < 3)
			create_or_destroy();
		else if (what < 30)
			move();
		else
			alloc_or_free();
		if (i % 1000 == 0)
			compare();
		if (i % 20000 == 0 && model[0].group != NULL)
			compare_caches(0);
	}
	compare();
	for (int i = 0; i < OBJECTS; i++)
		if (held[i].object != NULL)
			free_one(i);
	kmem_group_leave(NULL);
	for (int i = 0; i < GROUPS; i++)
		if (model[i].group != NULL)
			destroy_one(i);
	expect_nothing_pinned();
	check_everything();
}

/* ---- Threads ----------------------------------------------------------------------------- */

enum { SHARED = 512 };

static void *_Atomic shared[SHARED];
static struct kmem_group *_Atomic open_group;   /* where those who come may enter */
static struct kmem_group *top;
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned working;
static unsigned long rounds;

/* The door is only for getting in: what happens inside runs beside the destroyer. */
static void work_inside(uint64_t *random)
{
	struct kmem_group *before;

	pthread_mutex_lock(&door);
	before = kmem_group_enter(open_group);
	pthread_mutex_unlock(&door);
	for (int i = 0; i < 50; i++) {
		unsigned kind = (unsigned)(random_next(random) % 3);
		void *object = kmem_cache_alloc(caches[kind], GFP_KERNEL_ACCOUNT);

		object = atomic_exchange(&shared[random_next(random) % SHARED], object);
		kfree(object);
	}
	kmem_group_leave(before);
}

static void worker(void)
{
	uint64_t random = (uint64_t)pthread_self() | 1;

	for (unsigned long i = 0; i < rounds; i++)
		work_inside(&random);
	working--;
}

static void destroyer(void)
{
	while (working != 0) {
		struct kmem_group *old, *new = kmem_group_create("next", top, 100000);

		EXPECT_NE(new, NULL);
		pthread_mutex_lock(&door);
		old = atomic_exchange(&open_group, new);
		pthread_mutex_unlock(&door);
		kmem_group_destroy(old);
	}
	kmem_group_destroy(open_group);
}

static void work_or_destroy(unsigned number)
{
	if (number == 0)
		destroyer();
	else
		worker();
}

TEST(groups_go_while_others_charge_them)
{
	struct kmem_group_counts counts;

	make_world();
	rounds = number_of("MODEL_OPERATIONS", 1000000) / 500 + 1;
	working = THREADS;
	top = kmem_group_create("top", NULL, 200000);
	open_group = kmem_group_create("first", top, 100000);
	in_threads(THREADS + 1, work_or_destroy);
	kmem_group_read(top, &counts);
	EXPECT(counts.usage <= 200000);
	for (int i = 0; i < SHARED; i++)
		kfree(shared[i]);
	kmem_group_read(top, &counts);
	EXPECT_EQ(counts.usage, 0);
	EXPECT(counts.peak <= 200000);
	kmem_group_destroy(top);
	expect_nothing_pinned();
	check_everything();
}
