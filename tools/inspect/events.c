/*
 * events.c: see events.h.
 *
 * Addresses become slots: a table says which slot the object at an address has; a freed
 * object's slot is the next one's. A free of what was there before the recording began is
 * dropped; where an address is handed out again without a free, the free is put before it.
 */
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/base/shown.h"
#include "../say.h"
#include "../trace.h"

enum { CACHES = 1023, NAME_BYTES = 60, EVENT_NOTHING = 0, EVENT_ALLOC, EVENT_FREE };

/* As src/debug/record.h has it; the magic word is the version. */
struct event {
	uint64_t object;
	uint32_t size;
	uint16_t cache;
	uint8_t cpu, op;
};

struct head {
	char magic[16];
	uint64_t next, missed;
	uint32_t caches, process, others, unused[5];
	struct {
		char name[NAME_BYTES];
		uint32_t object_size;
	} cache[CACHES];
	struct event event[];
};

_Static_assert(sizeof(struct head) == 1024 * 64, "as the library writes it");

/* An object that is there; address 0: nobody. */
struct place {
	uint64_t address;
	uint32_t slot, entry;
};

struct entry {
	uint32_t cache, size;
	uint64_t allocs;
};

struct conversion {
	const struct head *head;
	uint64_t events;               /* in the file */
	struct trace_record *record;
	uint64_t records;
	struct place *place;           /* places_mask + 1 of them */
	uint64_t places_mask;
	uint32_t *unused;              /* slots of freed objects */
	uint32_t unused_count, slots, cpus;
	struct entry entry[TRACE_ENTRIES_MAX];
	uint32_t entries;
	uint32_t *entry_of;            /* hashed by cache and size: number + 1 */
};

/* ---- Entries ---------------------------------------------------------------------------- */

static bool is_kmalloc(const char *name)
{
	return strncmp(name, "kmalloc-", 8) == 0 || strncmp(name, "dma-kmalloc-", 12) == 0;
}

enum { ENTRY_HASH = 4 * TRACE_ENTRIES_MAX };

/* -1: there are too many. */
static long entry_number(struct conversion *conversion, uint32_t cache, uint32_t size)
{
	uint32_t at = (size * 2654435761u + cache * 40503u) % ENTRY_HASH;

	while (conversion->entry_of[at] != 0) {
		uint32_t number = conversion->entry_of[at] - 1;

		if (conversion->entry[number].cache == cache &&
		    conversion->entry[number].size == size)
			return number;
		at = (at + 1) % ENTRY_HASH;
	}
	if (conversion->entries == TRACE_ENTRIES_MAX)
		return -1;
	conversion->entry[conversion->entries] = (struct entry){ cache, size, 0 };
	conversion->entry_of[at] = ++conversion->entries;
	return conversion->entries - 1;
}

/* ---- Places ------------------------------------------------------------------------------- */

static uint64_t home_of(const struct conversion *conversion, uint64_t address)
{
	return address * UINT64_C(0x9e3779b97f4a7c15) >> 20 & conversion->places_mask;
}

/* The object's, or the empty one where it belongs. */
static struct place *find_place(struct conversion *conversion, uint64_t address)
{
	uint64_t at = home_of(conversion, address);

	while (conversion->place[at].address != 0 && conversion->place[at].address != address)
		at = (at + 1) & conversion->places_mask;
	return &conversion->place[at];
}

/* Those behind it move up, so that no search ends before its time. */
static void remove_place(struct conversion *conversion, struct place *place)
{
	uint64_t mask = conversion->places_mask, hole = (uint64_t)(place - conversion->place);

	for (uint64_t at = (hole + 1) & mask; conversion->place[at].address != 0;
	     at = (at + 1) & mask) {
		uint64_t home = home_of(conversion, conversion->place[at].address);

		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		conversion->place[hole] = conversion->place[at];
		hole = at;
	}
	conversion->place[hole].address = 0;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void put(struct conversion *conversion, const struct place *place,
		const struct event *event, bool is_free)
{
	uint32_t cache = conversion->entry[place->entry].cache;
	bool kmalloc = is_kmalloc(conversion->head->cache[cache].name);

	conversion->record[conversion->records++] = (struct trace_record){
		.slot = place->slot,
		.entry = (uint16_t)place->entry,
		.cpu = event->cpu,
		.op = (uint8_t)((kmalloc ? OP_KMALLOC : OP_CACHE_ALLOC) + is_free),
	};
	if (event->cpu >= conversion->cpus)
		conversion->cpus = event->cpu + 1u;
}

static void end_object(struct conversion *conversion, struct place *place,
		       const struct event *event)
{
	put(conversion, place, event, true);
	conversion->unused[conversion->unused_count++] = place->slot;
	remove_place(conversion, place);
}

static bool begin_object(struct conversion *conversion, const struct event *event)
{
	const char *name = conversion->head->cache[event->cache].name;
	uint32_t size = is_kmalloc(name) ? event->size :
			conversion->head->cache[event->cache].object_size;
	long entry = entry_number(conversion, event->cache, size);
	struct place *place = find_place(conversion, event->object);

	if (entry < 0)
		return false;
	*place = (struct place){
		.address = event->object,
		.slot = conversion->unused_count != 0 ?
			conversion->unused[--conversion->unused_count] : conversion->slots++,
		.entry = (uint32_t)entry,
	};
	conversion->entry[entry].allocs++;
	put(conversion, place, event, false);
	return true;
}

static bool convert_event(struct conversion *conversion, const struct event *event)
{
	struct place *place;

	if (event->op != EVENT_ALLOC && event->op != EVENT_FREE)
		return true;            /* it was never written */
	if (event->cache >= conversion->head->caches || event->object == 0)
		return true;
	place = find_place(conversion, event->object);
	if (place->address != 0)
		end_object(conversion, place, event);
	return event->op == EVENT_FREE || begin_object(conversion, event);
}

/* ---- Files ------------------------------------------------------------------------------------- */

static void write_name(FILE *to, const char *name)
{
	for (int i = 0; i < NAME_BYTES - 1 && name[i] != '\0'; i++)
		putc(shown_byte(name[i]), to);
}

static void write_entries(const struct conversion *conversion, FILE *to)
{
	for (uint32_t i = 0; i < conversion->entries; i++) {
		const struct entry *entry = &conversion->entry[i];
		const char *name = conversion->head->cache[entry->cache].name;
		uint32_t given = conversion->head->cache[entry->cache].object_size;
		bool kmalloc = is_kmalloc(name);

		fprintf(to, "%u %s ", i, kmalloc ? "kmalloc" : "cache");
		write_name(to, kmalloc ? "-" : name);
		fprintf(to, " %u %u %llu\n", entry->size,
			given > entry->size ? given : entry->size,
			(unsigned long long)entry->allocs);
	}
}

static int write_trace(const struct conversion *conversion, const struct output *output)
{
	FILE *to = output->file;

	fprintf(to, "kmtrace 1\nevents %llu\nslots %u\ncpus %u\nentries %u\n",
		(unsigned long long)conversion->records, conversion->slots,
		conversion->cpus != 0 ? conversion->cpus : 1, conversion->entries);
	write_entries(conversion, to);
	fputs("data\n", to);
	if (fwrite(conversion->record, sizeof(*conversion->record), conversion->records, to) ==
	    conversion->records && fflush(to) == 0)
		return 0;
	say("%s: %s", output->path, strerror(errno));
	return 1;
}

/* Each event makes at most two records. */
static bool prepare(struct conversion *conversion)
{
	uint64_t places = 1024;

	while (places < 2 * conversion->events)
		places *= 2;
	conversion->places_mask = places - 1;
	conversion->place = calloc(places, sizeof(*conversion->place));
	conversion->record = calloc(2 * conversion->events + 1, sizeof(*conversion->record));
	conversion->unused = calloc(conversion->events + 1, sizeof(*conversion->unused));
	conversion->entry_of = calloc(ENTRY_HASH, sizeof(*conversion->entry_of));
	return conversion->place != NULL && conversion->record != NULL &&
	       conversion->unused != NULL && conversion->entry_of != NULL;
}

static int convert(const struct head *head, size_t bytes, const char *from,
		   const struct output *to)
{
	static struct conversion conversion;
	uint64_t room = (bytes - sizeof(*head)) / sizeof(struct event);
	int status = 0;

	conversion = (struct conversion){
		.head = head, .events = head->next < room ? head->next : room,
	};
	if (head->caches > CACHES) {
		say("%s: no events of a program", from);
		return EXIT_USAGE;
	}
	if (conversion.events > UINT32_MAX / 2 || !prepare(&conversion)) {
		say("%s: too many events", from);
		status = 1;
	}
	for (uint64_t i = 0; i < conversion.events && status == 0; i++)
		if (!convert_event(&conversion, &head->event[i])) {
			say("%s: more than %d sizes", from, TRACE_ENTRIES_MAX);
			status = 1;
		}
	if (status == 0 && conversion.records == 0)
		say("the trace is empty; caches with checks (debug:) are never recorded");
	if (head->missed != 0)
		say("%s: %llu events found no room", from, (unsigned long long)head->missed);
	if (head->others != 0)
		say("recorded is process %u alone, not those beside it that use ukmem, too",
		    head->process);
	if (status == 0)
		status = write_trace(&conversion, to);
	free(conversion.place);
	free(conversion.record);
	free(conversion.unused);
	free(conversion.entry_of);
	return status;
}

int events_to_trace(const char *from, struct output *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC), status = EXIT_USAGE;
	struct stat file = { 0 };
	const struct head *head = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &file) == 0 && file.st_size >= (off_t)sizeof(*head))
		head = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (head == MAP_FAILED || memcmp(head->magic, "ukmem events 1", 15) != 0)
		say("%s: no events of a program that uses ukmem", from);
	else
		status = convert(head, (size_t)file.st_size, from, to);
	if (head != MAP_FAILED)
		munmap((void *)(uintptr_t)head, (size_t)file.st_size);
	if (fd >= 0)
		close(fd);
	return status;
}
