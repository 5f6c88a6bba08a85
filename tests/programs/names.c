/*
 * names.c: the C library's allocation interface as C23, POSIX and glibc have it. Run on
 * the drop-in: preloaded, linked, and linked statically. Prints nothing when all holds.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t slabinfo_read(char *buffer, size_t size) __attribute__((weak));
void free_sized(void *block, size_t size) __attribute__((weak));
void free_aligned_sized(void *block, size_t align, size_t size) __attribute__((weak));
void *__libc_memalign(size_t align, size_t size);
void *__libc_malloc(size_t size);

static int wrong;

#define EXPECT(condition)                                                       \
	do {                                                                    \
		if (!(condition)) {                                             \
			fprintf(stderr, "names.c:%d: %s\n", __LINE__, #condition); \
			wrong = 1;                                              \
		}                                                               \
	} while (0)

#define REFUSED(call, error) EXPECT((errno = 0, (call) == NULL) && errno == (error))

static volatile size_t huge = SIZE_MAX;

static int aligned(void *block, size_t align)
{
	return block != NULL && (uintptr_t)block % align == 0;
}

static void zero_sizes(void)
{
	void *a = malloc(0), *b = malloc(0), *c = calloc(0, 8), *d = calloc(8, 0);

	EXPECT(a != NULL && b != NULL && a != b && c != NULL && d != NULL);
	free(a);
	EXPECT(realloc(b, 0) == NULL);          /* freed, as in glibc */
	free(c);
	free(d);
	free(NULL);
}

static void overflow(void)
{
	void *block = malloc(10);

	REFUSED(malloc(huge), ENOMEM);
	REFUSED(malloc(huge / 2 + 1), ENOMEM);
	REFUSED(calloc(huge / 2, 3), ENOMEM);
	REFUSED(realloc(block, huge), ENOMEM);
	REFUSED(reallocarray(block, huge / 2, 3), ENOMEM);
	REFUSED(memalign(64, huge), ENOMEM);
	REFUSED(aligned_alloc(64, huge - 63), ENOMEM);
	REFUSED(valloc(huge), ENOMEM);
	REFUSED(pvalloc(huge), ENOMEM);
	REFUSED(memalign(huge / 2 + 2, 1), EINVAL);
	REFUSED(aligned_alloc(24, 48), EINVAL);
	free(block);
}

static void alignment(void)
{
	void *block = (void *)1;

	for (size_t size = 1; size < 100000; size = size * 3 / 2 + 1) {
		block = malloc(size);
		EXPECT(aligned(block, _Alignof(max_align_t)) && malloc_usable_size(block) >= size);
		free_sized(block, size);
	}
	EXPECT(posix_memalign(&block, 3, 8) == EINVAL && posix_memalign(&block, 4, 8) == EINVAL);
	EXPECT(posix_memalign(&block, 64, huge) == ENOMEM);
	for (size_t align = 8; align <= 1 << 22; align *= 2) {
		EXPECT(posix_memalign(&block, align, 100) == 0 && aligned(block, align));
		free_aligned_sized(block, align, 100);
		block = aligned_alloc(align, align);
		EXPECT(aligned(block, align));
		free(block);
	}
	block = memalign(48, 10);               /* rounded up */
	EXPECT(aligned(block, 64));
	free(block);
	block = __libc_memalign(256, 10);
	EXPECT(aligned(block, 256));
	free(block);
	block = pvalloc(4097);
	EXPECT(aligned(block, 4096) && malloc_usable_size(block) >= 8192);
	free(block);
	block = valloc(10);
	EXPECT(aligned(block, 4096));
	free(block);
	free(__libc_malloc(10));
}

static void contents(void)
{
	char *block = malloc(1000), *again;

	memset(block, 7, 1000);
	free(block);
	block = calloc(10, 100);
	for (int i = 0; i < 1000; i++)
		EXPECT(block[i] == 0);
	strcpy(block, "kept");
	again = realloc(block, 10000000);
	EXPECT(again != NULL && strcmp(again, "kept") == 0);
	again = reallocarray(again, 10, 1);
	EXPECT(strcmp(again, "kept") == 0);
	errno = 3;
	free(again);
	EXPECT(errno == 3);
}

static void figures(void)
{
	struct mallinfo2 before = mallinfo2(), after;
	void *small = malloc(20000), *large = malloc(50 << 20);

	after = mallinfo2();
	EXPECT(after.uordblks >= before.uordblks + 20000 + (50 << 20));
	EXPECT(after.uordblks + after.fordblks == after.arena + after.hblkhd);
	EXPECT(after.hblks == before.hblks + 1 && after.hblkhd >= before.hblkhd + (50 << 20));
	free(small);
	free(large);
	EXPECT(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1);
	malloc_trim(0);
	EXPECT(malloc_usable_size(NULL) == 0);
}

int main(void)
{
	EXPECT(slabinfo_read != NULL);          /* the drop-in is here */
	zero_sizes();
	overflow();
	alignment();
	contents();
	figures();
	return wrong;
}
