/*
 * subject.c: a program for the tools to look at. It makes three caches with known
 * contents, prints its own slabinfo and a few addresses, and waits until its standard
 * input ends. Words: "churn" lets a thread allocate and free meanwhile; "idle" does not
 * touch ukmem at all; "named" makes caches of odd names, too; "core" aborts instead
 * of waiting; "become" becomes sleep then.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <ukmem/slab.h>
#include <unistd.h>

enum { SMALL = 1000, LARGE = 50, FREED = 300 };

static struct kmem_cache *small, *large, *churned;
static void *smalls[SMALL], *larges[LARGE];

static void *churn(void *unused)
{
	void *objects[300];

	for (;;) {
		for (int i = 0; i < 300; i++)
			objects[i] = kmem_cache_alloc(churned, GFP_KERNEL);
		for (int i = 0; i < 300; i++)
			kmem_cache_free(churned, objects[i]);
	}
	return unused;
}

static void make_objects(void)
{
	small = kmem_cache_create("subject-small", 64, 64, SLAB_TYPESAFE_BY_RCU, NULL);
	large = kmem_cache_create("subject-large", 3000, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	churned = kmem_cache_create("subject-churned", 200, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	for (int i = 0; i < SMALL; i++)
		smalls[i] = kmem_cache_alloc(small, GFP_KERNEL);
	for (int i = 0; i < LARGE; i++)
		larges[i] = kmem_cache_alloc(large, GFP_KERNEL);
	for (int i = 0; i < FREED; i++)
		kmem_cache_free(small, smalls[i]);
}

/* The Nth has N objects, larger than those before. The last name is longer than there is room for. */
static void make_named(void)
{
	enum { NAMES = 7, LONG = 300 };
	static char long_name[LONG];
	static const char *const names[NAMES] = {
		"gr\303\266\303\237e\033[2J", "a b\tc\nd", "x", "-", "twin\t1", "twin\n1", long_name,
	};

	memset(long_name, 'l', LONG - 1);
	for (int i = 0; i < NAMES; i++) {
		struct kmem_cache *cache = kmem_cache_create(names[i], 500u + 8 * (unsigned)i,
							     0, SLAB_TYPESAFE_BY_RCU, NULL);

		for (int object = 0; object <= i; object++)
			(void)kmem_cache_alloc(cache, GFP_KERNEL);
	}
}

static void tell(void)
{
	static char text[1 << 16];

	slabinfo_read(text, sizeof(text));
	printf("%slive %p\nfree %p\n", text, smalls[SMALL - 1], smalls[0]);
	printf("ready\n");
	fflush(stdout);
}

static int has(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], word) == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char byte;

	if (has(argc, argv, "idle")) {
		printf("%p\nready\n", (void *)kmem_cache_create);
		fflush(stdout);
		return (int)read(STDIN_FILENO, &byte, 1);
	}
	make_objects();
	if (has(argc, argv, "named"))
		make_named();
	if (has(argc, argv, "churn"))
		pthread_create(&thread, NULL, churn, NULL);
	tell();
	if (has(argc, argv, "core"))
		abort();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	if (has(argc, argv, "become"))
		execlp("sleep", "sleep", "60", NULL);
	return EXIT_SUCCESS;
}
