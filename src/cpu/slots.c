/*
 * slots.c: a CPU gets its array when it first needs one.
 */
#include <string.h>

#include "cpu/watch.h"

/*
 * Of a pointer beyond all windows a push reads the limit behind the array, and these are
 * everybody's: it must not enter.
 */
struct array_cache array_none NEVER_WRITTEN = { .idle = 1, .node = UINT16_MAX };
struct array_cache array_parked NEVER_WRITTEN = { .idle = 1, .node = UINT16_MAX };

void cpu_arrays_init(struct cpu_arrays *cpu, struct kmem_cache_node *const *nodes,
		     struct slab_layout *layout)
{
	*cpu = (struct cpu_arrays){
		.nodes = nodes,
		.layout = layout,
		.guard = { &array_none, &array_none },
	};
	lock_init(&cpu->lock, LOCK_RANK_SLOTS);
	for (unsigned slot = 0; slot < topology.slots; slot++)
		cpu->slot[slot] = &array_none;
}

struct array_cache *cpu_array_new(struct cpu_arrays *cpu, unsigned limit,
				  unsigned batchcount, unsigned node)
{
	struct array_cache *array = array_new(limit, batchcount, node, true);

	if (array != NULL)
		memset(array->entry, 0, limit * sizeof(*array->entry));         /* strays.h */
	if (array != NULL && cpu->layout->zone != NULL)
		array_serve(array, cpu->layout->zone);
	if (array != NULL && (cpu->layout->seal != 0 || cpu_samples(cpu)))
		array_refuse_frees(array);
	return array;
}

static struct array_cache *slot_array(struct cpu_arrays *cpu, unsigned slot)
{
	return __atomic_load_n(&cpu->slot[slot], __ATOMIC_ACQUIRE);
}

/*
 * The array is made outside the lock: making it may grow a slab. Should somebody else
 * have been faster, ours was not needed.
 */
static bool make_array(struct cpu_arrays *cpu, unsigned slot)
{
	unsigned node = topology.nodes == 1 ? 0 : node_of_cpu(slot);
	unsigned limit = cpu_limit(cpu);        /* 0: it was closed since we looked */
	struct array_cache *array = limit == 0 ? NULL :
				    cpu_array_new(cpu, limit, cpu_batchcount(cpu), node);

	if (array == NULL)
		return false;
	lock_take(&cpu->lock);
	if (slot_array(cpu, slot) == &array_none && cpu_limit(cpu) == limit) {
		cpu_slot_set(cpu, slot, array);
		array = NULL;
	}
	lock_drop(&cpu->lock);
	array_delete(array);
	return slot_array(cpu, slot) != &array_parked;
}

/* The arrays and their objects are left alone; no recording that ends brings arrays back. */
void cpu_arrays_abandon(struct cpu_arrays *cpu)
{
	cpu->limit = cpu->closed_limit = 0;
	for (unsigned slot = 0; slot < topology.slots; slot++)
		cpu_slot_set(cpu, slot, &array_none);
}

bool cpu_own_array(struct cpu_arrays *cpu, bool may_block)
{
	unsigned slot = thread_slot();
	struct array_cache *array;

	if (cpu_limit(cpu) == 0 || slot >= topology.slots || thread_mode() == THREAD_BYPASS)
		return false;
	array = slot_array(cpu, slot);
	if (array == &array_none)
		return may_block && make_array(cpu, slot);
	return array != &array_parked;
}
