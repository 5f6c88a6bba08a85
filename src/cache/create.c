/*
 * create.c: layout, nodes, arrays; destroy is the same list backwards.
 */
#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "base/check.h"
#include "cache/cache.h"
#include "cpu/adapt.h"
#include "cpu/watch.h"
#include "debug/debug.h"
#include "debug/guard.h"
#include "debug/strict.h"
#include "node/emergency.h"
#include "os/options.h"
#include "pages/source.h"

#define SLAB_FLAGS_PERMITTED                                                    \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER | \
	 SLAB_TRACE | SLAB_FAILSLAB | SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA |     \
	 SLAB_CACHE_DMA32 | SLAB_RECLAIM_ACCOUNT | SLAB_PANIC |                 \
	 SLAB_TYPESAFE_BY_RCU | SLAB_MEM_SPREAD | SLAB_NOLEAKTRACE |            \
	 SLAB_ACCOUNT | SLAB_NO_USER_FLAGS | SLAB_TYPE_APART)

void (*rcu_start_hook)(void), (*rcu_barrier_hook)(void);

static unsigned max_order(void)
{
	if (options.max_order <= SLAB_ORDER_MAX)
		return options.max_order;
	return layout_default_max_order(topology.memory_bytes);
}

static int choose_source(struct kmem_cache *cache, const struct cache_request *request)
{
	struct zone *zone = NULL;
	int error = 0;

	if (request->source != NULL)
		zone = request->source->zone;
	else
		error = gfp_zone(flags_gfp(request->flags), &zone);
	cache->layout.zone = zone;
	if (zone != NULL)
		zone->from->caches++;
	return error;
}

static bool is_apart(const struct cache_request *request)
{
	return (request->flags & SLAB_TYPE_APART) == SLAB_TYPE_APART;
}

/* The kernel's numbers come with the kernel's order. */
static bool hardened(void)
{
	return options.hardening != HARDENING_OFF && options.profile == PROFILE_FAST;
}

static bool is_strict(const struct layout_request *layout, slab_flags_t checks)
{
	return options.hardening == HARDENING_STRICT && layout->fast &&
	       (checks & SLAB_HOOK_FLAGS) == 0;
}

bool lists_stay_with_slabs(void)
{
	return options.profile == PROFILE_FAST && !options.freelist_random;
}

static int make_layout(struct kmem_cache *cache, const struct cache_request *request)
{
	struct layout_request layout = {
		.size = request->size,
		.align = request->align,
		.hwcache_align = (request->flags & SLAB_HWCACHE_ALIGN) != 0,
		.reclaimable = (request->flags & SLAB_RECLAIM_ACCOUNT) != 0,
		.no_obj_list = (request->flags & SLAB_TYPESAFE_BY_RCU) != 0,
		.no_off_slab = (request->flags & SLAB_NOLEAKTRACE) != 0,
		.fast = lists_stay_with_slabs(),
		.max_order = max_order(),
		.ctor = request->ctor,
		.source = &kmalloc_source,
	};
	slab_flags_t checks = cache->flags;
	int error;

	debug_geometry(checks, &layout);
	if (is_strict(&layout, checks))
		layout.zone_bytes = SEAL_BYTES;
	error = layout_init(&cache->layout, &layout);
	if (error == -E2BIG && layout.zone_bytes + layout.entry_bytes != 0) {   /* no room for checks */
		layout.entry_bytes = layout.zone_bytes = 0;
		checks &= ~SLAB_CHECK_FLAGS;
		error = layout_init(&cache->layout, &layout);
	}
	if (error != 0)
		return error;
	cache->layout.name = cache->name;
	error = choose_source(cache, request);
	if (error != 0)
		return error;
	if (is_apart(request) ||
	    ((request->flags & SLAB_TYPESAFE_BY_RCU) && options.hardening != HARDENING_OFF))
		cache->layout.type = type_number(cache->name, cache->layout.size);
	cache->layout.shuffled = hardened();
	cache->layout.late_readers = (request->flags & SLAB_TYPESAFE_BY_RCU) != 0;
	if (is_strict(&layout, checks) && layout.zone_bytes != 0)
		strict_attach(&cache->layout);
	debug_attach(&cache->layout, checks);
	cache_account_new(cache);
	if (options.freelist_random && !layout_randomise(&cache->layout))
		return -ENOMEM;
	return 0;
}

/* Linux's rule and number: the same whatever the arrays hold, if they hold anything. */
static unsigned alien_limit(const struct kmem_cache *cache)
{
	enum { ALIEN_LIMIT = 12 };
	unsigned limit = cpu_is_closed_for_now(&cache->cpu) ? cache->cpu.closed_limit : cache->cpu.limit;

	return limit > 1 ? ALIEN_LIMIT : limit;
}

/*
 * The array goes in under the lock: where a CPU came back, others push already. None where the
 * cache has lost its arrays since.
 */
int make_alien_arrays(struct kmem_cache *cache, struct kmem_cache_node *n)
{
	unsigned limit = n->alien != NULL ? alien_limit(cache) : 0;

	for (unsigned home = 0; home < topology.nodes && limit != 0; home++) {
		struct array_cache *array;

		if (home == n->node || n->alien[home].array != NULL)
			continue;
		array = array_new(limit, 0, n->node, true);
		if (array == NULL)
			return -ENOMEM;
		lock_take(&n->alien[home].lock);
		n->alien[home].array = array;
		lock_drop(&n->alien[home].lock);
	}
	return 0;
}

/* Where arrays hold nothing, alien caches hold nothing either: frees go straight home. */
static int make_alien(struct kmem_cache *cache, struct kmem_cache_node *n)
{
	if (topology.nodes == 1 || !options.alien || cache->cpu.limit == 0)
		return 0;
	n->alien = meta_alloc(META_ALIEN, n->node, true);
	if (n->alien == NULL)
		return -ENOMEM;
	for (unsigned home = 0; home < topology.nodes; home++) {
		lock_init(&n->alien[home].lock, LOCK_RANK_ALIEN);
		n->alien[home].array = NULL;
	}
	return make_alien_arrays(cache, n);
}

static int make_node(struct kmem_cache *cache, unsigned node)
{
	struct kmem_cache_node *n = meta_alloc(META_NODE, node, true);
	int error;

	if (n == NULL)
		return -ENOMEM;
	node_init(n, &cache->layout, node);
	cache_nodes(cache)[node] = n;
	n->free_limit = node_free_limit(cache, node);
	error = make_alien(cache, n);
	if (error == 0)
		error = node_set_shared(cache, node, cache->cpu.shared * cache->cpu.batchcount);
	return error;
}

static void drop_alien(struct kmem_cache_node *n)
{
	if (n->alien == NULL)
		return;
	for (unsigned home = 0; home < topology.nodes; home++)
		array_delete(n->alien[home].array);
	meta_free(META_ALIEN, n->alien);
}

/* Everything empty already; also undoes a creation that stopped half way. */
static void drop_cache(struct kmem_cache *cache)
{
	cpu_arrays_destroy(&cache->cpu);
	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = cache_nodes(cache)[node];

		if (n == NULL)
			continue;
		array_delete(n->shared);
		drop_alien(n);
		meta_free(META_NODE, n);
	}
	layout_forget_random(&cache->layout);
	if (cache->layout.zone != NULL)
		cache->layout.zone->from->caches--;
	meta_free(META_KMEM_CACHE, cache);
}

static void copy_name(struct kmem_cache *cache, const char *name)
{
	size_t length = min_size(strlen(name), NAME_BYTES - 1);

	memcpy(cache->name, name, length);
	cache->name[length] = '\0';
}

static void set_window(struct kmem_cache *cache, const struct cache_request *request)
{
	if (request->usersize > request->size ||
	    request->useroffset > request->size - request->usersize) {
		slab_log("%s: the usercopy window does not fit in the object, none is used",
			 request->name);
		return;
	}
	cache->usersize = request->usersize;
	cache->useroffset = request->usersize != 0 ? request->useroffset : 0;
}

static struct kmem_cache *new_cache(const struct cache_request *request, int refcount)
{
	struct kmem_cache *cache = meta_alloc(META_KMEM_CACHE, 0, true);

	if (cache == NULL)
		return NULL;
	*cache = (struct kmem_cache){ .refcount = refcount };
	cache->flags = debug_flags(request->name, request->flags,
				   request->ctor != NULL);
	list_init(&cache->list);
	copy_name(cache, request->name);
	set_window(cache, request);
	cpu_arrays_init(&cache->cpu, cache_nodes(cache), &cache->layout);
	memset(cache_nodes(cache), 0, topology.nodes * sizeof(struct kmem_cache_node *));
	return cache;
}

static void set_tunables(struct kmem_cache *cache, const struct cache_request *request)
{
	struct cpu_arrays *cpu = &cache->cpu;

	default_tunables(cache->layout.size, &cpu->limit, &cpu->batchcount, &cpu->shared);
	cpu->grown_limit = grown_limit_for(cache->layout.size);
	if (request->sheaf_capacity <= cpu->limit)
		return;
	cpu->grown_limit = 0;
	cpu->limit = (unsigned)min_size(request->sheaf_capacity, ARRAY_LIMIT_MAX);
	cpu->batchcount = (cpu->limit + 1) / 2;
	if ((size_t)cpu->shared * cpu->batchcount > ARRAY_LIMIT_MAX)
		cpu->shared = 1;
}

int cache_create(const struct cache_request *request, int refcount, struct kmem_cache **out)
{
	struct kmem_cache *cache = new_cache(request, refcount);
	int error;

	if (cache == NULL)
		return -ENOMEM;
	error = make_layout(cache, request);
	if (error == 0 && cache->layout.hooks == NULL)          /* hooks: no arrays */
		set_tunables(cache, request);
	if (error == 0 && cache->layout.hooks == NULL && options.heap_sample != 0)
		cpu_sample(&cache->cpu);
	timing_new_cache(cache);
	for (unsigned node = 0; node < topology.nodes && error == 0; node++)
		error = make_node(cache, node);
	if (error != 0) {
		drop_cache(cache);
		return error;
	}
	list_add_head(&registry, &cache->list);
	recorder_new_cache(cache);
	*out = cache;
	return 0;
}

static int check_request(const struct cache_request *request)
{
	if (request->malformed || request->name == NULL || request->name[0] == '\0')
		return -EINVAL;
	if (request->size == 0 || request->size > KMALLOC_MAX_SIZE)
		return -EINVAL;
	if ((request->flags & ~SLAB_FLAGS_PERMITTED) != 0)
		return -EINVAL;
	if ((request->flags & SLAB_TYPE_APART) != 0 && !is_apart(request))
		return -EINVAL;
	if (request->align != 0 && !is_power_of_two(request->align))
		return -EINVAL;
	if (request->source != NULL && request->source->zone == NULL)
		return -EINVAL;
	return 0;
}

static struct kmem_cache *alias(const struct cache_request *request)
{
	struct kmem_cache *cache = NULL;

	if (request->usersize == 0 && request->sheaf_capacity == 0 && !request->no_merge &&
	    request->source == NULL)
		cache = find_mergeable(request->size, request->align, request->flags,
				       request->ctor);
	if (cache == NULL)
		return NULL;
	cache->refcount++;
	if (request->size > cache->layout.object_size)
		__atomic_store_n(&cache->layout.object_size, (unsigned)request->size, __ATOMIC_RELAXED);
	return cache;
}

static int create_or_merge(const struct cache_request *asked, struct kmem_cache **out)
{
	struct cache_request request = *asked;
	int error = check_request(asked);

	if (error == 0)
		error = boot_ensure();
	if (error != 0)
		return error;
	request.flags = debug_flags(request.name, request.flags, request.ctor != NULL);
	lock_take(&registry_lock);
	*out = alias(&request);
	if (*out == NULL)
		error = cache_create(&request, 1, out);
	lock_drop(&registry_lock);
	return error;
}

struct kmem_cache *cache_request(const struct cache_request *request)
{
	struct kmem_cache *cache = NULL;
	const char *name = request->name != NULL ? request->name : "(null)";
	int error = create_or_merge(request, &cache);

	for (unsigned attempt = 0; error == -ENOMEM && reclaim_for(GFP_KERNEL, attempt); attempt++)
		error = create_or_merge(request, &cache);
	if (error == 0 && cache->layout.late_readers && rcu_start_hook != NULL)
		rcu_start_hook();
	if (error == 0)
		return cache;
	if (request->flags & SLAB_PANIC)
		slab_panic("kmem_cache_create(%s) failed: %s", name, strerrordesc_np(-error));
	slab_log("kmem_cache_create(%s) failed: %s", name, strerrordesc_np(-error));
	errno = -error;
	return NULL;
}

PUBLIC struct kmem_cache *(kmem_cache_create)(const char *name, unsigned size, unsigned align,
		slab_flags_t flags, void (*ctor)(void *))
{
	return cache_request(&(struct cache_request){
		.name = name, .size = size, .align = align, .flags = flags, .ctor = ctor });
}

PUBLIC struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned size,
		unsigned align, slab_flags_t flags, unsigned useroffset, unsigned usersize,
		void (*ctor)(void *))
{
	return cache_request(&(struct cache_request){
		.name = name, .size = size, .align = align, .flags = flags,
		.useroffset = useroffset, .usersize = usersize, .ctor = ctor });
}

/* Free lists in free objects are in nobody's way here, so a good offset is only checked. */
static bool freeptr_fits(const struct kmem_cache_args *args, unsigned size)
{
	return !args->use_freeptr_offset ||
	       (size >= sizeof(void *) && args->freeptr_offset <= size - sizeof(void *) &&
		args->freeptr_offset % sizeof(void *) == 0);
}

PUBLIC struct kmem_cache *kmem_cache_create_args(const char *name, unsigned size,
		const struct kmem_cache_args *args, slab_flags_t flags)
{
	static const struct kmem_cache_args none;

	if (args == NULL)
		args = &none;
	return cache_request(&(struct cache_request){
		.name = name, .malformed = !freeptr_fits(args, size),
		.size = size, .align = args->align, .flags = flags,
		.useroffset = args->useroffset, .usersize = args->usersize,
		.ctor = args->ctor, .sheaf_capacity = args->sheaf_capacity,
		.source = args->source });
}

size_t cache_active_objects(struct kmem_cache *cache)
{
	size_t active = emergency_objects(&cache->layout) + guard_objects(&cache->layout);

	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = cache_nodes(cache)[node];

		lock_take(&n->list_lock);
		active += n->total_slabs * cache->layout.num - n->free_objects;
		lock_drop(&n->list_lock);
	}
	return active;
}

/*
 * Objects still out keep the cache alive: they point into its slabs. The arrays go
 * first and without a fence, which the kernel may refuse: nobody is in a sequence of a
 * cache that nobody uses any more.
 */
static void destroy_last(struct kmem_cache *cache)
{
	cpu_arrays_destroy(&cache->cpu);
	if (cache_shrink(cache)) {
		cache->refcount = 1;
		slab_log("kmem_cache_destroy(%s): %zu objects are still out, the cache is kept",
			 cache->name, cache_active_objects(cache));
		return;
	}
	list_remove(&cache->list);
	if (cache->layout.late_readers && rcu_barrier_hook != NULL) {
		lock_drop(&registry_lock);      /* slabs that wait need the cache */
		rcu_barrier_hook();
		lock_take(&registry_lock);
	}
	drop_cache(cache);
}

static bool is_registered(const struct kmem_cache *wanted)
{
	for_each_cache(cache)
		if (cache == wanted)
			return true;
	return false;
}

PUBLIC void kmem_cache_destroy(struct kmem_cache *cache)
{
	int kept_errno = errno;

	if (cache == NULL)
		return;
	deferred_settle();
	if (rcu_barrier_hook != NULL)
		rcu_barrier_hook();             /* objects that wait to be freed */
	lock_take(&registry_lock);
	if (!is_registered(cache))
		slab_panic("kmem_cache_destroy of %p, which is no cache", (void *)cache);
	if (cache->refcount == REFCOUNT_BOOT)
		slab_log("kmem_cache_destroy(%s): the allocator's own, it stays", cache->name);
	else if (--cache->refcount == 0)
		destroy_last(cache);
	lock_drop(&registry_lock);
	errno = kept_errno;
}
