/*
 * no_rseq.c: the same short self-check wherever the kernel refuses us something.
 *
 *   no_rseq check rseq|locked   check that all works, on that back-end
 *   no_rseq WAY                 refuse something, then check; no_rseq.sh lists the ways
 *
 * rseq refused before the start, or membarrier: locked arrays. membarrier refused later:
 * what would need it is refused (tune: -EPERM; shrink leaves the arrays alone), all else
 * goes on. rseq gone later (glibc ends a process whose new thread it can't register, so
 * these threads give their registration up themselves): such threads keep off the
 * arrays, beside threads that use them. They do so before their first call; after it
 * only where slots go by CPU number, which the kernel then makes -1. (It makes the
 * concurrency id 0: who unregisters a thread that has allocated breaks it there.)
 */
#include "race.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/rseq.h>
#include <sys/prctl.h>

#ifndef SYS_rseq
#define SYS_rseq 334
#endif

enum { THREADS = 4, BURST = 200, LIMIT = 20 };

static struct kmem_cache *cache;
static unsigned bursts;
static bool no_drains;                  /* the fence is refused */

/* ---- Refusing ----------------------------------------------------------------------- */

/* System call @number fails with @error from now on, here and in what comes of us. */
static void refuse(int number, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		printf("skipped no seccomp here: %s\n", strerror(errno));
		exit(0);
	}
}

static void start_again(char *self, const char *back_end)
{
	execl(self, self, "check", back_end, NULL);
	_exit(127);
}

/* ---- The self-check ----------------------------------------------------------------- */

static void *use_cache(void *argument)
{
	uint32_t number = 1 + (uint32_t)(uintptr_t)argument;
	uint64_t random = seed_for(1, number);
	struct stamp *held[BURST];

	for (unsigned i = 0; i < bursts; i++) {
		unsigned burst = 1 + next_random(&random) % BURST;

		if (i % 64 == 0)
			pin(0, next_random(&random));
		for (unsigned k = 0; k < burst; k++) {
			held[k] = kmem_cache_alloc(cache, GFP_KERNEL);
			if (held[k] == NULL)
				broken("allocation refused");
			stamp_take(held[k], number);
		}
		for (unsigned k = 0; k < burst; k++) {
			stamp_drop(held[k], number);
			kmem_cache_free(cache, held[k]);
		}
	}
	return NULL;
}

/* Tune, shrink and fork while @count threads work. */
static void use_from_threads(unsigned count)
{
	pthread_t threads[THREADS];
	int want = no_drains ? -EPERM : 0;

	for (uintptr_t i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, use_cache, (void *)i);
	for (int i = 0; i < 20; i++) {
		int status, result = kmem_cache_tune(cache, LIMIT + i, LIMIT, i & 1);
		pid_t child;

		if (result != want)
			broken("tune gave %d, not %d", result, want);
		if (kmem_cache_shrink(cache) < 0)
			broken("shrink failed");
		if (getenv("UKMEM_RACE_NO_FORK") != NULL)       /* qemu's user mode can't */
			continue;
		child = fork();
		if (child == 0) {
			use_cache((void *)(uintptr_t)50);
			_exit(0);
		}
		if (waitpid(child, &status, 0) != child || status != 0)
			broken("a fork child ended with status %x", (unsigned)status);
		sleep_us(1000);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static bool back_end_is(const char *name)
{
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	return stats.backend_is_rseq == (strcmp(name, "rseq") == 0);
}

static bool kmalloc_works(void)
{
	bool works = true;

	for (size_t size = 1; size <= 1 << 20; size = size * 3 + 1) {
		char *block = kmalloc(size, GFP_KERNEL), *larger;

		memset(block, 7, size);
		larger = krealloc(block, size * 2, GFP_KERNEL);
		works &= larger != NULL && larger[0] == 7 && larger[size - 1] == 7;
		kfree(larger);
	}
	return works;
}

static void make_cache(void)
{
	cache = stamped_cache("no_rseq", 64);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

static void check(const char *way, const char *back_end)
{
	struct line line;
	bool same = back_end_is(back_end);
	double start = now_s();

	use_from_threads(THREADS);
	verdict(same && kmalloc_works() && nothing_lost(cache, &line),
		"the self-check passes on the right back-end", "%s, expected %s, %.1f s", way,
		back_end, now_s() - start);
	kmem_cache_destroy(cache);
}

/* ---- Refused after the start --------------------------------------------------------- */

/* Arrays can't be emptied any more: what they hold stays there, and stays good. */
static void fence_refused_later(void)
{
	struct line line;
	bool rseq;

	make_cache();
	rseq = back_end_is("rseq");
	refuse(SYS_membarrier, EPERM);
	no_drains = rseq;
	use_from_threads(THREADS);
	kmem_cache_shrink(cache);
	line = line_of("no_rseq");
	verdict(kmalloc_works() && line.active <= 4096,
		"membarrier refused later: drains are refused, the rest goes on",
		"tune gives %s, %zu objects stay in arrays", rseq ? "-EPERM" : "0", line.active);
}

/* Ask for the length that glibc registered with; the area follows the thread pointer. */
static void give_up_rseq(void)
{
	static const unsigned lengths[] = { 32, 28, 20, 64 };
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	for (unsigned i = 0; i < 4; i++)
		if (syscall(SYS_rseq, area, lengths[i], RSEQ_FLAG_UNREGISTER, RSEQ_SIG) == 0)
			return;
	broken("can't give up rseq: %s", strerror(errno));
}

static void *use_without_rseq(void *argument)
{
	uintptr_t number = (uintptr_t)argument;
	struct ukmem_stats stats;

	ukmem_stats_read(&stats);
	if (number % 2 != 0 && !stats.index_is_cid)
		use_cache((void *)(20 + number));
	give_up_rseq();
	for (int i = 0; i < 4; i++)
		use_cache((void *)(20 + number));
	return NULL;
}

/* Three threads without, the usual ones with; all on the same cache. */
static void rseq_gone_later(void)
{
	pthread_t early[3];
	struct line line;

	make_cache();
	for (uintptr_t i = 0; i < 3; i++)
		pthread_create(&early[i], NULL, use_without_rseq, (void *)i);
	use_from_threads(THREADS);
	for (unsigned i = 0; i < 3; i++)
		pthread_join(early[i], NULL);
	verdict(kmalloc_works() && nothing_lost(cache, &line),
		"rseq gone later: such threads keep off the arrays, others go on", "%s",
		back_end_is("rseq") ? "rseq" : "locked");
	kmem_cache_destroy(cache);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "check";

	alarm(300);
	find_cpus();
	bursts = (unsigned)(400 * race_factor());
	if (getenv("UKMEM_RACE_BURSTS") != NULL)        /* Valgrind is slow */
		bursts = (unsigned)atoi(getenv("UKMEM_RACE_BURSTS"));
	if (strcmp(way, "check") == 0) {
		make_cache();
		check(getenv("UKMEM_RACE_WAY") != NULL ? getenv("UKMEM_RACE_WAY") : "as is",
		      argc > 2 ? argv[2] : "rseq");
	} else if (strcmp(way, "rseq-enosys") == 0) {
		refuse(SYS_rseq, ENOSYS);
		start_again(argv[0], "locked");
	} else if (strcmp(way, "rseq-eperm") == 0) {
		refuse(SYS_rseq, EPERM);
		start_again(argv[0], "locked");
	} else if (strcmp(way, "membarrier") == 0) {
		refuse(SYS_membarrier, EPERM);
		start_again(argv[0], "locked");
	} else if (strcmp(way, "membarrier-later") == 0) {
		fence_refused_later();
	} else if (strcmp(way, "rseq-later") == 0) {
		rseq_gone_later();
	}
	return race_failures != 0;
}
