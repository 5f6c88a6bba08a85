/*
 * target.h: a process or a core file that has ukmem inside, read from outside.
 *
 * The target is not stopped, not written to (but for its mailbox, mail.c), and not
 * trusted: an address or a number from it is used only after a check, and every loop
 * over it has a bound that doesn't come from it.
 */
#ifndef INSPECT_TARGET_H
#define INSPECT_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fields.h"

/* A piece of a core's memory. */
struct segment {
	uint64_t start, bytes;
	const uint8_t *data;
};

/* What the target's table says about one name: an offset, an address or a number. */
struct field_info {
	uint64_t value;
	uint32_t size;
	bool known;
};

struct target {
	const char *name;              /* as the user called it */
	pid_t pid;                     /* 0: a core */
	unsigned heap;                 /* which one was asked for; 0: the first */
	bool gone;                     /* it ended while we read, or became another */
	bool is_cut;                   /* a core that is shorter than it says */
	uint8_t *image;                /* of a core */
	size_t image_bytes;
	struct segment *segments;      /* by address */
	size_t segments_count;
	uint64_t root;                 /* where it says what follows */
	char library[32];              /* its ukmem's version */
	struct field_info field[FIELD_COUNT];
};

enum { NODES_MAX = 64, ZONES_MAX = 128, SLOTS_MAX = 8192, STRUCT_BYTES_MAX = 4096 };

/* A number, or one with a heap's behind it: 1234:2. */
bool target_is_pid(const char *spec);
/* Open a PID or a core; false after one line on stderr. */
bool target_open(struct target *target, const char *spec);
/* The same; what is said of it is said of @name. */
bool target_open_as(struct target *target, const char *spec, const char *name);
void target_close(struct target *target);

/* Exactly @bytes from @address, or false. */
bool target_read(struct target *target, uint64_t address, void *buffer, size_t bytes);

/* live.c */
bool live_open(struct target *target, const char *spec);
bool live_read(struct target *target, uint64_t address, void *buffer, size_t bytes);
bool live_write(struct target *target, uint64_t address, const void *buffer, size_t bytes);
/* Where files are mapped from their first byte on: up to @max of them. */
size_t live_modules(struct target *target, uint64_t *starts, size_t max);
/* It ended, or became another program: tell so, in one line, and return 2. Else 0. */
int target_lost(struct target *target);

/* core.c */
bool core_open(struct target *target, const char *path);
bool core_read(const struct target *target, uint64_t address, void *buffer, size_t bytes);
size_t core_modules(const struct target *target, uint64_t *starts, size_t max);

/* root.c: find the root and learn the table; false after one line on stderr. */
bool root_load(struct target *target);
/* It is still there: a process has not ended, nor become another program. */
bool root_is_there(struct target *target);

/* ---- Structures: bytes fetched at once, then looked at --------------------------- */

struct record {
	uint64_t address;
	size_t size;
	uint8_t bytes[STRUCT_BYTES_MAX];
};

/* Fetch the structure that @type (F_CACHE, F_NODE, ...) describes. */
bool record_fetch(struct target *target, struct record *record, uint64_t address,
		  enum field type);

/* A number of 1, 2, 4 or 8 bytes at a field of some bytes; 0 when it isn't inside. */
uint64_t bytes_number(const struct target *target, const uint8_t *bytes, size_t size,
		      enum field field);

static inline uint64_t record_number(const struct target *target, const struct record *record,
				     enum field field)
{
	return bytes_number(target, record->bytes, record->size, field);
}

/* A variable; the field @field of the structure at @address; 0 when unreadable. */
uint64_t target_variable(struct target *target, enum field field);
uint64_t target_number(struct target *target, uint64_t address, enum field field);
uint64_t target_pointer(struct target *target, uint64_t address);

/* What the table says: an address, an offset, a number. */
static inline uint64_t value_of(const struct target *target, enum field field)
{
	return target->field[field].value;
}

#endif
