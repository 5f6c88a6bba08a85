/*
 * strays.c: see strays.h.
 *
 * The first look is at an array that may be retired under our eyes, so what it sees is a hint:
 * the array is parked then, and looked at in peace. New arrays are cleared, so that there
 * stands nothing in them but what was freed into this cache.
 */
#include "cpu/strays.h"

#include "base/check.h"
#include "cpu/backend.h"
#include "os/options.h"

/* Bits that are 0 in the address of each object of the cache: below its steps, and beyond all windows. */
static uintptr_t zero_bits(const struct slab_layout *layout)
{
	uintptr_t steps = layout->size | layout->colour_off | PAGE_BYTES;

	return ((steps & -steps) - 1) | -((uintptr_t)WINDOWS << WINDOW_SHIFT);
}

static struct array_cache *report_strays(struct cpu_arrays *cpu, struct array_cache *array)
{
	for (unsigned i = 0; i < array->limit; i++)
		if ((uintptr_t)array->entry[i] & zero_bits(cpu->layout))
			slab_panic("free of %p, which is no object's start, in cache %s",
				   array->entry[i], cpu->layout->name);
	return array;
}

void cpu_find_strays(struct cpu_arrays *cpu, unsigned count)
{
	unsigned slot = thread_slot();

	if (options.hardening != HARDENING_OFF && slot < topology.slots &&
	    unlikely(array_bits(cpu, count) & zero_bits(cpu->layout)))
		cpu_visit_arrays(cpu, (int)slot, NULL, report_strays);
}
