/*
 * Sequences of calls, against a table of what they gave: two bytes a call.
 *
 * Each object is filled with its slot's number, so that one handed out twice, moved
 * without its contents or cleared by somebody else's call shows. The first byte of the
 * input chooses the caches' flags.
 */
#include <ukmem/debug.h>

#include <string.h>

#include "base/check.h"
#include "cache/cache.h"

enum { SLOTS = 64, CACHES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct kmem_cache *caches[CACHES];
static struct slot {
	unsigned char *object;
	size_t bytes;
	struct kmem_cache *cache;       /* NULL: kmalloc */
} slots[SLOTS];

static void construct(void *object)
{
	*(uint32_t *)object = 0x600dc0de;
}

static void expect_content(unsigned n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		slab_assert(slots[n].object[i] == n);
}

static void own(unsigned n, void *object, size_t bytes, struct kmem_cache *cache)
{
	slots[n] = (struct slot){ object, bytes, cache };
	if (object != NULL && object != ZERO_SIZE_PTR)
		memset(object, (int)n, bytes);
}

/* What has a constructor goes back in constructed state. */
static void give_back(unsigned n)
{
	struct slot *slot = &slots[n];

	if (slot->object == NULL)
		return;
	if (slot->object != ZERO_SIZE_PTR)
		expect_content(n, slot->bytes);
	if (slot->cache != NULL && slot->cache->layout.ctor != NULL)
		construct(slot->object);
	if (slot->cache != NULL)
		kmem_cache_free(slot->cache, slot->object);
	else
		kfree(slot->object);
	slot->object = NULL;
}

static void take(unsigned n, unsigned kind)
{
	struct kmem_cache *cache = caches[kind % CACHES];
	void *object = kmem_cache_alloc(cache, kind & 8 ? GFP_ATOMIC : GFP_KERNEL);

	if (object != NULL && cache->layout.ctor != NULL)
		slab_assert(*(uint32_t *)object == 0x600dc0de);
	own(n, object, kmem_cache_size(cache), cache);
}

static void resize(unsigned n, size_t bytes)
{
	struct slot *slot = &slots[n];
	void *object;

	if (slot->cache != NULL || slot->object == NULL || slot->object == ZERO_SIZE_PTR)
		return;
	object = krealloc(slot->object, bytes, GFP_KERNEL);
	slab_assert(object != NULL);
	slot->object = object;
	if (object != ZERO_SIZE_PTR)
		expect_content(n, slot->bytes < bytes ? slot->bytes : bytes);
	own(n, object, bytes, NULL);
}

static void call(unsigned what, unsigned n, size_t bytes)
{
	switch (what) {
	case 0: case 1: case 2:
		if (slots[n].object == NULL)
			take(n, (unsigned)bytes);
		break;
	case 3: case 4:
		if (slots[n].object == NULL)
			own(n, kmalloc(bytes, GFP_KERNEL), bytes, NULL);
		break;
	case 5: case 6: case 7: case 8:
		give_back(n);
		break;
	case 9:
		resize(n, bytes);
		break;
	case 10:
		kmem_cache_shrink(caches[n % CACHES]);
		break;
	case 11:
		kmem_cache_tune(caches[n % CACHES], 1 + (int)bytes % 300, 1, (int)n % 9);
		break;
	case 12:
		slab_assert(kmem_cache_verify(caches[n % CACHES]) == 0);
		break;
	case 13:
		if (slots[n].object != NULL && slots[n].object != ZERO_SIZE_PTR)
			slab_assert(ksize(slots[n].object) >= slots[n].bytes);
		break;
	case 14:
		slab_assert(kmem_check_copy(slots[n].object, 0) == 0);
		break;
	default:
		break;
	}
}

static void create_all(unsigned seed)
{
	static const unsigned sizes[CACHES] = { 16, 72, 700, 5000 };

	for (unsigned i = 0; i < CACHES; i++)
		caches[i] = kmem_cache_create_usercopy("fuzzed", sizes[i], seed & 16 ? 64 : 0,
			(seed >> i & 1 ? SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER : 0) |
			(seed & 64 ? SLAB_TYPE_APART : 0) | (seed & 128 ? SLAB_FAILSLAB : 0), 0, 1,
			seed & 32 && i % 2 ? construct : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return -1;
	create_all(data[0]);
	for (size_t i = 1; i + 1 < size; i += 2)
		call(data[i] >> 4, (data[i] & 15) * 4 + (data[i + 1] & 3),
		     (size_t)data[i + 1] * data[i + 1] / 3);
	for (unsigned n = 0; n < SLOTS; n++)
		give_back(n);
	for (unsigned i = 0; i < CACHES; i++) {
		slab_assert(kmem_cache_verify(caches[i]) == 0);
		slab_assert(kmem_cache_shrink(caches[i]) == 0);
		kmem_cache_destroy(caches[i]);
	}
	return 0;
}
