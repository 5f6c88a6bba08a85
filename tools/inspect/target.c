/*
 * target.c: open either kind, and read structures out of it.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../say.h"

bool target_is_pid(const char *spec)
{
	size_t digits = strspn(spec, "0123456789");

	return digits != 0 && (spec[digits] == '\0' ||
			       (spec[digits] == ':' && spec[digits + 1] >= '1' &&
				spec[digits + 1] <= '9' && spec[digits + 2] == '\0'));
}

bool target_open(struct target *target, const char *spec)
{
	return target_open_as(target, spec, spec);
}

bool target_open_as(struct target *target, const char *spec, const char *name)
{
	*target = (struct target){ .name = name };
	if (!(target_is_pid(spec) ? live_open(target, spec) : core_open(target, spec)))
		return false;
	if (root_load(target))
		return true;
	target_close(target);
	return false;
}

void target_close(struct target *target)
{
	if (target->image != NULL)
		munmap(target->image, target->image_bytes);
	free(target->segments);
	target->image = NULL;
	target->segments = NULL;
}

bool target_read(struct target *target, uint64_t address, void *buffer, size_t bytes)
{
	if (target->pid != 0)
		return live_read(target, address, buffer, bytes);
	return core_read(target, address, buffer, bytes);
}

int target_lost(struct target *target)
{
	if (target->pid != 0 && target->root != 0 && !target->gone)
		target->gone = !root_is_there(target);
	if (!target->gone)
		return 0;
	say("process %s ended while it was read, or became another program", target->name);
	return EXIT_USAGE;
}

bool record_fetch(struct target *target, struct record *record, uint64_t address,
		  enum field type)
{
	record->address = address;
	record->size = target->field[type].size;
	return address != 0 && record->size <= sizeof(record->bytes) &&
	       target_read(target, address, record->bytes, record->size);
}

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
	uint64_t number = 0;

	if (size == 1 || size == 2 || size == 4 || size == 8)
		memcpy(&number, bytes, size);
	return number;
}

uint64_t bytes_number(const struct target *target, const uint8_t *bytes, size_t size,
		      enum field field)
{
	const struct field_info *info = &target->field[field];

	if (info->value > size || info->size > size - info->value)
		return 0;
	return number_of(bytes + info->value, info->size);
}

uint64_t target_variable(struct target *target, enum field field)
{
	return target_number(target, 0, field);
}

uint64_t target_number(struct target *target, uint64_t address, enum field field)
{
	const struct field_info *info = &target->field[field];
	uint8_t bytes[8] = { 0 };

	if (info->size > sizeof(bytes) ||
	    !target_read(target, address + info->value, bytes, info->size))
		return 0;
	return number_of(bytes, info->size);
}

uint64_t target_pointer(struct target *target, uint64_t address)
{
	uint64_t pointer = 0;

	return target_read(target, address, &pointer, sizeof(pointer)) ? pointer : 0;
}
