/*
 * classes.c: see classes.h.
 */
#include "cpu/classes.h"

#include "base/bits.h"
#include "os/ops.h"
#include "pages/pages.h"

enum { GUARD_ROWS = 2 };                /* slots -2 and -1 */

struct array_cache **class_rows[CLASS_KINDS];

int classes_init(enum class_kind kind)
{
	size_t entries = (GUARD_ROWS + topology.slots) * CLASSES;
	struct array_cache **rows;
	void *memory;
	int error;

	if (class_rows[kind] != NULL)
		return 0;
	error = os_ops.map(align_up(entries * sizeof(*rows), PAGE_BYTES), &memory);
	if (error != 0)
		return error;
	rows = memory;
	for (size_t i = 0; i < entries; i++)
		rows[i] = &array_none;
	class_rows[kind] = rows + GUARD_ROWS * CLASSES;
	return 0;
}

/* NULL: it is no class. */
static struct array_cache **mirror_of(const struct cpu_arrays *cpu, unsigned slot)
{
	unsigned class = cpu->layout != NULL ? cpu->layout->page_class : 0;
	enum class_kind kind = class < KMALLOC_CLASS_FIRST ? CLASSES_OF_MALLOC : CLASSES_OF_KMALLOC;

	return class != 0 ? &class_rows[kind][(size_t)slot * CLASSES + class] : NULL;
}

void cpu_slot_set(struct cpu_arrays *cpu, unsigned slot, struct array_cache *array)
{
	struct array_cache **mirror = mirror_of(cpu, slot);

	__atomic_store_n(&cpu->slot[slot], array, __ATOMIC_RELEASE);
	if (mirror != NULL)
		__atomic_store_n(mirror, array, __ATOMIC_RELEASE);
}

void cpu_enter_class(struct cpu_arrays *cpu, unsigned class)
{
	lock_take(&cpu->lock);
	cpu->layout->page_class = (uint8_t)class;
	for (unsigned slot = 0; slot < topology.slots; slot++)
		cpu_slot_set(cpu, slot, cpu->slot[slot]);
	lock_drop(&cpu->lock);
}

bool cpu_class_is_mirrored(struct cpu_arrays *cpu)
{
	bool mirrored = true;

	lock_take(&cpu->lock);
	for (unsigned slot = 0; slot < topology.slots && mirror_of(cpu, slot) != NULL; slot++)
		mirrored &= *mirror_of(cpu, slot) == cpu->slot[slot];
	lock_drop(&cpu->lock);
	return mirrored;
}
