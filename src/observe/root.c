/*
 * root.c: how a tool finds its way around in here from outside.
 *
 * A tool reads another process, or a core file, that may hold any version of this
 * library. So the library says itself where things are: an ELF note, in a segment that
 * live processes and cores have, leads to the root; the root leads to a table of
 * names and numbers: where each variable is, where each field of a structure, how
 * large. What a tool does not find there it does without, or refuses.
 *
 * The table is in .data, names included: read-only pages are not in a core.
 * Nothing here runs, but for the helper thread's look into the mailbox.
 */
#include "account/group.h"
#include "cache/cache.h"
#include "cpu/watch.h"
#include "debug/depot.h"
#include "debug/sample.h"
#include "debug/table.h"
#include "observe/mailbox.h"
#include "os/options.h"

/* Here, so that whoever needs the mailbox brings the root into a static program too. */
struct mailbox mailbox;

enum { ROOT_VERSION = 1 };      /* of struct root and struct described; names may come and go */

struct described {
	char name[36];
	uint32_t size;
	uint64_t value;                 /* an address, an offset, or a number */
};

struct root {
	char magic[8];
	uint32_t version;
	uint32_t entries;
	uint64_t table;                 /* of struct described */
	char library[32];
	uint32_t entry_size;
	uint32_t pointer_size;
};

#define VARIABLE(name)        { #name, sizeof(name), (uint64_t)&(name) }
#define STRUCT(type)          { #type, sizeof(struct type), 0 }
#define NUMBER(name)          { #name, 0, (uint64_t)(name) }
#define FIELD(type, field)                                                      \
	{ #type "." #field, sizeof(((struct type *)NULL)->field), offsetof(struct type, field) }

static struct described table[] RARELY_WRITTEN = {
	VARIABLE(registry), VARIABLE(registry_lock), VARIABLE(topology),
	{ "zones", sizeof(struct zone), (uint64_t)zones }, VARIABLE(zones_count),
	VARIABLE(meta_caches), VARIABLE(booted), VARIABLE(options),
	VARIABLE(slabs_grown), VARIABLE(slabs_released), VARIABLE(seq_aborts),
	VARIABLE(objects_reaped), VARIABLE(reaper_helper), VARIABLE(reaper_rounds_done),
	VARIABLE(mailbox), { "groups", sizeof(groups), (uint64_t)groups },

	VARIABLE(sampler), STRUCT(sample_site), FIELD(sampler, interval_bytes),
	FIELD(sampler, dropped), FIELD(sampler, site), FIELD(sample_site, state),
	FIELD(sample_site, frames_count), FIELD(sample_site, size), FIELD(sample_site, frame),
	FIELD(sample_site, allocated), FIELD(sample_site, freed), NUMBER(SAMPLE_SITES),
	{ "struct sampler", sizeof(struct sampler), 0 },

	VARIABLE(depot_memory), FIELD(depot_record, count),
	{ "depot_record.frames", sizeof(uintptr_t), offsetof(struct depot_record, frames) },
	FIELD(object_entry, word), FIELD(object_entry, allocated), FIELD(object_entry, freed),
	{ "track.stack", 4, 0 }, { "track.thread", 4, 4 },      /* their low bits there */
	NUMBER(OBJECT_FREE), NUMBER(OBJECT_HELD), NUMBER(SLAB_STORE_USER),

	NUMBER(META_KINDS), NUMBER(HELPER_RUNS),
	NUMBER(PAGE_FREE), NUMBER(PAGE_TAKEN), NUMBER(PAGE_SLAB), NUMBER(PAGE_TAIL),
	NUMBER(PAGE_PURGING), NUMBER(PAGE_AWAY), NUMBER(FREELIST_MAP), NUMBER(ARRAY_LIMIT_MAX),
	NUMBER(SLAB_ORDER_MAX), NUMBER(MAX_ORDER),

	STRUCT(list), FIELD(list, next), FIELD(list, prev),
	FIELD(lock, state),

	STRUCT(kmem_cache), FIELD(kmem_cache, list), FIELD(kmem_cache, flags),
	FIELD(kmem_cache, refcount), FIELD(kmem_cache, name), FIELD(kmem_cache, layout),
	FIELD(kmem_cache, cpu),

	STRUCT(slab_layout), FIELD(slab_layout, object_size), FIELD(slab_layout, size),
	FIELD(slab_layout, align), FIELD(slab_layout, num), FIELD(slab_layout, gfporder),
	FIELD(slab_layout, colour), FIELD(slab_layout, colour_off),
	FIELD(slab_layout, placement),
	FIELD(slab_layout, list_offset), FIELD(slab_layout, lead), FIELD(slab_layout, checks),
	FIELD(slab_layout, random_order),

	STRUCT(cpu_arrays), FIELD(cpu_arrays, nodes), FIELD(cpu_arrays, limit),
	FIELD(cpu_arrays, batchcount), FIELD(cpu_arrays, shared), FIELD(cpu_arrays, refills),
	FIELD(cpu_arrays, flushes), FIELD(cpu_arrays, hits), FIELD(cpu_arrays, watch),
	FIELD(cpu_watch, took), NUMBER(WATCH_KINDS), NUMBER(WATCH_BUCKETS),
	{ "cpu_arrays.slot", sizeof(void *),
				      offsetof(struct cpu_arrays, slot) },

	STRUCT(array_cache), FIELD(array_cache, avail), FIELD(array_cache, idle),
	FIELD(array_cache, limit), FIELD(array_cache, node),
	{ "array_cache.entry", sizeof(void *), offsetof(struct array_cache, entry) },

	STRUCT(kmem_cache_node), FIELD(kmem_cache_node, list_lock),
	FIELD(kmem_cache_node, total_slabs), FIELD(kmem_cache_node, free_slabs),
	FIELD(kmem_cache_node, free_objects), FIELD(kmem_cache_node, free_limit),
	FIELD(kmem_cache_node, shared), FIELD(kmem_cache_node, alien),
	FIELD(kmem_cache_node, layout), FIELD(kmem_cache_node, node),
	FIELD(kmem_cache_node, hits),

	STRUCT(alien_cache), FIELD(alien_cache, array),

	STRUCT(meta_cache), FIELD(meta_cache, name), FIELD(meta_cache, layout),
	FIELD(meta_cache, nodes),

	STRUCT(page), FIELD(page, layout), FIELD(page, colour), FIELD(page, freelist),
	FIELD(page, free_map), FIELD(page, active), FIELD(page, serial),
	FIELD(page, head_distance), FIELD(page, state), FIELD(page, order), FIELD(page, dirty),

	STRUCT(kmem_group),
	FIELD(kmem_group, usage), FIELD(kmem_group, limit), FIELD(kmem_group, peak),
	FIELD(kmem_group, pins), FIELD(kmem_group, refusals), FIELD(kmem_group, parent),
	FIELD(kmem_group, destroyed), FIELD(kmem_group, number), FIELD(kmem_group, name),

	STRUCT(zone), FIELD(zone, owners), FIELD(zone, free_pages), FIELD(zone, dirty_pages),
	FIELD(zone, committed_pages), FIELD(zone, base), FIELD(zone, map),
	FIELD(zone, reserved_pages),

	FIELD(topology, slots), FIELD(topology, nodes), FIELD(topology, cpus_online),
	FIELD(options, trace), FIELD(options, reaper), FIELD(options, reap_ms),

	FIELD(mailbox, request), FIELD(mailbox, done), FIELD(mailbox, result),
	FIELD(mailbox, kind), FIELD(mailbox, text), NUMBER(MAIL_TUNE), NUMBER(MAIL_SHRINK),
	NUMBER(MAIL_SHRINK_ALL), NUMBER(MAIL_RECORD), NUMBER(MAIL_RECORD_END), NUMBER(MAIL_TIME),
};

__attribute__((used, visibility("hidden"))) struct root ukmem_root = {
	.magic = "ukmemRT",
	.version = ROOT_VERSION,
	.entries = ARRAY_LENGTH(table),
	.table = (uint64_t)table,
	.library = UKMEM_VERSION,
	.entry_size = sizeof(struct described),
	.pointer_size = sizeof(void *),
};

/* A note named "ukmem", type 1: the root's address, counted from where it says so. */
__asm__(".pushsection .note.ukmem, \"a\", %note\n"
	".balign 4\n"
	".long 6, 8, 1\n"
	".asciz \"ukmem\"\n"
	".balign 4\n"
	".quad ukmem_root - .\n"
	".popsection\n");
