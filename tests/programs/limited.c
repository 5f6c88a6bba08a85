/*
 * limited.c: a program that limits its own address space when it is well under way. It can
 * still make threads and map files, runs out of memory in order, and goes on when some is
 * free again. Prints nothing when all holds.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { BLOCKS = 100000, BYTES = 10000, LIMIT = 200 << 20 };

static char *held[BLOCKS];

static void *thread(void *unused)
{
	free(malloc(100));
	return unused;
}

static int fails(const char *what)
{
	fprintf(stderr, "limited.c: %s\n", what);
	return 1;
}

int main(void)
{
	struct rlimit limit = { LIMIT, LIMIT };
	size_t count = 0;
	pthread_t id;

	memset(held[0] = malloc(BYTES), 1, BYTES);
	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return fails("the limit is refused");
	if (mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return fails("nothing can be mapped");
	if (pthread_create(&id, NULL, thread, NULL) != 0 || pthread_join(id, NULL) != 0)
		return fails("no thread can be made");
	while (count + 1 < BLOCKS && (held[count + 1] = malloc(BYTES)) != NULL)
		memset(held[++count], 1, BYTES);
	if (count * BYTES < LIMIT / 4 || count * BYTES > LIMIT)
		return fprintf(stderr, "%zu blocks: ", count), fails("memory is not what the limit leaves");
	for (size_t i = 0; i <= count; i++)
		free(held[i]);
	return malloc(BYTES) == NULL ? fails("nothing is free after all was freed") : 0;
}
