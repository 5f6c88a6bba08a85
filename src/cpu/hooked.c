/*
 * hooked.c: see hooked.h.
 *
 * The object is taken without __GFP_ZERO and cleared last: only what was asked for, since
 * behind it a zone may stand.
 */
#include "cpu/hooked.h"

#include <errno.h>
#include <string.h>

#include "slab/hooks.h"

void *cpu_alloc_hooked(struct cpu_arrays *cpu, gfp_t gfp, size_t size, int node,
		       const void *caller)
{
	const struct slab_hooks *hooks = cpu->layout->hooks;
	const struct alloc_request request = { .gfp = gfp, .size = size, .caller = caller };
	void *object;

	do {
		if (!hooks->may_alloc(cpu->layout, &request)) {
			errno = ENOMEM;
			return NULL;
		}
		object = cpu_alloc_plain(cpu, gfp & ~__GFP_ZERO, node);
	} while (object != NULL && !hooks->allocated(cpu->layout, object, &request));
	if (object != NULL && (gfp & __GFP_ZERO))
		memset(object, 0, size);
	return object;
}

bool cpu_may_free(struct cpu_arrays *cpu, void *object, const void *caller)
{
	return cpu->layout->hooks->may_free(cpu->layout, object, caller);
}

void cpu_free_held(struct cpu_arrays *cpu, void *const *objects, unsigned count)
{
	if (topology.nodes == 1) {
		give_to_node(cpu->nodes[0], objects, count);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		give_to_node(cpu->nodes[zone_of(objects[i])->node], &objects[i], 1);
}
