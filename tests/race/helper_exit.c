/*
 * helper_exit.c: the reaper's helper thread is nobody's burden.
 *
 *   - A process whose main thread ends by pthread_exit, with the helper left, ends.
 *   - So does one whose last worker ends after the main thread.
 *   - reaper:off: no thread is started, and misses reap when the time has come.
 *   - An idle process loses its helper; the next miss brings it back.
 */
#include "race.h"

#include <dirent.h>

enum { END_WITHIN_S = 10 };

static struct kmem_cache *cache;

static void miss(void)
{
	void *objects[300];

	kmem_cache_alloc_bulk(cache, GFP_KERNEL, 300, objects);
	kmem_cache_free_bulk(cache, 300, objects);
}

static unsigned threads_now(void)
{
	DIR *directory = opendir("/proc/self/task");
	unsigned count = 0;

	for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

static uint64_t reaps(void)
{
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	return stats.reap_rounds;
}

/* ---- Endings: each runs in a child --------------------------------------------------------- */

static void *linger(void *unused)
{
	sleep_us(200000);
	miss();
	return unused;
}

static void main_thread_ends(void)
{
	miss();
	pthread_exit(NULL);
}

static void worker_ends_last(void)
{
	pthread_t thread;

	miss();
	pthread_create(&thread, NULL, linger, NULL);
	pthread_exit(NULL);
}

/* ---- Lives --------------------------------------------------------------------------------- */

static void reaper_off(void)
{
	uint64_t before = reaps();

	for (int i = 0; i < 50; i++, sleep_us(10000))
		miss();
	_exit(threads_now() == 1 && reaps() > before + 2 ? 0 : 1);
}

static void helper_goes_and_comes(void)
{
	unsigned with, without = 2, again;

	miss();
	with = threads_now();
	for (int i = 0; i < 500 && without != 1; i++, sleep_us(10000))
		without = threads_now();
	miss();
	again = threads_now();
	_exit(with == 2 && without == 1 && again == 2 ? 0 : 1);
}

/* ---- ---------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *sentence, *options;
	void (*body)(void);
} lives[] = {
	{ "main", "a process ends with its main thread, helper or not", "reap_ms:300",
	  main_thread_ends },
	{ "worker", "a process ends with its last worker, helper or not", "reap_ms:300",
	  worker_ends_last },
	{ "off", "reaper:off starts no thread and reaps all the same",
	  "reaper:off reap_ms:50 adapt_mib:0", reaper_off },
	{ "idle", "the helper leaves an idle process and comes back", "reap_ms:20 decay_ms:20",
	  helper_goes_and_comes },
};

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		double start = now_s();
		int status = -1;

		if (argc > 1 && strcmp(argv[1], lives[i].word) == 0) {
			alarm(END_WITHIN_S);
			cache = stamped_cache("helper", 64);
			lives[i].body();
		}
		if (argc > 1)
			continue;
		setenv("UKMEM_OPTIONS", lives[i].options, 1);
		if (fork() == 0)
			execl(argv[0], argv[0], lives[i].word, NULL);
		wait(&status);
		verdict(status == 0, lives[i].sentence, "%.1f s", now_s() - start);
	}
	return race_failures != 0;
}
