/*
 * boot.c: from nothing to a working allocator.
 *
 *   DOWN -> PAGES -> META -> CACHES -> UP
 *
 * Each stage needs only the ones before it. META is how the allocator allocates
 * itself: caches without per-CPU arrays, out of static memory, for arrays, nodes and
 * caches (node/meta.h); the kernel uses one-entry boot arrays for the same purpose.
 * The last stage makes kmalloc's caches; a program that has only malloc stays before it.
 * A stage that is refused memory leaves the state where it was, and the next call
 * tries it again.
 */
#include <errno.h>

#include "cache/cache.h"
#include "cpu/classes.h"
#include "cpu/hooked.h"
#include "debug/debug.h"
#include "debug/fail.h"
#include "debug/guard.h"
#include "debug/shadow.h"
#include "os/options.h"

enum slab_state { DOWN, PAGES, META, CACHES, UP };

_Atomic bool booted, booted_whole;
struct lock boot_lock = LOCK_INIT(LOCK_RANK_BOOT);
static enum slab_state slab_state = DOWN;

static size_t cache_bytes(void)
{
	return sizeof(struct kmem_cache) + topology.slots * sizeof(struct array_cache *) +
	       topology.nodes * sizeof(struct kmem_cache_node *);
}

static void home(struct slab_layout *layout, void *const *objects, unsigned count)
{
	cpu_free_held(&cache_of_layout(layout)->cpu, objects, count);
}

/* Before there is memory: for what lies there kfree and free look here without asking. */
static int boot_classes(void)
{
	int error = classes_init(CLASSES_OF_KMALLOC);

	if (error == 0 && boot_heap != NULL)
		error = classes_init(CLASSES_OF_MALLOC);
	return error;
}

static int boot_pages(void)
{
	int error;

	options_init();
	leaks_wanted = options.debug.leaks;
	timing_init();
	debug_home = home;
	fail_init();
	topology_init();
	threads_init();
	error = boot_classes();
	if (error == 0)
		error = pages_init();
	if (error == 0)
		shadow_init();
	return error;
}

static int boot_meta(void)
{
	return meta_init(cache_bytes());
}

static int boot_caches(void)
{
	int error = boot_heap != NULL ? boot_heap() : 0;

	if (error != 0)
		return error;
	guard_init();
	reaper_init();
	cpu_reclaim_hook = reclaim_for;
	return 0;
}

static int boot_kmalloc(void)
{
	int error;

	lock_take(&registry_lock);
	topology_heed_quota();
	error = kmalloc_init();
	lock_drop(&registry_lock);
	return error;
}

static bool take_boot_lock(bool may_block)
{
	return (may_block || lock_depth == 0) && lock_take_if(&boot_lock, may_block);
}

/* @wanted may look at the options, which the first stage reads. */
static int boot_until(enum slab_state (*wanted)(void), bool may_block)
{
	static int (*const stages[])(void) = { boot_pages, boot_meta, boot_caches, boot_kmalloc };
	int kept_errno = errno, error = 0;

	if (!take_boot_lock(may_block))
		return -EAGAIN;
	while (slab_state < wanted() && error == 0) {
		error = stages[slab_state]();
		if (error == 0)
			slab_state++;
	}
	atomic_store_explicit(&booted, slab_state >= CACHES, memory_order_release);
	atomic_store_explicit(&booted_whole, slab_state == UP, memory_order_release);
	lock_drop(&boot_lock);
	errno = kept_errno;
	return error;
}

static enum slab_state all(void)
{
	return UP;
}

/* Slabs whose free lists lie apart keep them in kmalloc's objects. */
static enum slab_state enough_for_malloc(void)
{
	return lists_stay_with_slabs() ? CACHES : UP;
}

int boot(bool may_block)
{
	return boot_until(all, may_block);
}

int boot_for_malloc(void)
{
	return boot_until(enough_for_malloc, true);
}

/*
 * Before main, so that a fork beside another thread's first call is covered too. Here,
 * not in fork.c: a program linked with libukmem.a gets only files that somebody needs.
 */
__attribute__((constructor)) static void before_main(void)
{
	fork_init();
}
