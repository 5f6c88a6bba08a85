/*
 * Shrinkers, over a system that refuses memory, and allocations that may not fail.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <ukmem/shrinker.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"
#include "os/pressure.h"

/* A cache of the application's: objects that nobody needs just now. */
enum { HOARD_MAX = 200000 };
static void *hoard[HOARD_MAX];
static unsigned long hoarded, counts, scans;
static gfp_t seen_gfp;
static int seen_nodes;

static unsigned long count_hoard(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	counts++;
	seen_gfp = sc->gfp_mask;
	seen_nodes |= 1 << sc->nid;
	return hoarded != 0 ? hoarded : SHRINK_EMPTY;
}

static unsigned long free_hoard(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long freed = 0;

	(void)shrinker;
	scans++;
	EXPECT(sc->nr_to_scan <= 128);
	for (; freed < sc->nr_to_scan && hoarded != 0; freed++)
		kfree(hoard[--hoarded]);
	return freed;
}

static struct shrinker *hoard_shrinker(unsigned flags)
{
	struct shrinker *shrinker = shrinker_alloc(flags, "hoard-%d", 1);

	EXPECT_STR(shrinker->name, "hoard-1");
	EXPECT_EQ(shrinker->seeks, DEFAULT_SEEKS);
	shrinker->count_objects = count_hoard;
	shrinker->scan_objects = free_hoard;
	shrinker_register(shrinker);
	return shrinker;
}

/* All memory there is goes into the hoard; the system has no more. */
static void hoard_everything(void)
{
	kfree(kmalloc(32 << 10, GFP_KERNEL));
	fake_os_refuse_memory();
	while (hoarded < HOARD_MAX && (hoard[hoarded] = kmalloc(32 << 10, GFP_NOWAIT)) != NULL)
		hoarded++;
	while (hoarded < HOARD_MAX && (hoard[hoarded] = kmalloc(4096, GFP_NOWAIT)) != NULL)
		hoarded++;
	while (hoarded < HOARD_MAX && (hoard[hoarded] = kmalloc(32, GFP_NOWAIT)) != NULL)
		hoarded++;
	EXPECT(hoarded > 10 && hoarded < HOARD_MAX);
}

TEST(an_allocation_that_may_reclaim_calls_shrinkers_before_it_fails)
{
	unsigned long before;

	fake_os_install();
	hoard_shrinker(0);
	hoard_everything();
	before = hoarded;
	EXPECT_NULL(kmalloc(100000, GFP_NOWAIT));
	EXPECT_EQ(counts, 0);
	EXPECT_NE(kmalloc(100000, GFP_NOFS), NULL);
	EXPECT(counts > 0 && scans > 0);
	EXPECT_EQ(seen_gfp & (__GFP_IO | __GFP_FS), __GFP_IO);
	EXPECT(hoarded < before);
	check_everything();
}

TEST(pages_and_mappings_reclaim_too)
{
	void *pages;

	fake_os_install();
	hoard_shrinker(0);
	hoard_everything();
	pages = kvmalloc(60000, GFP_KERNEL);
	EXPECT_NE(pages, NULL);
	EXPECT(counts > 0);
	EXPECT_NULL(kvmalloc(16 << 20, GFP_KERNEL));    /* a mapping, which stays refused */
	EXPECT_EQ(hoarded, 0);
	check_everything();
}

TEST(when_the_shrinkers_have_nothing_the_allocation_fails)
{
	fake_os_install();
	hoard_shrinker(0);
	hoard_everything();
	EXPECT_REFUSED(kmalloc(3 << 20, GFP_KERNEL), ENOMEM);
	EXPECT_EQ(hoarded, 0);                          /* all was tried */
	check_everything();
}

TEST(a_freed_shrinker_is_called_no_more)
{
	struct shrinker own = { .count_objects = count_hoard, .scan_objects = free_hoard };

	shrinker_free(hoard_shrinker(0));
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(counts, 0);
	shrinker_register(&own);
	shrinker_register(&own);                        /* twice is once */
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(counts, 1);
	shrinker_free(&own);
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(counts, 1);
	shrinker_free(NULL);
}

TEST(reclaim_on_demand_frees_a_part)
{
	hoard_shrinker(0);
	for (; hoarded < 1000; hoarded++)
		hoard[hoarded] = kmalloc(64, GFP_KERNEL);
	EXPECT_EQ(kmem_reclaim(GFP_KERNEL), 250);
	EXPECT_EQ(hoarded, 750);
	EXPECT_EQ(seen_gfp, GFP_KERNEL);
}

TEST_ON(FOUR_CPUS_TWO_NODES, an_aware_shrinker_is_asked_for_each_node)
{
	run_on_cpu(0);
	hoard_shrinker(SHRINKER_NUMA_AWARE);
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(seen_nodes, 3);
	EXPECT_EQ(counts, 2);
}

static unsigned long one_object(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	(void)sc;
	return 1;
}

static unsigned long allocate_in_a_shrinker(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	(void)sc;
	scans++;
	EXPECT_NULL(kmalloc(3 << 20, GFP_KERNEL));
	return SHRINK_STOP;
}

TEST(an_allocation_in_a_shrinker_calls_no_shrinkers)
{
	struct shrinker own = { .count_objects = one_object, .scan_objects = allocate_in_a_shrinker };

	fake_os_install();
	shrinker_register(&own);
	hoard_everything();
	EXPECT_NULL(kmalloc(3 << 20, GFP_KERNEL));
	EXPECT(scans >= 1 && scans <= 4);
}

static _Atomic int in_scan, may_end;

static unsigned long slow_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	in_scan = 1;
	while (!may_end)
		usleep(1000);
	in_scan = 0;
	return sc->nr_to_scan;
}

static void *call_it(void *unused)
{
	kmem_reclaim(GFP_KERNEL);
	return unused;
}

static void *end_it(void *unused)
{
	usleep(30000);
	may_end = 1;
	return unused;
}

TEST(free_waits_for_a_call_that_runs)
{
	struct shrinker *shrinker = shrinker_alloc(0, "slow");
	pthread_t caller, ender;

	shrinker->count_objects = one_object;
	shrinker->scan_objects = slow_scan;
	shrinker_register(shrinker);
	pthread_create(&caller, NULL, call_it, NULL);
	while (!in_scan)
		usleep(1000);
	pthread_create(&ender, NULL, end_it, NULL);
	shrinker_free(shrinker);
	EXPECT_EQ(in_scan, 0);
	EXPECT_EQ(may_end, 1);
	pthread_join(caller, NULL);
	pthread_join(ender, NULL);
}

TEST(a_fork_child_waits_for_no_thread_that_it_does_not_have)
{
	struct shrinker *shrinker = shrinker_alloc(0, "slow");
	pthread_t caller;
	int status;
	pid_t child;

	shrinker->count_objects = one_object;
	shrinker->scan_objects = slow_scan;
	shrinker_register(shrinker);
	pthread_create(&caller, NULL, call_it, NULL);
	while (!in_scan)
		usleep(1000);
	child = fork();
	if (child == 0) {
		alarm(5);
		shrinker_free(shrinker);
		_exit(0);
	}
	waitpid(child, &status, 0);
	EXPECT_EQ(status, 0);
	may_end = 1;
	pthread_join(caller, NULL);
}

/* ---- Pressure ---------------------------------------------------------------------------- */

static _Atomic int pressed;

static int poll_until_pressed(struct pollfd *file, nfds_t count, int ms)
{
	(void)count;
	usleep((unsigned)ms * 1000 / 10);
	file->revents = pressed ? POLLPRI : 0;
	return pressed != 0;
}

TEST_ON("reap_ms:20", pressure_calls_the_shrinkers_of_an_idle_program)
{
	char path[] = "/tmp/ukmem-pressure-XXXXXX";

	close(mkstemp(path));
	pressure_file = path;
	pressure_poll = poll_until_pressed;
	hoard_shrinker(0);
	for (; hoarded < 1000; hoarded++)
		hoard[hoarded] = kmalloc(64, GFP_KERNEL);
	usleep(500000);                                 /* long idle: the helper is still there */
	EXPECT_EQ(counts, 0);
	pressed = 1;
	for (int i = 0; i < 2000 && counts == 0; i++)
		usleep(1000);
	EXPECT(counts > 0);
	unlink(path);
}

/* ---- __GFP_NOFAIL ---------------------------------------------------------------------- */

static unsigned callbacks;

static void let_go_the_third_time(gfp_t gfp, unsigned attempts)
{
	EXPECT_EQ(attempts, ++callbacks);
	EXPECT(gfp & __GFP_NOFAIL);
	if (attempts == 3)
		fake_os_refuse(0);
}

TEST(who_may_not_fail_calls_back_until_it_succeeds)
{
	fake_os_install();
	hoard_everything();
	kmem_set_nofail_callback(let_go_the_third_time);
	EXPECT_NE(kmalloc(3 << 20, GFP_KERNEL | __GFP_NOFAIL), NULL);
	EXPECT_EQ(callbacks, 3);
	callbacks = 0;
	fake_os_refuse_memory();
	EXPECT_NE(kvmalloc(16 << 20, GFP_KERNEL | __GFP_NOFAIL), NULL);
	EXPECT_EQ(callbacks, 3);
	kmem_set_nofail_callback(NULL);
	check_everything();
}

static void *refuse_nothing_soon(void *unused)
{
	usleep(30000);
	fake_os_refuse(0);
	return unused;
}

TEST(who_may_not_fail_waits_without_a_callback)
{
	pthread_t thread;

	fake_os_install();
	hoard_everything();
	pthread_create(&thread, NULL, refuse_nothing_soon, NULL);
	EXPECT_NE(kmalloc(3 << 20, GFP_KERNEL | __GFP_NOFAIL), NULL);
	pthread_join(thread, NULL);
}
