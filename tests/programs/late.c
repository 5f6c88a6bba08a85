/*
 * late.c: allocation when a thread or the program is nearly over: destructors of thread
 * keys, round after round, C++-style destructors of a thread, and exit handlers. What a
 * destructor got must be whole, what it frees must be free. Prints nothing when all holds.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 200, ROUNDS = 3, BYTES = 200 };

int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *library);
extern void *__dso_handle;

struct note {
	unsigned rounds_left;
	char text[BYTES];
};

static pthread_key_t key;
static unsigned ended, thread_ends, wrong;

static struct note *new_note(unsigned rounds_left)
{
	struct note *note = calloc(1, sizeof(*note));

	note->rounds_left = rounds_left;
	memset(note->text, 'a' + (int)rounds_left, BYTES);
	return note;
}

/* A key that has a value again is called for again. */
static void key_ends(void *value)
{
	struct note *note = value;

	for (unsigned i = 0; i < BYTES; i++)
		if (note->text[i] != 'a' + (int)note->rounds_left)
			__atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
	if (note->rounds_left > 0)
		pthread_setspecific(key, new_note(note->rounds_left - 1));
	else
		__atomic_fetch_add(&ended, 1, __ATOMIC_RELAXED);
	free(note);
}

static void thread_ends_too(void *block)
{
	free(realloc(block, 5000));
	__atomic_fetch_add(&thread_ends, 1, __ATOMIC_RELAXED);
}

static void *thread(void *unused)
{
	pthread_setspecific(key, new_note(ROUNDS));
	__cxa_thread_atexit_impl(thread_ends_too, malloc(100), &__dso_handle);
	return unused;
}

/* The first handler to be registered is the last to run. */
static void at_the_end(void)
{
	free(new_note(0));
	if (wrong || ended != THREADS || thread_ends != THREADS) {
		fprintf(stderr, "late.c: %u and %u of %d threads' destructors ran\n",
			ended, thread_ends, THREADS);
		_Exit(1);
	}
}

int main(void)
{
	pthread_t threads[THREADS];

	atexit(at_the_end);
	pthread_key_create(&key, key_ends);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, thread, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
