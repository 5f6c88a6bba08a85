/*
 * programs.c BUG: one mistake with an object of a cache, for a tool to find; "none" has
 * none and must pass without a word.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ukmem/pages.h>
#include <ukmem/slab.h>

static struct kmem_cache *cache, *late;
static char *volatile object;
static volatile int sink;

static void read_after_free(void)
{
	kmem_cache_free(cache, object);
	if (object[5] == 1)
		sink = 1;
}

static void write_after_free(void)
{
	kmem_cache_free(cache, object);
	object[5] = 1;
}

static void read_after_kfree(void)
{
	char *volatile text = kmalloc(18, GFP_KERNEL);

	memset(text, 0, 18);
	kfree(text);
	if (text[0] == 1)
		sink = 1;
}

/* The object has 32 bytes, 18 were asked for. */
static void write_past_the_end(void)
{
	char *volatile text = kmalloc(18, GFP_KERNEL);

	text[18] = 1;
}

/* Shrunk in place; what it had before is not its own any more. */
static void write_past_the_shrunk(void)
{
	char *volatile text = kmalloc(30, GFP_KERNEL);

	text = krealloc(text, 18, GFP_KERNEL);
	text[20] = 1;
}

static void write_before_the_start(void)
{
	object[-1] = 1;
}

static void read_of_fresh(void)
{
	if (object[5] == 1)
		sink = 1;
}

/* Grown in place; what is new is not yet written. */
static void read_of_grown(void)
{
	char *volatile text = kmalloc(18, GFP_KERNEL);

	memset(text, 0, 18);
	text = krealloc(text, 30, GFP_KERNEL);
	if (text[17] == 0 && text[20] == 1)
		sink = 1;
}

static void leak(void)
{
	for (int i = 0; i < 10; i++)
		object = kmem_cache_alloc(cache, GFP_KERNEL);
	object = NULL;
}

/* From the first of a slab on, and several slabs. */
static void leak_slabs(void)
{
	struct kmem_cache *many = kmem_cache_create("many", 200, 0, 0, NULL);

	for (int i = 0; i < 100; i++)
		memset(kmem_cache_alloc(many, GFP_KERNEL), 0, 200);
	memset(kmem_cache_alloc(many, GFP_KERNEL), 0, 200);
	object = kmem_cache_alloc(many, GFP_KERNEL);    /* what registers point to is no leak */
}

/* What malloc gave is known to a live object only. */
static void block_in_a_live_object(void)
{
	*(void **)object = malloc(1000);
}

/* A leak is looked for from exit on, whose frames have what malloc's left where they lie. */
static void wipe_the_stack(void)
{
	char below[1 << 16];

	memset(below, 0, sizeof(below));
	sink = below[0];
}

static void block_in_a_freed_object(void)
{
	*(void **)object = malloc(1000);
	kmem_cache_free(cache, object);
	wipe_the_stack();
}

static void double_free(void)
{
	kmem_cache_free(cache, object);
	kmem_cache_free(cache, object);
}

static void constructor(void *fresh)
{
	memset(fresh, 7, 40);
}

static void use(struct kmem_cache *of, size_t bytes, size_t count)
{
	static __thread char *held[5000];

	for (size_t i = 0; i < count; i++) {
		held[i] = kmem_cache_alloc(of, i % 2 ? GFP_KERNEL : GFP_KERNEL | __GFP_ZERO);
		memset(held[i], (int)i, bytes);
	}
	for (size_t i = 0; i < count; i++) {
		if (held[i][bytes - 1] != (char)i)
			abort();
		kmem_cache_free(of, held[i]);
	}
}

/* Pages that were slabs before, to who asks for no objects. */
static void use_pages(void)
{
	static __thread unsigned long pages[100];

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		pages[i] = __get_free_page(GFP_KERNEL);
		memset((void *)pages[i], (int)i, 4096);
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		free_page(pages[i]);
}

/* Slabs come and go, and their pages are something else afterwards. */
static void none(void)
{
	struct kmem_cache *built = kmem_cache_create("built", 40, 0, 0, constructor);
	char *text = kmem_cache_alloc(built, GFP_KERNEL), *pages;

	if (text[39] != 7)
		abort();
	kmem_cache_free(built, text);
	text = kmem_cache_alloc(built, GFP_KERNEL);
	if (text[39] != 7)
		abort();
	kmem_cache_free(built, text);
	for (int round = 0; round < 3; round++) {
		use(cache, 64, 5000);
		kmem_cache_shrink(cache);
		use_pages();
	}
	kmem_cache_destroy(built);
	text = kzalloc(18, GFP_KERNEL);
	text = krealloc(text, 28, GFP_KERNEL | __GFP_ZERO);
	if (text[17] != 0 || text[27] != 0 || ksize(text) < 28)
		abort();
	text = krealloc(text, 5000, GFP_KERNEL);
	memset(text, 1, 5000);
	kfree(text);
	for (int i = 0; i < 200; i++) {
		pages = kmalloc(4 << 20 >> i % 12, GFP_KERNEL);
		memset(pages, 1, 4 << 20 >> i % 12);
		kfree(pages);
	}
}

/* Objects, slabs and pages go from thread to thread, also by hand, under a lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void exchange(void)
{
	char *mine = kmem_cache_alloc(cache, GFP_KERNEL), *others;

	memset(mine, 1, 64);
	pthread_mutex_lock(&lock);
	others = object;
	object = mine;
	pthread_mutex_unlock(&lock);
	memset(others, 2, 64);
	kmem_cache_free(cache, others);
}

static void *work(void *unused)
{
	struct kmem_cache *built;
	char *text;

	for (int round = 0; round < 20; round++) {
		built = kmem_cache_create("built", 40, 0, 0, constructor);
		use(built, 40, 500);
		kmem_cache_destroy(built);
		use(cache, 64, 1000);
		use(late, 64, 500);
		kmem_cache_shrink(late);
		kmem_cache_shrink(cache);
		use_pages();
		for (int i = 0; i < 500; i++)
			exchange();
		text = krealloc(kzalloc(18, GFP_KERNEL), 28, GFP_KERNEL);
		memset(text, 1, 28);
		kfree(krealloc(text, (size_t)100 << round % 14, GFP_KERNEL));
	}
	return unused;
}

static void threads(void)
{
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, work, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

/* Nothing but time is between the two threads. */
static void *read_now(void *of)
{
	sink = *(char *)of;
	return NULL;
}

static void *write_late(void *to)
{
	usleep(300000);
	*(char *)to = 1;
	return NULL;
}

static void free_beside(void *(*other)(void *))
{
	pthread_t thread;

	pthread_create(&thread, NULL, other, object);
	usleep(100000);
	kmem_cache_free(cache, object);
	pthread_join(thread, NULL);
}

/* The object is the thread's no more; the next owner, here, writes to it. */
static void write_late_of_an_rcu_object(void)
{
	pthread_t thread;

	object = kmem_cache_alloc(late, GFP_KERNEL);
	pthread_create(&thread, NULL, write_late, object);
	usleep(100000);
	for (int i = 0; i < 20000; i++) {
		kmem_cache_free(late, object);
		object = kmem_cache_alloc(late, GFP_KERNEL);
		memset(object, 1, 64);
	}
	pthread_join(thread, NULL);
}

static void free_while_another_reads(void)
{
	free_beside(read_now);
}

static void write_of_what_another_freed(void)
{
	free_beside(write_late);
}

#define BUG(name) { #name, name }

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} bugs[] = {
		BUG(none), BUG(read_after_free), BUG(write_after_free), BUG(read_after_kfree),
		BUG(write_past_the_end), BUG(write_past_the_shrunk), BUG(write_before_the_start), BUG(read_of_fresh),
		BUG(read_of_grown), BUG(leak), BUG(leak_slabs), BUG(block_in_a_live_object),
		BUG(block_in_a_freed_object), BUG(double_free), BUG(threads), BUG(free_while_another_reads), BUG(write_of_what_another_freed),
		BUG(write_late_of_an_rcu_object),
	};

	cache = kmem_cache_create("subject", 64, 0, 0, NULL);
	late = kmem_cache_create("late", 64, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	for (size_t i = 0; argc == 2 && i < sizeof(bugs) / sizeof(bugs[0]); i++) {
		if (strcmp(argv[1], bugs[i].name) != 0)
			continue;
		if (strcmp(argv[1], "read_of_fresh") != 0)
			memset(object, 0, 64);
		bugs[i].run();
		puts("ended");
		return 0;
	}
	return 2;
}
