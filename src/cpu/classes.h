/*
 * classes.h: from the class byte of a page to this CPU's array, in one load.
 *
 *     class_rows[kind] + 256 * slot + class  ->  the array in that slot of the class's cache
 *
 * kfree and free know an object's class (zone->classes) before its cache. By way of the
 * cache two loads come one after the other before it is known where to push; the next pop
 * waits for that. So the slots of caches that are classes are written twice: where they
 * are, and here (C4). What is nobody's class has array_none, whose door knows the rest.
 */
#ifndef CPU_CLASSES_H
#define CPU_CLASSES_H

#include "cpu/cpu.h"

/* Apart: kfree does not take malloc's blocks, nor free kmalloc's. */
enum class_kind { CLASSES_OF_KMALLOC, CLASSES_OF_MALLOC, CLASS_KINDS };

/* What a page's class byte can say: 0 no class, then malloc's, then kmalloc's. */
enum { CLASSES = 256, KMALLOC_CLASS_FIRST = 128 };

extern OURS struct array_cache **class_rows[CLASS_KINDS];    /* the row of slot 0 */

/* Before memory has the first class byte of @kind. 0, or -ENOMEM: to be tried again. */
int classes_init(enum class_kind kind);

/* @cpu's pages say @class from now on; once for each cache. */
void cpu_enter_class(struct cpu_arrays *cpu, unsigned class);

/* Do slots and table agree (C4)? For tests. */
bool cpu_class_is_mirrored(struct cpu_arrays *cpu);

HOT_INLINE enum seq_result class_push(enum class_kind kind, unsigned class, void *object)
{
	return seq_push_class(&class_rows[kind], class, object);
}

#endif
