/*
 * hooked.c: see hooked.h.
 *
 * The object is taken without __GFP_ZERO and cleared last: what may be used of it, since
 * behind that a zone may stand.
 */
#include "cpu/hooked.h"

#include <errno.h>
#include <string.h>

#include "account/account.h"
#include "cpu/watch.h"
#include "debug/sample.h"
#include "node/emergency.h"
#include "slab/hooks.h"

bool (*cpu_account_hook)(struct cpu_arrays *cpu);

static void *alloc_through_hooks(struct cpu_arrays *cpu, gfp_t gfp, size_t size, int node,
		       const void *caller)
{
	const struct slab_hooks *hooks = hooks_of(cpu->layout);
	const struct alloc_request request = { .gfp = gfp, .size = size, .caller = caller };
	void *object;

	if (unlikely(hooks == NULL))            /* a recording has just ended */
		return cpu_alloc_plain(cpu, gfp, node);
	do {
		if (!hooks->may_alloc(cpu->layout, &request)) {
			errno = ENOMEM;
			return NULL;
		}
		object = cpu_alloc_plain(cpu, gfp & ~__GFP_ZERO, node);
	} while (object != NULL && !hooks->allocated(cpu->layout, object, &request));
	if (object != NULL && (gfp & __GFP_ZERO))
		memset(object, 0, hooks->usable(cpu->layout, object));
	return object;
}

/* Charged first, so that nobody gets an object only to lose it again. */
static void *alloc_charged(struct cpu_arrays *cpu, struct kmem_group *group, gfp_t gfp,
			   size_t size, int node, const void *caller)
{
	void *object = NULL;

	if (group_charge(group, cpu->layout->size, gfp)) {
		object = alloc_through_hooks(cpu, gfp, size, node, caller);
		if (object == NULL)
			group_uncharge(group, cpu->layout->size);
		else if (!account_own(group, object, gfp_may_block(gfp))) {
			group_uncharge(group, cpu->layout->size);
			if (!gfp_may_block(gfp) || gfp_has_reserve(gfp))
				return object;          /* it can't be given back, or must not */
			cpu_free_hooked(cpu, object, caller);
			object = NULL;
		}
	}
	if (object == NULL)
		errno = ENOMEM;
	return object;
}

void *cpu_alloc_hooked(struct cpu_arrays *cpu, gfp_t gfp, size_t size, int node,
		       const void *caller)
{
	struct kmem_group *group = account_group(cpu->layout, gfp);
	void *object;

	if (unlikely(group != NULL))
		object = alloc_charged(cpu, group, gfp, size, node, caller);
	else
		object = alloc_through_hooks(cpu, gfp, size, node, caller);
	if (cpu_samples(cpu) && ticket_is_drawn(cpu) && object != NULL)
		sample_note(object, object_size_of(cpu->layout), caller);
	return object;
}

bool cpu_starts_accounting(struct cpu_arrays *cpu, gfp_t gfp)
{
	return group_entered != NULL && gfp_may_block(gfp) && cpu_account_hook(cpu);
}

bool cpu_may_free(struct cpu_arrays *cpu, void *object, const void *caller)
{
	const struct slab_hooks *hooks = hooks_of(cpu->layout);

	return hooks == NULL || hooks->may_free(cpu->layout, object, caller);
}

void cpu_free_held(struct cpu_arrays *cpu, void *const *objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		account_disown(cpu->layout, objects[i]);
	if (topology.nodes == 1 && !emergency_exists()) {
		give_to_node(cpu->nodes[0], objects, count);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		if (emergency_owns(objects[i]))
			emergency_free(objects[i]);
		else
			give_to_node(cpu->nodes[zone_of(objects[i])->node], &objects[i], 1);
}
