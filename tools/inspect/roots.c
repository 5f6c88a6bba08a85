/*
 * roots.c: see roots.h.
 */
#include "roots.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more of @size bytes behind @count: arrays grow by doubling. */
static void *make_room(void *array, size_t count, size_t size)
{
	if (count != 0 && (count & (count - 1)) != 0)
		return array;
	return reallocarray(array, count != 0 ? count * 2 : 1, size);
}

bool roots_add_range(struct roots *roots, struct range range)
{
	struct range *more = make_room(roots->range, roots->count, sizeof(*more));

	if (more == NULL)
		return false;
	roots->range = more;
	roots->range[roots->count++] = range;
	return true;
}

static bool add_word(struct roots *roots, uint64_t word)
{
	uint64_t *more = make_room(roots->word, roots->words, sizeof(*more));

	if (more == NULL)
		return false;
	roots->word = more;
	roots->word[roots->words++] = word;
	return true;
}

bool roots_add_words(struct roots *roots, const void *bytes, size_t size)
{
	uint64_t word;

	for (size_t at = 0; at + sizeof(word) <= size; at += sizeof(word)) {
		memcpy(&word, (const char *)bytes + at, sizeof(word));
		if (!add_word(roots, word))
			return false;
	}
	return true;
}

bool roots_add_stack_pointer(struct roots *roots, uint64_t address)
{
	uint64_t *more = make_room(roots->stack_pointer, roots->stack_pointers, sizeof(*more));

	if (more == NULL)
		return false;
	roots->stack_pointer = more;
	roots->stack_pointer[roots->stack_pointers++] = address;
	return true;
}

/* What returned functions left behind is no reference, but for the red zone of leaves. */
static void cut_stack(struct range *range, uint64_t stack_pointer)
{
	enum { RED_ZONE_BYTES = 128 };
	uint64_t start = (stack_pointer - RED_ZONE_BYTES) & ~UINT64_C(7);

	if (stack_pointer < range->stack_start || stack_pointer >= range->stack_end ||
	    start <= range->start)
		return;
	range->start = start < range->end ? start : range->end;
}

bool roots_collect(struct roots *roots, struct target *target)
{
	*roots = (struct roots){ 0 };
	if (!(target->pid != 0 ? roots_live : roots_core)(roots, target))
		return false;
	for (size_t i = 0; i < roots->stack_pointers; i++)
		for (size_t j = 0; j < roots->count; j++)
			cut_stack(&roots->range[j], roots->stack_pointer[i]);
	return true;
}

void roots_free(struct roots *roots)
{
	free(roots->range);
	free(roots->word);
	free(roots->stack_pointer);
	*roots = (struct roots){ 0 };
}
