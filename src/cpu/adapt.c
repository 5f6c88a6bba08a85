/*
 * adapt.c: see adapt.h.
 */
#include "cpu/adapt.h"

#include "os/options.h"

/*
 * As many as the largest class of arrays has room for (node/meta.c), and as many bytes as
 * that many objects of a page.
 */
enum { GROWN_LIMIT = 992, GROWN_BYTES = GROWN_LIMIT * PAGE_STRIDE_MAX };

/* What the arrays of the smallest program may hold. Chosen: five of 992 objects of 64 bytes. */
enum { SMALL_BUDGET = 256 << 10 };

static _Atomic size_t bytes_granted;

/* And a quarter of the pages in use: small programs would grow by half otherwise (decision 12). */
static size_t budget(void)
{
	size_t most = (size_t)options.adapt_mib * topology.cpus_online << 20;
	size_t share = (pages_in_use() << PAGE_SHIFT) / 4;

	return min_size(most, max_size(share, SMALL_BUDGET));
}

static bool is_affordable(size_t bytes)
{
	return atomic_load_explicit(&bytes_granted, memory_order_relaxed) + bytes <= budget();
}

static bool grant(size_t bytes)
{
	if (atomic_fetch_add_explicit(&bytes_granted, bytes, memory_order_relaxed) + bytes <= budget())
		return true;
	atomic_fetch_sub_explicit(&bytes_granted, bytes, memory_order_relaxed);
	return false;
}

static void give_back(size_t bytes)
{
	atomic_fetch_sub_explicit(&bytes_granted, bytes, memory_order_relaxed);
}

unsigned grown_limit_for(unsigned size)
{
	return options.profile == PROFILE_FAST && options.adapt_mib != 0 ?
	       (unsigned)min_size(GROWN_LIMIT, GROWN_BYTES / size) : 0;
}

void cpu_array_delete(struct array_cache *array)
{
	give_back(array->grown_bytes);
	array_delete(array);
}

static struct array_cache *grown(struct cpu_arrays *cpu, struct array_cache *array,
				 unsigned limit)
{
	size_t bytes = (size_t)(limit - array->limit) * cpu->layout->size;
	struct array_cache *larger;

	if (!grant(bytes))
		return array;
	larger = cpu_array_new(cpu, limit, limit / 2, array->node);
	if (larger == NULL) {
		give_back(bytes);
		return array;
	}
	larger->grown_bytes = (uint32_t)bytes;
	larger->idle = array->idle;
	array_transfer(larger, array, array->avail);
	cpu_array_delete(array);
	return larger;
}

static struct array_cache *grow_array(struct cpu_arrays *cpu, struct array_cache *array)
{
	unsigned limit = cpu_grown_limit(cpu);

	return limit > array->limit ? grown(cpu, array, limit) : array;
}

/* Where the budget is used up turns go on, and shall not cost a fence: a guess is enough. */
void cpu_grow_array(struct cpu_arrays *cpu, struct kmem_cache_node *n)
{
	size_t more = (size_t)cpu_grown_limit(cpu) - cpu_limit(cpu);
	unsigned slot = thread_slot();

	lock_take(&n->list_lock);
	set_swings(n, 0);
	lock_drop(&n->list_lock);
	if (slot < topology.slots && is_affordable(more * cpu->layout->size))
		cpu_visit_arrays(cpu, (int)slot, NULL, grow_array);
}
