/*
 * Every public call, with its 1st, 2nd, 3rd ... request to the OS refused, until a run
 * meets no refusal.
 *
 * Each run is a process of its own: prepare, make the library hungry (every committed
 * page is held, so that whoever needs one must ask the OS), refuse, call, refuse nothing,
 * check; undo, call again (this must succeed), undo, and count what is left. A run
 * without refusals says what must be left. What is refused, by round k = 1, 2, 3 ...:
 *   NTH      the k-th request;
 *   ALL      the k-th request and all after it;
 *   PAGES    all requests for memory, but k - 1 runs of two pages are there: the k-th page that a
 *            call needs is the one it can't have; up to PAGES_MAX, as some calls need
 *            more, or a mapping;
 *   BOOT     as ALL, and the call is the first of all, so booting is refused as well
 *            (only where there is nothing to prepare).
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ukmem/stats.h>

#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

struct scenario {
	void (*prepare)(void);          /* with nothing refused; NULL: nothing */
	bool (*call)(void);             /* true: done; false: refused, all as before */
	void (*undo)(void);             /* of a call that was done */
};

enum { CALM, REFUSED };
enum how { NTH, ALL, PAGES, BOOT, HOWS };
enum { PAGES_MAX = 40 };

/* What is left after the same calls, however many were refused on the way. */
struct leftovers {
	size_t meta_objects, active_objects, used_pages, caches;
};

/* A refused call may have gone a way round, and made an array there. Now all have one. */
static void use_every_cache_once(void)
{
	for_each_cache(used)
		kmem_cache_free(used, kmem_cache_alloc(used, GFP_KERNEL));
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
	if (topology.nodes > 1)         /* packed tighter if a node had no memory */
		EXPECT(left.used_pages <= expected->used_pages);
	else
		EXPECT_EQ(left.used_pages, expected->used_pages);
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

static void refuse_everything(const struct scenario *scenario)
{
	for (enum how how = NTH; how < HOWS; how++) {
		if (how == BOOT && scenario->prepare != NULL)
			continue;
		printf("    %u", refuse_each(scenario, how));
	}
	printf(" rounds refused\n");
}

/* On one node and on two; the first word of the machine keeps slots and CPUs the same. */
#define REFUSE(name, ...)                                                       \
	static const struct scenario scenario_##name = { __VA_ARGS__ };         \
	TEST_ON("topology:4x1 reaper:off reap_ms:1000000", name)                \
	{                                                                       \
		refuse_everything(&scenario_##name);                            \
	}                                                                       \
	TEST_ON("topology:4x2 reaper:off reap_ms:1000000", name##_on_two_nodes) \
	{                                                                       \
		refuse_everything(&scenario_##name);                            \
	}                                                                       \
	TEST_ON("topology:4x2 freelist_random:on reap_ms:1000000", name##_with_a_helper) \
	{                                                                       \
		refuse_everything(&scenario_##name);                            \
	}

/* ---- Calls that return one pointer --------------------------------------------------- */

static struct kmem_cache *cache;
static void *result;

/* NULL comes with ENOMEM, and with nothing else. */
static bool got(void *object)
{
	result = object;
	if (object == NULL)
		EXPECT_EQ(errno, ENOMEM);
	errno = 0;
	return object != NULL;
}

static void free_result(void)
{
	kfree(result);
}

static void kvfree_result(void)
{
	kvfree(result);
}

static void destroy_result(void)
{
	kmem_cache_destroy(result);
}

static void ctor(void *object)
{
	*(char *)object = 'c';
}

static struct kmem_cache *silently(struct kmem_cache *made, int error)
{
	log_end();
	errno = error;
	return made;
}

#define CREATE(call) ({                                                         \
		struct kmem_cache *made_;                                       \
		log_begin();                                                    \
		made_ = (call);                                                 \
		got(silently(made_, errno)); })

static bool create(void)
{
	return CREATE(kmem_cache_create("refuse", 200, 0, 0, NULL));
}

static bool create_large(void)
{
	return CREATE(kmem_cache_create("refuse", 300000, 0, 0, ctor));
}

static bool create_usercopy(void)
{
	return CREATE(kmem_cache_create_usercopy("refuse", 200, 64, 0, 0, 8, ctor));
}

REFUSE(create_unwinds, NULL, create, destroy_result)
REFUSE(create_of_large_objects_unwinds, NULL, create_large, destroy_result)
REFUSE(create_usercopy_unwinds, NULL, create_usercopy, destroy_result)

static bool call_kmalloc(void)
{
	return got(kmalloc(1000, GFP_KERNEL));
}

static bool call_kmalloc_largest(void)
{
	return got(kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL));
}

static bool call_kmalloc_reclaimable(void)
{
	return got(kmalloc(1000, GFP_KERNEL | __GFP_RECLAIMABLE));
}

static bool call_kmalloc_dma(void)
{
	return got(kmalloc(1000, GFP_KERNEL | __GFP_DMA));
}

static bool call_kmalloc_atomic(void)
{
	return got(kmalloc(1000, GFP_KERNEL)) && (free_result(), got(kmalloc(1000, GFP_ATOMIC)));
}

static bool call_kzalloc(void)
{
	return got(kzalloc(5000, GFP_KERNEL));
}

static bool call_kmalloc_node(void)
{
	return got(kmalloc_node(1000, GFP_KERNEL, (int)topology.nodes - 1));
}

static bool call_kzalloc_node(void)
{
	return got(kzalloc_node(1000, GFP_KERNEL | __GFP_THISNODE, 0));
}

static bool call_kmalloc_array(void)
{
	return got(kmalloc_array(100, 30, GFP_KERNEL));
}

static bool call_kcalloc(void)
{
	return got(kcalloc(100, 30, GFP_KERNEL));
}

static bool call_kmemdup(void)
{
	return got(kmemdup("text", 5, GFP_KERNEL));
}

static bool call_kstrdup(void)
{
	return got(kstrdup("text", GFP_KERNEL));
}

static bool call_kstrndup(void)
{
	return got(kstrndup("text", 3, GFP_KERNEL));
}

REFUSE(kmalloc_is_null_or_memory, NULL, call_kmalloc, free_result)
REFUSE(kmalloc_of_4_mib_is_null_or_memory, NULL, call_kmalloc_largest, free_result)
REFUSE(kmalloc_of_reclaimable_is_null_or_memory, NULL, call_kmalloc_reclaimable, free_result)
REFUSE(kmalloc_for_dma_is_null_or_memory, NULL, call_kmalloc_dma, free_result)
REFUSE(kmalloc_without_waiting_is_null_or_memory, NULL, call_kmalloc_atomic, free_result)
REFUSE(kzalloc_is_null_or_memory, NULL, call_kzalloc, free_result)
REFUSE(kzalloc_node_is_null_or_memory, NULL, call_kzalloc_node, free_result)
REFUSE(kmalloc_array_is_null_or_memory, NULL, call_kmalloc_array, free_result)
REFUSE(kcalloc_is_null_or_memory, NULL, call_kcalloc, free_result)
REFUSE(kmemdup_is_null_or_memory, NULL, call_kmemdup, free_result)
REFUSE(kstrdup_is_null_or_memory, NULL, call_kstrdup, free_result)
REFUSE(kstrndup_is_null_or_memory, NULL, call_kstrndup, free_result)

static void boot_only(void)
{
	EXPECT_EQ(boot_ensure(), 0);
}

REFUSE(kmalloc_node_is_null_or_memory, boot_only, call_kmalloc_node, free_result)

static bool call_kvmalloc(void)
{
	return got(kvmalloc(100000, GFP_KERNEL));
}

static bool call_kvmalloc_huge(void)
{
	return got(kvmalloc(10 << 20, GFP_KERNEL));
}

static bool call_kvzalloc(void)
{
	return got(kvzalloc(3 << 20, GFP_KERNEL));
}

static bool call_kvmalloc_node(void)
{
	return got(kvmalloc_node(5 << 20, GFP_KERNEL, 0));
}

static bool call_kvmalloc_array(void)
{
	return got(kvmalloc_array(1000, 5000, GFP_KERNEL));
}

static bool call_kvcalloc(void)
{
	return got(kvcalloc(1000, 100, GFP_KERNEL));
}

REFUSE(kvmalloc_is_null_or_memory, NULL, call_kvmalloc, kvfree_result)
REFUSE(kvmalloc_of_10_mib_is_null_or_memory, NULL, call_kvmalloc_huge, kvfree_result)
REFUSE(kvzalloc_is_null_or_memory, NULL, call_kvzalloc, kvfree_result)
REFUSE(kvmalloc_node_is_null_or_memory, NULL, call_kvmalloc_node, kvfree_result)
REFUSE(kvmalloc_array_is_null_or_memory, NULL, call_kvmalloc_array, kvfree_result)
REFUSE(kvcalloc_is_null_or_memory, NULL, call_kvcalloc, kvfree_result)

/* The old object is whole after a refusal. */
static bool reallocated(void *(*call)(void *object))
{
	char *object = kmalloc(100, GFP_KERNEL), *moved;

	if (object == NULL)
		return got(NULL);
	memset(object, 'r', 100);
	moved = call(object);
	if (moved == NULL) {
		int error = errno;

		EXPECT(object[0] == 'r' && object[99] == 'r');
		kfree(object);
		errno = error;
		return got(NULL);
	}
	EXPECT(moved[0] == 'r' && moved[99] == 'r');
	return got(moved);
}

static void *to_5000_bytes(void *object)
{
	return krealloc(object, 5000, GFP_KERNEL);
}

static void *to_70_times_100_bytes(void *object)
{
	return krealloc_array(object, 70, 100, GFP_KERNEL);
}

static bool call_krealloc(void)
{
	return reallocated(to_5000_bytes);
}

static bool call_krealloc_array(void)
{
	return reallocated(to_70_times_100_bytes);
}

REFUSE(krealloc_keeps_the_old_object, NULL, call_krealloc, free_result)
REFUSE(krealloc_array_keeps_the_old_object, NULL, call_krealloc_array, free_result)

/* ---- Calls on a cache ------------------------------------------------------------------ */

/* A constructor, an off-slab list, and slabs of which one is in use. */
static void prepare_cache(void)
{
	cache = kmem_cache_create("refuse", 1024, 0, 0, ctor);
	EXPECT_NE(kmem_cache_alloc(cache, GFP_KERNEL), NULL);
	kmem_cache_shrink(cache);
}

/* The same, and nobody has used it. */
static void prepare_unused_cache(void)
{
	cache = kmem_cache_create("refuse", 1024, 0, 0, ctor);
}

/* Objects of four pages: a slab each. */
static void prepare_large_cache(void)
{
	cache = kmem_cache_create("refuse", 16384, 0, 0, NULL);
}

static bool alloc(void)
{
	return got(kmem_cache_alloc(cache, GFP_KERNEL));
}

static bool zalloc(void)
{
	return got(kmem_cache_zalloc(cache, GFP_KERNEL));
}

static bool alloc_node(void)
{
	return got(kmem_cache_alloc_node(cache, GFP_KERNEL, (int)topology.nodes - 1));
}

static bool alloc_this_node(void)
{
	return got(kmem_cache_alloc_node(cache, GFP_KERNEL | __GFP_THISNODE,
					 (int)topology.nodes - 1));
}

static void free_to_cache(void)
{
	kmem_cache_free(cache, result);
}

enum { BULK = 100 };

static void *bulk[BULK];

static bool alloc_bulk(void)
{
	int count = kmem_cache_alloc_bulk(cache, GFP_KERNEL, BULK, bulk);

	EXPECT(count == 0 || count == BULK);
	return got(count != 0 ? bulk : NULL);
}

static void free_bulk(void)
{
	kmem_cache_free_bulk(cache, BULK, bulk);
}

REFUSE(alloc_is_null_or_an_object, prepare_unused_cache, alloc, free_to_cache)
REFUSE(alloc_of_a_large_object_is_null_or_one, prepare_large_cache, alloc, free_to_cache)
REFUSE(zalloc_is_null_or_an_object, prepare_unused_cache, zalloc, free_to_cache)
REFUSE(alloc_node_is_null_or_an_object, prepare_unused_cache, alloc_node, free_to_cache)
REFUSE(alloc_of_just_that_node_is_null_or_an_object, prepare_unused_cache, alloc_this_node, free_to_cache)
REFUSE(alloc_bulk_is_all_or_nothing, prepare_unused_cache, alloc_bulk, free_bulk)
REFUSE(alloc_bulk_of_large_objects_is_all_or_nothing, prepare_large_cache, alloc_bulk, free_bulk)

static void nothing_to_undo(void)
{
}

/* An arena of its own, so that the refused requests are those of the frees. */
static void prepare_bulk(void)
{
	prepare_large_cache();
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, BULK, bulk), BULK);
}

static bool free_all_and_shrink(void)
{
	kmem_cache_free_bulk(cache, BULK, bulk);
	memset(bulk, 0, sizeof(bulk));
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	return true;
}

REFUSE(shrink_does_what_it_can, prepare_bulk, free_all_and_shrink, nothing_to_undo)

static bool destroy(void)
{
	if (cache != NULL)
		kmem_cache_destroy(cache);
	cache = NULL;
	return true;
}

REFUSE(destroy_is_never_refused, prepare_large_cache, destroy, nothing_to_undo)

static void prepare_used_cache(void)
{
	prepare_cache();
	EXPECT_EQ(kmem_cache_tune(cache, 24, 12, 2), 0);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

static bool tuned(int error, unsigned limit)
{
	EXPECT(error == 0 || error == -ENOMEM);
	EXPECT_EQ(cache->cpu.limit, error == 0 ? limit : 24);
	EXPECT_EQ(array_of(cache, 0)->limit, cache->cpu.limit);
	EXPECT_EQ(node_of(cache, 0)->shared->limit, cache->cpu.shared * cache->cpu.batchcount);
	return error == 0;
}

static bool tune(void)
{
	return tuned(kmem_cache_tune(cache, 1000, 500, 4), 1000);
}

static bool tune_by_text(void)
{
	ssize_t written = slabinfo_write("refuse 500 250 3", 16);

	return tuned(written > 0 ? 0 : (int)written, 500);
}

static void tune_back(void)
{
	EXPECT_EQ(kmem_cache_tune(cache, 24, 12, 2), 0);
}

REFUSE(tune_changes_all_or_nothing, prepare_used_cache, tune, tune_back)
REFUSE(slabinfo_write_changes_all_or_nothing, prepare_used_cache, tune_by_text, tune_back)

static void all_cpus_go(void)
{
	for (unsigned cpu = 0; cpu < 4; cpu++)
		cpu_went_offline(cpu);
}

static void prepare_offline(void)
{
	prepare_used_cache();
	all_cpus_go();
}

static bool all_cpus_come(void)
{
	int error = 0;

	for (unsigned cpu = 0; cpu < 4; cpu++)
		error |= cpu_came_online(cpu);
	if (error != 0)
		all_cpus_go();
	return error == 0;
}

REFUSE(cpus_come_online_with_or_without_arrays, prepare_offline, all_cpus_come, all_cpus_go)

/* ---- Calls that only look ---------------------------------------------------------------- */

static bool look(void)
{
	char text[20000];
	struct ukmem_stats stats;

	EXPECT(slabinfo_read(text, sizeof(text)) > 100);
	EXPECT_EQ(strncmp(text, "slabinfo - version: 2.1\n", 24), 0);
	ukmem_stats_read(&stats);
	return true;
}

REFUSE(looking_never_fails, NULL, look, nothing_to_undo)

static bool guard(void)
{
	kmem_vfork_guard(true);
	kfree(kmalloc(100, GFP_KERNEL));
	kmem_vfork_guard(false);
	return true;
}

REFUSE(a_guarded_thread_is_refused_as_any_other, NULL, guard, nothing_to_undo)
