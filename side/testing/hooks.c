/*
 * hooks.c: see include/compat/ukmem_testing.h.
 *
 * What is counted stands beside the caches, in a table by address: those tests make a
 * handful of caches, and ukmem's own structure has no room for a test's wishes.
 */
#define UKMEM_TESTING_HOOKS
#include <ukmem_testing.h>

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { CACHES_MAX = 64, POISON = 0x6b };

struct counted {
	struct kmem_cache *cache;
	unsigned non_kernel;
	unsigned allocated, allocated_since;
	void (*callback)(void *);
	void *private_data;
	bool call_back;
};

int nr_allocated, kmalloc_nr_allocated;
int kmalloc_verbose, test_verbose, preempt_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct counted table[CACHES_MAX];

/* Under the lock. */
static struct counted *counted(struct kmem_cache *cache)
{
	struct counted *unused = NULL;

	for (int i = 0; i < CACHES_MAX; i++) {
		if (table[i].cache == cache)
			return &table[i];
		if (table[i].cache == NULL && unused == NULL)
			unused = &table[i];
	}
	assert(unused != NULL);
	unused->cache = cache;
	return unused;
}

#define SETTER(name, type, member)                                              \
	void name(struct kmem_cache *cache, type value)                         \
	{                                                                       \
		pthread_mutex_lock(&lock);                                      \
		counted(cache)->member = value;                                 \
		pthread_mutex_unlock(&lock);                                    \
	}

SETTER(kmem_cache_set_non_kernel, unsigned int, non_kernel)
SETTER(kmem_cache_set_private, void *, private_data)

void kmem_cache_set_callback(struct kmem_cache *cache, void (*callback)(void *))
{
	pthread_mutex_lock(&lock);
	counted(cache)->callback = callback;
	pthread_mutex_unlock(&lock);
}

void kmem_cache_zero_nr_tallocated(struct kmem_cache *cache)
{
	pthread_mutex_lock(&lock);
	counted(cache)->allocated_since = 0;
	pthread_mutex_unlock(&lock);
}

struct kmem_cache *ukmem_testing_create_args(const char *name, unsigned int size,
		const struct kmem_cache_args *args, slab_flags_t flags)
{
	return kmem_cache_create_args(name, size, args, flags | SLAB_NOLEAKTRACE);
}

struct kmem_cache *ukmem_testing_create(const char *name, unsigned int size,
		unsigned int align, slab_flags_t flags, void (*ctor)(void *))
{
	struct kmem_cache_args args = { .align = align, .ctor = ctor };

	return ukmem_testing_create_args(name, size, &args, flags);
}

void ukmem_testing_destroy(struct kmem_cache *cache)
{
	pthread_mutex_lock(&lock);
	*counted(cache) = (struct counted){ 0 };
	pthread_mutex_unlock(&lock);
	kmem_cache_destroy(cache);
}

static struct counted snapshot(struct kmem_cache *cache)
{
	struct counted copy;

	pthread_mutex_lock(&lock);
	copy = *counted(cache);
	pthread_mutex_unlock(&lock);
	return copy;
}

unsigned long kmem_cache_get_alloc(struct kmem_cache *cache)
{
	return (unsigned long)snapshot(cache).allocated * kmem_cache_size(cache);
}

unsigned int kmem_cache_nr_allocated(struct kmem_cache *cache)
{
	return snapshot(cache).allocated;
}

unsigned int kmem_cache_nr_tallocated(struct kmem_cache *cache)
{
	return snapshot(cache).allocated_since;
}

/* May this go ahead? All that waits may; the others as often as the test allowed. */
static bool permitted(struct kmem_cache *cache, gfp_t gfp, size_t count)
{
	struct counted *c;
	bool yes;

	if (gfp & __GFP_DIRECT_RECLAIM)
		return true;
	pthread_mutex_lock(&lock);
	c = counted(cache);
	yes = c->non_kernel >= count;
	c->non_kernel -= yes ? (unsigned)count : c->non_kernel;
	pthread_mutex_unlock(&lock);
	return yes;
}

static void count(struct kmem_cache *cache, int difference)
{
	struct counted *c;

	pthread_mutex_lock(&lock);
	c = counted(cache);
	c->allocated += (unsigned)difference;
	c->allocated_since += difference > 0 ? (unsigned)difference : 0;
	nr_allocated += difference;
	pthread_mutex_unlock(&lock);
}

/* What may not wait is the test's wish; the allocation itself always may. */
int ukmem_testing_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t n, void **objects)
{
	int got;

	if (!permitted(cache, gfp, n))
		return 0;
	got = kmem_cache_alloc_bulk(cache, gfp | __GFP_DIRECT_RECLAIM, n, objects);
	count(cache, got);
	for (int i = 0; i < got && kmalloc_verbose; i++)
		printf("Allocating %p from slab\n", objects[i]);
	return got;
}

/* Returns what it was. */
static bool set_call_back(struct kmem_cache *cache, bool value)
{
	struct counted *c;
	bool was;

	pthread_mutex_lock(&lock);
	c = counted(cache);
	was = c->call_back;
	c->call_back = value;
	pthread_mutex_unlock(&lock);
	return was;
}

/* What a refusal before asked for. */
static void call_back(struct kmem_cache *cache)
{
	struct counted c = snapshot(cache);

	if (set_call_back(cache, false) && c.callback != NULL)
		c.callback(c.private_data);
}

void *ukmem_testing_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object;

	call_back(cache);
	if (ukmem_testing_alloc_bulk(cache, gfp, 1, &object) != 0)
		return object;
	set_call_back(cache, true);
	return NULL;
}

void ukmem_testing_free_bulk(struct kmem_cache *cache, size_t n, void **objects)
{
	for (size_t i = 0; i < n && kmalloc_verbose; i++)
		printf("Freeing %p to slab\n", objects[i]);
	count(cache, -(int)n);
	kmem_cache_free_bulk(cache, n, objects);
}

void ukmem_testing_free(struct kmem_cache *cache, void *object)
{
	assert(object != NULL);
	ukmem_testing_free_bulk(cache, 1, &object);
}

/* ---- Sheaves ----------------------------------------------------------------------------- */

/* Of @lacking objects more; what is in a sheaf is out. */
static bool sheaf_may_grow(struct kmem_cache *cache, gfp_t gfp, unsigned int lacking)
{
	if (permitted(cache, gfp, lacking))
		return true;
	set_call_back(cache, true);
	return false;
}

struct slab_sheaf *ukmem_testing_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
					       unsigned int size)
{
	struct slab_sheaf *sheaf;

	call_back(cache);
	if (!sheaf_may_grow(cache, gfp, size))
		return NULL;
	sheaf = kmem_cache_prefill_sheaf(cache, gfp | __GFP_DIRECT_RECLAIM, size);
	count(cache, (int)kmem_cache_sheaf_size(sheaf));
	return sheaf;
}

int ukmem_testing_refill_sheaf(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf **sheaf,
			       unsigned int size)
{
	unsigned int before = kmem_cache_sheaf_size(*sheaf);
	int error;

	if (size > before && !sheaf_may_grow(cache, gfp, size - before))
		return -ENOMEM;
	error = kmem_cache_refill_sheaf(cache, gfp | __GFP_DIRECT_RECLAIM, sheaf, size);
	count(cache, (int)(kmem_cache_sheaf_size(*sheaf) - before));
	return error;
}

void ukmem_testing_return_sheaf(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf *sheaf)
{
	count(cache, -(int)kmem_cache_sheaf_size(sheaf));
	kmem_cache_return_sheaf(cache, gfp, sheaf);
}

void *ukmem_testing_kmalloc(size_t size, gfp_t gfp)
{
	void *object;

	if (!(gfp & __GFP_DIRECT_RECLAIM))
		return NULL;
	object = kmalloc(size, gfp);
	if (object != NULL)
		__atomic_fetch_add(&kmalloc_nr_allocated, 1, __ATOMIC_RELAXED);
	if (kmalloc_verbose)
		printf("Allocating %p from kmalloc\n", object);
	return object;
}

void ukmem_testing_kfree(const void *object)
{
	if (object == NULL)
		return;
	__atomic_fetch_sub(&kmalloc_nr_allocated, 1, __ATOMIC_RELAXED);
	if (kmalloc_verbose)
		printf("Freeing %p to kmalloc\n", object);
	kfree(object);
}

void test_kmem_cache_bulk(void)
{
	struct kmem_cache *cache = ukmem_testing_create("test_cache", 256, 0, SLAB_PANIC, NULL);
	void *objects[12];

	assert(ukmem_testing_alloc_bulk(cache, GFP_KERNEL, 12, objects) == 12);
	assert(kmem_cache_nr_allocated(cache) == 12);
	memset(objects[11], POISON, 256);
	ukmem_testing_free_bulk(cache, 12, objects);
	assert(kmem_cache_nr_allocated(cache) == 0);
	assert(ukmem_testing_alloc_bulk(cache, GFP_NOWAIT, 5, objects) == 0);
	kmem_cache_set_non_kernel(cache, 5);
	assert(ukmem_testing_alloc_bulk(cache, GFP_NOWAIT, 5, objects) == 5);
	assert(ukmem_testing_alloc(cache, GFP_NOWAIT) == NULL);
	ukmem_testing_free_bulk(cache, 5, objects);
	ukmem_testing_destroy(cache);
}
