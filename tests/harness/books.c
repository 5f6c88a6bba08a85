#include "harness/books.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness/test.h"

static char *there;                     /* a byte for each unit: has it memory? */
size_t books_given, books_limit = SIZE_MAX;
unsigned books_calls;

static void mark(struct kmem_source *source, void *address, size_t bytes, char before)
{
	size_t offset = (size_t)((char *)address - (char *)source->base);

	EXPECT(bytes != 0 && bytes % source->unit == 0 && offset % source->unit == 0);
	EXPECT(offset + bytes <= source->bytes);
	for (size_t unit = offset / source->unit; unit < (offset + bytes) / source->unit; unit++) {
		EXPECT_EQ(there[unit], before);
		there[unit] = !before;
	}
}

int books_give(struct kmem_source *source, void *address, size_t bytes)
{
	books_calls++;
	if (bytes > books_limit - books_given)
		return -ENOMEM;
	books_given += bytes;
	mark(source, address, bytes, 0);
	return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0 ? 0 : -errno;
}

int books_take_back(struct kmem_source *source, void *address, size_t bytes)
{
	books_given -= bytes;
	mark(source, address, bytes, 1);
	memset(address, 0xa5, bytes);
	return mprotect(address, bytes, PROT_NONE) == 0 ? 0 : -errno;
}

void *addresses(size_t bytes, size_t past)
{
	char *range = mmap(NULL, bytes + 8 * MIB, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return (void *)(((size_t)range + 4 * MIB - 1) / (4 * MIB) * (4 * MIB) + past);
}

struct kmem_source *bookkeeper(size_t bytes, size_t unit)
{
	static struct kmem_source source;

	there = calloc(1, bytes / unit);
	source = (struct kmem_source){ .name = "books", .base = addresses(bytes, 0),
		.bytes = bytes, .unit = unit, .node = NUMA_NO_NODE, .alloc = books_give,
		.free = books_take_back };
	EXPECT_EQ(kmem_source_register(&source), 0);
	return &source;
}

struct kmem_cache *cache_from(struct kmem_source *source, unsigned size)
{
	struct kmem_cache_args args = { .source = source, .align = size % 4096 == 0 ? 4096 : 0 };
	struct kmem_cache *cache = kmem_cache_create("mine", size, &args, 0);

	EXPECT_NE(cache, NULL);
	return cache;
}

bool is_inside(const struct kmem_source *source, const void *object)
{
	return (size_t)((const char *)object - (const char *)source->base) < source->bytes;
}

unsigned take_all(struct kmem_cache *cache, void **objects, unsigned most)
{
	unsigned count = 0;

	while (count < most && (objects[count] = kmem_cache_alloc(cache, GFP_KERNEL)) != NULL)
		count++;
	return count;
}
