/*
 * refuse.c: the rounds of a refusal test.
 */
#include "harness/refuse.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/fake_os.h"

enum { CALM, REFUSED };
enum how { NTH, ALL, PAGES, BOOT, HOWS };
enum { PAGES_MAX = 40 };

void *result;

bool got(void *object)
{
	result = object;
	if (object == NULL)
		EXPECT_EQ(errno, ENOMEM);
	errno = 0;
	return object != NULL;
}

/* What is left after the same calls, however many were refused on the way. */
struct leftovers {
	size_t meta_objects, active_objects, used_pages, caches;
};

/* A refused call may have gone a way round, and made arrays there. Now all have theirs. */
static void use_every_cache_once(void)
{
	for_each_cache(used) {
		kmem_cache_free(used, kmem_cache_alloc(used, GFP_KERNEL));
		for (unsigned node = 0; node < topology.nodes; node++)
			shared_ensure(node_of(used, node));
	}
}

static struct leftovers count_leftovers(void)
{
	struct leftovers left = { 0 };

	use_every_cache_once();
	reclaim();
	left.meta_objects = meta_active_objects();
	lock_take(&registry_lock);
	for_each_cache(cache) {
		left.active_objects += cache_active_objects(cache);
		left.caches++;
	}
	lock_drop(&registry_lock);
	left.used_pages = pages_committed() - pages_free_count();
	return left;
}

/* ---- Hunger ----------------------------------------------------------------------- */

static struct list held_pages = { &held_pages, &held_pages };

/* All but @spare runs of two pages, dealt to the nodes in turn. */
static void hold_committed_pages(unsigned spare)
{
	struct page *spares[spare + 1];

	for (unsigned i = 0; i < spare; i++)
		spares[i] = pages_alloc(i % topology.nodes, 1, true, NULL);
	for (unsigned node = 0; node < topology.nodes; node++)
		for (unsigned order = MAX_ORDER + 1; order-- > 0;) {
			struct page *page;

			while ((page = pages_alloc(node, order, false, NULL)) != NULL)
				list_add_tail(&held_pages, &page->list);
		}
	for (unsigned i = 0; i < spare; i++)
		pages_free(spares[i]);
}

static void let_go(void)
{
	struct list *node;

	while ((node = list_pop_head(&held_pages)) != NULL)
		pages_free(list_entry(node, struct page, list));
}

/* ---- One run ------------------------------------------------------------------------ */

static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void make_hungry(const struct scenario *scenario, enum how how, unsigned k)
{
	EXPECT_EQ(boot_ensure(), 0);
	if (scenario->prepare != NULL)
		scenario->prepare();
	hold_committed_pages(how == PAGES && k != 0 ? k - 1 : 0);
}

static void refuse(enum how how, unsigned k)
{
	if (how == NTH || k == 0)
		fake_os_refuse(k);
	else if (how == PAGES)
		fake_os_refuse_memory();
	else
		fake_os_refuse_from(k);
}

static int one_run(const struct scenario *scenario, enum how how, unsigned k,
		   struct leftovers *expected)
{
	struct leftovers left;
	bool refused;

	stay_on_one_cpu();
	fake_os_install();
	if (how != BOOT)
		make_hungry(scenario, how, k);
	refuse(how, k);
	if (scenario->call())
		scenario->undo();
	refused = fake_os_has_refused();
	fake_os_refuse(0);
	if (booted)
		check_everything();
	EXPECT(scenario->call());
	scenario->undo();
	let_go();
	check_everything();
	left = count_leftovers();
	if (k == 0)
		*expected = left;
	EXPECT_EQ(left.caches, expected->caches);
	EXPECT_EQ(left.active_objects, expected->active_objects);
	EXPECT_EQ(left.meta_objects, expected->meta_objects);
	if (topology.nodes == 1)
		EXPECT_EQ(left.used_pages, expected->used_pages);
	else                            /* another node's slabs, of 8 pages at most, may have served */
		EXPECT(left.used_pages <= expected->used_pages + 8 * topology.nodes);
	return refused ? REFUSED : CALM;
}

/* Its status, CALM or REFUSED; a failure ends the test. */
static int run_in_child(const struct scenario *scenario, enum how how, unsigned k,
			struct leftovers *expected)
{
	static const char *const names[] = { "NTH", "ALL", "PAGES", "BOOT" };
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(one_run(scenario, how, k, expected));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > REFUSED)
		test_fail(__FILE__, __LINE__, "round %u of %s: status %#x", k, names[how],
			  (unsigned)status);
	return WEXITSTATUS(status);
}

/* Returns how many rounds met a refusal. */
static unsigned refuse_each(const struct scenario *scenario, enum how how)
{
	struct leftovers *expected = mmap(NULL, sizeof(*expected), PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned k = 1;

	EXPECT_EQ(run_in_child(scenario, how, 0, expected), CALM);
	while (run_in_child(scenario, how, k, expected) == REFUSED) {
		EXPECT(++k < 1000);
		if (how == PAGES && k == PAGES_MAX)
			break;
	}
	return k - 1;
}

void refuse_everything(const struct scenario *scenario)
{
	for (enum how how = NTH; how < HOWS; how++) {
		if (how == BOOT && scenario->prepare != NULL)
			continue;
		printf("    %u", refuse_each(scenario, how));
	}
	printf(" rounds refused\n");
}
