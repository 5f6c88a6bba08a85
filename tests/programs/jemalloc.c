/*
 * jemalloc.c: jemalloc's own calls, as jemalloc(3) has them, mixed with malloc's. Run linked
 * with the drop-in, and linked with jemalloc under the drop-in, which must come first.
 * Prints nothing when all holds.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LG_ALIGN(log)  ((int)(log))
#define ZERO           ((int)0x40)
#define TCACHE_NONE    ((int)(1 << 8))
#define TCACHE(number) ((int)(((number) + 2) << 8))
#define ARENA(number)  ((int)(((number) + 1) << 20))

void *mallocx(size_t size, int flags);
void *rallocx(void *block, size_t size, int flags);
size_t xallocx(void *block, size_t size, size_t extra, int flags);
size_t sallocx(const void *block, int flags);
size_t nallocx(size_t size, int flags);
void dallocx(void *block, int flags);
void sdallocx(void *block, size_t size, int flags);
int mallctl(const char *name, void *old, size_t *old_bytes, void *new, size_t new_bytes);
int mallctlnametomib(const char *name, size_t *mib, size_t *length);
int mallctlbymib(const size_t *mib, size_t length, void *old, size_t *old_bytes, void *new,
		 size_t new_bytes);
void malloc_stats_print(void (*tell)(void *, const char *), void *to, const char *options);

size_t slabinfo_read(char *buffer, size_t size) __attribute__((weak));

static int wrong;

#define EXPECT(condition)                                                       \
	do {                                                                    \
		if (!(condition)) {                                             \
			fprintf(stderr, "jemalloc.c:%d: %s\n", __LINE__, #condition); \
			wrong = 1;                                              \
		}                                                               \
	} while (0)

enum { OTHERS = ARENA(3) | TCACHE_NONE };

static const size_t sizes[] = { 1, 16, 17, 100, 1000, 4096, 20000, 40000, 300000, 5000000 };

#define EACH_SIZE(size) \
	for (size_t i = 0, size; i < sizeof(sizes) / sizeof(*sizes) && (size = sizes[i], true); i++)

static bool is_all(const char *block, char byte, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (block[i] != byte)
			return false;
	return true;
}

/* Blocks of either kind go back by either's call. */
static void mixed(void)
{
	EACH_SIZE(size) {
		free(mallocx(size, 0));
		free(mallocx(size, OTHERS));
		free(rallocx(mallocx(size, 0), size * 2, 0));
		dallocx(malloc(size), 0);
		dallocx(realloc(mallocx(size, 0), size * 3), OTHERS);
		sdallocx(malloc(size), size, TCACHE(7));
	}
}

static void sizes_agree(void)
{
	EACH_SIZE(size) {
		void *block = mallocx(size, 0);

		EXPECT(nallocx(size, 0) >= size && sallocx(block, 0) >= size);
		EXPECT(nallocx(size, OTHERS) == sallocx(block, 0));
		EXPECT(malloc_usable_size(block) == sallocx(block, 0));
		memset(block, 1, nallocx(size, 0));
		sdallocx(block, nallocx(size, 0), 0);
	}
	EXPECT(nallocx(SIZE_MAX, 0) == 0 && nallocx(SIZE_MAX / 2, 0) == 0);
	EXPECT(nallocx(1, LG_ALIGN(63)) == 0);
	EXPECT(mallocx(SIZE_MAX, 0) == NULL && mallocx(1, LG_ALIGN(63)) == NULL);
	EXPECT(mallocx(SIZE_MAX, ZERO) == NULL && mallocx(SIZE_MAX, ZERO | LG_ALIGN(8)) == NULL);
}

static void alignment(void)
{
	for (int log = 0; log <= 22; log++)
		EACH_SIZE(size) {
			char *block = mallocx(size, LG_ALIGN(log)), *other = malloc(size);

			EXPECT((uintptr_t)block % ((size_t)1 << log) == 0);
			EXPECT(nallocx(size, LG_ALIGN(log)) == sallocx(block, 0));
			memset(other, 5, size);
			other = rallocx(other, size + 1000, LG_ALIGN(log));
			EXPECT((uintptr_t)other % ((size_t)1 << log) == 0 && is_all(other, 5, 0, size));
			other = rallocx(other, 1, LG_ALIGN(log));
			EXPECT((uintptr_t)other % ((size_t)1 << log) == 0 && *other == 5);
			dallocx(block, LG_ALIGN(log));
			dallocx(other, 0);
		}
}

/* What it moves away from is read to its end and no further, and goes back. */
static void moves(void)
{
	size_t bytes = sizeof(size_t), before = 0, after = 0;
	void *block = mallocx(300000, 0);

	mallctl("stats.arenas.0.large.allocated", &before, &bytes, NULL, 0);
	block = rallocx(block, 600000, LG_ALIGN(20));
	free(rallocx(block, 1, LG_ALIGN(13)));
	mallctl("stats.arenas.0.large.allocated", &after, &bytes, NULL, 0);
	EXPECT(after < before);
	free(rallocx(mallocx(1, 0), (size_t)1 << 30, LG_ALIGN(21)));
}

/* Memory that was another's: zeroes must have been written. */
static void soil(size_t size, int log)
{
	void *block[20];

	for (int i = 0; i < 20; i++)
		memset(block[i] = mallocx(size, LG_ALIGN(log)), 9, size);
	for (int i = 0; i < 20; i++)
		free(block[i]);
}

/* To the last usable byte, and growing, wherever it goes, never shows an old one. */
static void zeroes(void)
{
	for (int log = 0; log <= 13; log += 13)
		EACH_SIZE(size) {
			char *block;
			size_t before;

			soil(size, log);
			block = mallocx(size, ZERO | LG_ALIGN(log));
			before = sallocx(block, 0);
			EXPECT(is_all(block, 0, 0, before));
			memset(block, 3, before);
			soil(before + 100, log);
			block = rallocx(block, before + 100, ZERO | LG_ALIGN(log));
			EXPECT(is_all(block, 3, 0, before) && is_all(block, 0, before, sallocx(block, 0)));
			free(block);
		}
}

/* It never moves: the block is still itself, as long as it says. */
static void in_place(void)
{
	EACH_SIZE(size) {
		char *block = mallocx(size, 0);
		size_t before = sallocx(block, 0), after;

		EXPECT(xallocx(block, before, 0, 0) == before);
		EXPECT(xallocx(block, SIZE_MAX, 0, 0) == before);
		after = xallocx(block, size, SIZE_MAX - size, 0);
		EXPECT(after >= size && after == sallocx(block, 0));
		before = after;
		memset(block, 4, before);
		after = xallocx(block, size, 100000, ZERO);
		EXPECT(after >= before && after == sallocx(block, 0));
		EXPECT(is_all(block, 4, 0, before) && is_all(block, 0, before, after));
		after = xallocx(block, size / 2 + 1, 0, 0);
		EXPECT(after > size / 2 && after == sallocx(block, 0));
		EXPECT(is_all(block, 4, 0, size / 2 + 1));
		free(block);
	}
}

/* What is too much does not keep it from the least. */
static void shrinks_in_place(void)
{
	char *run = mallocx(300000, 0);

	EXPECT(xallocx(run, 100000, 10000000, 0) == nallocx(100000, 0));
	EXPECT(sallocx(run, 0) == nallocx(100000, 0));
	EXPECT(xallocx(run, 100000, 200000, 0) == nallocx(300000, 0));  /* into what it gave back */
	free(run);
}

/* One page less would do for a size that wrapped. */
static void sum_too_large(void)
{
	size_t size = 75 * 4096 + 1;
	char *run = mallocx(size, 0);

	EXPECT(xallocx(run, size, SIZE_MAX, 0) == nallocx(size, 0));
	free(run);
}

/* ---- mallctl ------------------------------------------------------------------------ */

static size_t figure(const char *name)
{
	size_t value = SIZE_MAX, bytes = sizeof(value);

	EXPECT(mallctl(name, &value, &bytes, NULL, 0) == 0 && bytes == sizeof(value));
	return value;
}

static unsigned count(const char *name)
{
	unsigned value = 0;
	size_t bytes = sizeof(value);

	EXPECT(mallctl(name, &value, &bytes, NULL, 0) == 0);
	return value;
}

static void figures(void)
{
	size_t before = figure("stats.allocated"), large = figure("stats.arenas.0.large.allocated");
	void *run = malloc(1 << 20), *mapping = malloc(50 << 20);

	EXPECT(figure("stats.allocated") >= before + (51 << 20));
	EXPECT(figure("stats.arenas.0.large.allocated") == large + (51 << 20));
	EXPECT(figure("stats.active") >= figure("stats.allocated"));
	EXPECT(figure("stats.resident") >= figure("stats.active"));
	EXPECT(figure("stats.arenas.4096.pactive") >= (51 << 20) / figure("arenas.page"));
	free(mapping);
	free(run);
	EXPECT(figure("stats.arenas.0.large.allocated") == large);
	EXPECT(mallctl("arena.4096.purge", NULL, NULL, NULL, 0) == 0);
	EXPECT(figure("stats.arenas.0.pdirty") == 0 && figure("arenas.page") == 4096);
}

/* What Redis sums up; by mibs, as jemalloc's manual has it. */
static void bins(void)
{
	static void *block[1000];
	unsigned bins = count("arenas.nbins"), which = 0;
	size_t mib[6], length = 6, bytes = sizeof(size_t), size = 0, before, allocated;
	char name[64];

	EXPECT(mallctlnametomib("arenas.bin.0.size", mib, &length) == 0 && length == 4);
	for (unsigned i = 0; i < bins && size < 1000; i++) {
		mib[2] = which = i;
		EXPECT(mallctlbymib(mib, length, &size, &bytes, NULL, 0) == 0);
	}
	EXPECT(size >= nallocx(1000, 0));       /* the same, but where checks know it to the byte */
	mib[2] = bins;
	EXPECT(mallctlbymib(mib, length, &size, &bytes, NULL, 0) == ENOENT);
	mib[2] = 0;
	EXPECT(mallctlbymib(mib, length - 1, &size, &bytes, NULL, 0) == ENOENT);
	mib[0] = 10000;
	EXPECT(mallctlbymib(mib, length, &size, &bytes, NULL, 0) == ENOENT);
	snprintf(name, sizeof(name), "stats.arenas.0.bins.%u.curregs", which);
	before = figure(name);
	allocated = figure("stats.allocated");
	for (int i = 0; i < 1000; i++)
		block[i] = malloc(1000);
	EXPECT(figure(name) >= before + 900);
	EXPECT(figure("stats.allocated") >= allocated + 900 * 1000);
	snprintf(name, sizeof(name), "arenas.bin.%u.nregs", which);
	EXPECT(count(name) > 0);
	for (int i = 0; i < 1000; i++)
		free(block[i]);
}

/* A block of a made arena is one like all others; what its pages come from can't be told. */
static void arenas(void)
{
	unsigned arena = count("arenas.create"), other = count("arenas.create"), cache;
	size_t bytes = sizeof(arena);
	void *hooks = &wrong, *none = NULL;
	char name[64];

	EXPECT(other == arena + 1 && count("arenas.narenas") > other);
	EXPECT(mallctl("arenas.create", &arena, &bytes, &none, sizeof(none)) == 0);
	EXPECT(mallctl("arenas.create", &arena, &bytes, &hooks, sizeof(hooks)) == EAGAIN);
	cache = count("tcache.create");
	dallocx(mallocx(100, ARENA(arena) | TCACHE(cache)), TCACHE(cache));
	EXPECT(mallctl("tcache.destroy", NULL, NULL, &cache, sizeof(cache)) == 0);
	EXPECT(mallctl("thread.tcache.flush", NULL, NULL, NULL, 0) == 0);
	snprintf(name, sizeof(name), "stats.arenas.%u.small.allocated", arena);
	EXPECT(figure(name) == 0);
	snprintf(name, sizeof(name), "arena.%u.destroy", arena);
	EXPECT(mallctl(name, NULL, NULL, NULL, 0) == 0);
	snprintf(name, sizeof(name), "arena.%u.purge", arena + 50);
	EXPECT(mallctl(name, NULL, NULL, NULL, 0) == ENOENT);
}

static void refused(void)
{
	const char *version = NULL;
	uint64_t epoch = 1, again = 1;
	size_t bytes = sizeof(epoch), four = 4, eight = 8;
	bool flag = true;

	EXPECT(mallctl("version", &version, &bytes, NULL, 0) == 0 && strstr(version, "ukmem"));
	EXPECT(mallctl("epoch", &epoch, &bytes, &epoch, sizeof(epoch)) == 0 && epoch > 1);
	EXPECT(mallctl("epoch", &again, &bytes, NULL, 0) == 0 && again == epoch);
	again = 0;
	EXPECT(mallctl("epoch", &again, &four, NULL, 0) == EINVAL && again == epoch && four == 4);
	EXPECT(mallctl("epoch", NULL, NULL, &flag, sizeof(flag)) == EINVAL);
	EXPECT(mallctl("background_thread", NULL, NULL, &flag, sizeof(flag)) == 0);
	EXPECT(mallctl("stats.allocated", NULL, NULL, &eight, sizeof(eight)) == EPERM);
	EXPECT(mallctl("tcache.flush", &again, &four, NULL, 0) == EPERM);
	EXPECT(mallctl("arena.0.purge", &again, &eight, NULL, 0) == EPERM);
	EXPECT(mallctl("arena.0.purge", NULL, NULL, &flag, sizeof(flag)) == EPERM);
	EXPECT(mallctl("stats.allocate", &eight, &eight, NULL, 0) == ENOENT);
	EXPECT(mallctl("stats.allocatedx", &eight, &eight, NULL, 0) == ENOENT);
	EXPECT(mallctl("stats.arenas.x.pactive", &eight, &eight, NULL, 0) == ENOENT);
	EXPECT(mallctl("", &eight, &eight, NULL, 0) == ENOENT);
	EXPECT(mallctlnametomib("nothing", &again, &four) == ENOENT);
}

static void listen(void *to, const char *text)
{
	strncat(to, text, 100000 - strlen(to));
}

static void told(void)
{
	static char text[100001];

	malloc_stats_print(listen, text, "J");
	EXPECT(strstr(text, "slabinfo") != NULL && strstr(text, "malloc-1024") != NULL);
	EXPECT(strstr(text, "in use bytes") != NULL);
}

int main(void)
{
	EXPECT(slabinfo_read != NULL);          /* the drop-in is here */
	mixed();
	sizes_agree();
	alignment();
	moves();
	zeroes();
	in_place();
	shrinks_in_place();
	sum_too_large();
	figures();
	bins();
	arenas();
	refused();
	told();
	return wrong;
}
