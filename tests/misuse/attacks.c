/*
 * attacks.c [KIND NUMBER]: one attack; without words, how many there are of each kind.
 *
 * Each has a goal: that two owners get one object, that an object is had where none is, that
 * somebody else's object changes or can be read. Status 0: the goal was reached and nobody
 * said a word. 1: it came to nothing. An abort or a fault: it was caught. attacks.sh counts.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef ON_MALLOC
#include "on_malloc.h"
#else
#include <ukmem/slab.h>
#endif

enum { REACHED = 0, NOTHING = 1, MANY = 300 };

static struct kmem_cache *box, *other;
static char *objects[MANY], *later[MANY];
static const char marker[] = "secret";

static void take(char **out, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		out[i] = kmem_cache_alloc(box, GFP_KERNEL);
}

static void give(char **in, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		kmem_cache_free(box, in[i]);
}

/* The program goes on: what it frees, and a shrink, are occasions to notice. */
static int go_on(int result)
{
	kmem_cache_shrink(box);
	kmem_cache_shrink(other);
	return result;
}

/* ---- Double frees: one object for two owners -------------------------------------------- */

static int had_twice(void)
{
	take(later, MANY);
	for (unsigned i = 0; i < MANY; i++)
		for (unsigned k = 0; k < i; k++)
			if (later[i] == later[k])
				return REACHED;
	return NOTHING;
}

static void *free_first(void *unused)
{
	kmem_cache_free(box, objects[0]);
	return unused;
}

static int double_free(unsigned number)
{
	pthread_t thread;
	void *pair[2] = { objects[0], objects[0] };

	switch (number) {
	case 0: give(objects, 1); break;
	case 1: give(objects, 2); break;
	case 2: give(objects, MANY); break;
	case 3: give(objects, MANY); kmem_cache_shrink(box); break;
	case 4:
		pthread_create(&thread, NULL, free_first, NULL);
		pthread_join(thread, NULL);
		break;
	default: kmem_cache_free_bulk(box, 2, pair); return go_on(had_twice());
	}
	kmem_cache_free(box, objects[0]);
	return go_on(had_twice());
}

/* ---- Frees of what is no object: an object where none is ----------------------------------- */

static int had(const void *address, size_t size)
{
	for (unsigned i = 0; i < MANY; i++)
		if ((later[i] = kmalloc(size, GFP_KERNEL)) == (const char *)address)
			return REACHED;
	take(later, MANY);
	for (unsigned i = 0; i < MANY; i++)
		if (later[i] == (const char *)address)
			return REACHED;
	return NOTHING;
}

/* Into the middle of an object: eighteen sizes and distances, half of them by kfree. */
static int interior_free(unsigned number)
{
	static const size_t sizes[] = { 32, 64, 256 }, parts[] = { 1, 8, 16 };
	size_t size = sizes[number / 3 % 3], part = parts[number % 3];
	char *object;

	if (number < 9) {
		box = kmem_cache_create("interior", (unsigned)size, 0, SLAB_NOLEAKTRACE, NULL);
		take(objects, MANY);
		kmem_cache_free(box, objects[7] + part);
		return go_on(had(objects[7] + part, size));
	}
	for (unsigned i = 0; i < MANY; i++)
		objects[i] = kmalloc(size, GFP_KERNEL);
	object = objects[7] + part;
	kfree(object);
	return go_on(had(object, size));
}

static char data[64];

static int foreign_free(unsigned number)
{
	char local[64];
	void *foreign[] = {
		local + 16, data, (void *)(size_t)marker, (void *)(size_t)foreign_free,
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		malloc(64), (void *)4096, (void *)(size_t)0x4242424242424242,
	};

	local[0] = 1;
	if (number % 2 == 0)
		kfree(foreign[number]);
	else
		kmem_cache_free(box, foreign[number]);
	return go_on(had(foreign[number], 64));
}

/* ---- Overflows: a neighbour's bytes --------------------------------------------------------- */

enum { PLACES = 6, SIZES = 10, AROUND = 40 };

static int overflow(unsigned number)
{
	static const size_t sizes[SIZES] = { 8, 18, 24, 32, 64, 100, 200, 1000, 3000, 10000 };
	size_t size = number < PLACES * SIZES ? sizes[number / PLACES] : 3 << 20;
	size_t usable, from, count = 1;
	unsigned around = number < PLACES * SIZES ? AROUND : 3, changed = 0;

	for (unsigned i = 0; i < around; i++)
		memset(objects[i] = kmalloc(size, GFP_KERNEL), 'v', size);
	usable = kmalloc_size_roundup(size);
	from = size;
	switch (number % PLACES) {
	case 0: break;                                          /* off by one */
	case 1: from = usable; break;                           /* the next object's first byte */
	case 2: count = usable - size + 1; break;               /* a string that ran into it */
	case 3: from = usable; count = usable / 2; break;       /* half of it */
	case 4: from = (size_t)-1; break;                       /* one before the start */
	default: from = (size_t)-16; count = 16; break;         /* where others keep a header */
	}
	memset(objects[around / 2] + from, 'A', count);
	for (unsigned i = 0; i < around; i++)
		for (size_t k = 0; k < size; k++)
			if (i != around / 2 && objects[i][k] != 'v') {
				changed++;
				break;
			}
	for (unsigned i = 0; i < around; i++)
		kfree(objects[i]);
	return go_on(changed != 0 ? REACHED : NOTHING);
}

/* ---- Uses after free: an object that is somebody else's by now ------------------------------- */

static int use_after_free(unsigned number)
{
	static const unsigned places[] = { 0, 32, 63 };
	char *stale = objects[5];

	give(objects, number < 3 ? 6 : MANY);
	if (number == 5)
		kmem_cache_shrink(box);
	if (number >= 3 && number < 6)          /* before anybody has it */
		memset(stale, 'A', 64);
	take(later, MANY);
	for (unsigned i = 0; i < MANY; i++)
		if (number < 3 || number == 6)
			memcpy(memset(later[i], 'v', 64), marker, sizeof(marker));
	if (number < 3)
		stale[places[number]] = 'A';
	if (number == 6)
		return go_on(memcmp(stale, marker, sizeof(marker)) == 0 ? REACHED : NOTHING);
	for (unsigned i = 0; i < MANY; i++)
		if (memchr(later[i], 'A', 64) != NULL) {
			give(later, MANY);
			return go_on(REACHED);
		}
	return go_on(NOTHING);
}

/* ---- Others ------------------------------------------------------------------------------------ */

static int is_small(void *object)
{
	return object == NULL ? NOTHING : REACHED;
}

static int reads_secret(const char *fresh, size_t size)
{
	return memmem(fresh, size, marker, sizeof(marker)) != NULL ? REACHED : NOTHING;
}

/* Lists of free objects, in the objects themselves where an allocator keeps them there. */
static int forge_list(size_t bytes, size_t at)
{
	give(objects, MANY);
	kmem_cache_shrink(box);
	take(later, MANY / 2);
	for (unsigned i = 0; i < MANY; i++)
		for (size_t k = at; k + sizeof(void *) <= at + bytes; k += sizeof(void *))
			memcpy(objects[i] + k, &(void *){ data }, sizeof(void *));
	return go_on(had(data, 64));
}

static int other_attack(unsigned number)
{
	char *object = objects[3];

	switch (number) {
#ifndef ON_MALLOC
	case 0: kmem_cache_free(other, object); return go_on(had_twice());
	case 1: give(objects, MANY); take(later, 1); kmem_cache_free(other, later[0]);
		return go_on(kmem_cache_alloc(other, GFP_KERNEL) == later[0] ? REACHED : NOTHING);
#else
	case 0: case 1: case 13: return NOTHING;
#endif
	case 2: return is_small(kmalloc_array((size_t)1 << 62, 8, GFP_KERNEL));
	case 3: return is_small(kcalloc((size_t)1 << 32, (size_t)1 << 32, GFP_KERNEL));
	case 4: return is_small(krealloc_array(NULL, SIZE_MAX / 4, 8, GFP_KERNEL));
	case 5: return is_small(kvmalloc_array((size_t)1 << 62, 8, GFP_KERNEL));
	case 6: return is_small(kmalloc(-1, GFP_KERNEL));
	case 7: return is_small(krealloc(kmalloc(64, GFP_KERNEL), -64, GFP_KERNEL));
	case 8: return forge_list(8, 0);
	case 9: return forge_list(8, 32);
	case 10: return forge_list(64, 0);
	case 11:
		memcpy(object, marker, sizeof(marker));
		kmem_cache_free(box, object);
		return reads_secret(kmem_cache_zalloc(box, GFP_KERNEL), 64);
	case 12:
		memcpy(object, marker, sizeof(marker));
		kmem_cache_free(box, object);
		return reads_secret(kmem_cache_alloc(box, GFP_KERNEL), 64);
#ifndef ON_MALLOC
	case 13: kmem_cache_destroy(box); box = kmem_cache_create("box 2", 64, 0, 0, NULL);
		return had(object, 64) == REACHED ? REACHED : NOTHING;
#endif
	case 14: kmem_cache_destroy(other); kmem_cache_destroy(other); return NOTHING;
	default: object = kmalloc(64, GFP_KERNEL); kfree(object);
		object = krealloc(object, 60, GFP_KERNEL);
		return kmalloc(64, GFP_KERNEL) == object ? REACHED : NOTHING;
	}
}

static const struct {
	const char *name;
	unsigned count;
	int (*run)(unsigned number);
} kinds[] = {
	{ "double_free", 6, double_free },
	{ "interior_free", 18, interior_free },
	{ "foreign_free", 8, foreign_free },
	{ "overflow", 61, overflow },
	{ "use_after_free", 7, use_after_free },
	{ "other", 16, other_attack },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (argc < 3)
			printf("%s %u\n", kinds[i].name, kinds[i].count);
		else if (strcmp(argv[1], kinds[i].name) == 0) {
			box = kmem_cache_create("box", 64, 0, SLAB_NOLEAKTRACE, NULL);
			other = kmem_cache_create("other", 64, 0, SLAB_NOLEAKTRACE, NULL);
			take(objects, MANY);
			return kinds[i].run((unsigned)atoi(argv[2]));
		}
	}
	return argc < 3 ? 0 : 2;
}
