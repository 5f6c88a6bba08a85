/*
 * fields.h: the names this tool looks for in a target's table (src/observe/root.c).
 *
 * One list makes the enumeration and the strings. A target that lacks one of these
 * was built with a version that this tool does not understand.
 */
#ifndef INSPECT_FIELDS_H
#define INSPECT_FIELDS_H

#define FIELDS(X)                                                               \
	X(REGISTRY, "registry") X(TOPOLOGY, "topology") X(ZONES, "zones")       \
	X(META_CACHES, "meta_caches") X(BOOTED, "booted") X(OPTIONS, "options") \
	X(SLABS_GROWN, "slabs_grown") X(SLABS_RELEASED, "slabs_released")       \
	X(SEQ_ABORTS, "seq_aborts") X(OBJECTS_REAPED, "objects_reaped")         \
	X(REAPER_HELPER, "reaper_helper") X(REAPER_ROUNDS, "reaper_rounds_done") \
	X(MAILBOX, "mailbox") X(META_KINDS, "META_KINDS")                    \
	X(HELPER_RUNS, "HELPER_RUNS") X(PAGE_SLAB, "PAGE_SLAB")                 \
	X(PAGE_FREE, "PAGE_FREE") X(PAGE_TAKEN, "PAGE_TAKEN")                   \
	X(PAGE_TAIL, "PAGE_TAIL") X(PAGE_PURGING, "PAGE_PURGING")               \
	X(FREELIST_MAP, "FREELIST_MAP") X(MAX_ORDER, "MAX_ORDER")               \
	X(LIST, "list") X(LIST_NEXT, "list.next") X(LIST_PREV, "list.prev")     \
	X(LOCK_STATE, "lock.state")                                             \
	X(CACHE, "kmem_cache") X(CACHE_LIST, "kmem_cache.list")                 \
	X(CACHE_FLAGS, "kmem_cache.flags") X(CACHE_REFCOUNT, "kmem_cache.refcount") \
	X(CACHE_NAME, "kmem_cache.name") X(CACHE_LAYOUT, "kmem_cache.layout")   \
	X(CACHE_CPU, "kmem_cache.cpu")                                          \
	X(LAYOUT, "slab_layout") X(LAYOUT_OBJECT_SIZE, "slab_layout.object_size") \
	X(LAYOUT_SIZE, "slab_layout.size") X(LAYOUT_ALIGN, "slab_layout.align") \
	X(LAYOUT_NUM, "slab_layout.num") X(LAYOUT_GFPORDER, "slab_layout.gfporder") \
	X(LAYOUT_COLOUR, "slab_layout.colour")                                  \
	X(LAYOUT_PLACEMENT, "slab_layout.placement")                            \
	X(CPU, "cpu_arrays") X(CPU_NODES, "cpu_arrays.nodes")                   \
	X(CPU_LIMIT, "cpu_arrays.limit") X(CPU_BATCHCOUNT, "cpu_arrays.batchcount") \
	X(CPU_SHARED, "cpu_arrays.shared") X(CPU_REFILLS, "cpu_arrays.refills") \
	X(CPU_FLUSHES, "cpu_arrays.flushes") X(CPU_SLOT, "cpu_arrays.slot")     \
	X(ARRAY, "array_cache") X(ARRAY_AVAIL, "array_cache.avail")             \
	X(ARRAY_IDLE, "array_cache.idle") X(ARRAY_LIMIT, "array_cache.limit")   \
	X(ARRAY_ENTRY, "array_cache.entry")                                     \
	X(NODE, "kmem_cache_node") X(NODE_LOCK, "kmem_cache_node.list_lock")    \
	X(NODE_TOTAL_SLABS, "kmem_cache_node.total_slabs")                      \
	X(NODE_FREE_SLABS, "kmem_cache_node.free_slabs")                        \
	X(NODE_FREE_OBJECTS, "kmem_cache_node.free_objects")                    \
	X(NODE_SHARED, "kmem_cache_node.shared")                                \
	X(NODE_ALIEN, "kmem_cache_node.alien")                                  \
	X(ALIEN, "alien_cache") X(ALIEN_ARRAY, "alien_cache.array")             \
	X(META, "meta_cache") X(META_NAME, "meta_cache.name")                   \
	X(META_LAYOUT, "meta_cache.layout") X(META_NODES, "meta_cache.nodes")   \
	X(PAGE, "page") X(PAGE_LAYOUT, "page.layout")                           \
	X(PAGE_FREELIST, "page.freelist") X(PAGE_FREE_MAP, "page.free_map")     \
	X(PAGE_ACTIVE, "page.active") X(PAGE_HEAD_DISTANCE, "page.head_distance") \
	X(PAGE_STATE, "page.state") X(PAGE_ORDER, "page.order") X(PAGE_DIRTY, "page.dirty") \
	X(ZONE, "zone") X(ZONE_FREE_PAGES, "zone.free_pages")                   \
	X(ZONE_DIRTY_PAGES, "zone.dirty_pages") X(ZONE_COMMITTED, "zone.committed_pages") \
	X(ZONE_BASE, "zone.base") X(ZONE_MAP, "zone.map")                       \
	X(TOPOLOGY_SLOTS, "topology.slots") X(TOPOLOGY_NODES, "topology.nodes") \
	X(TOPOLOGY_CPUS, "topology.cpus_online")                                \
	X(OPTIONS_REAPER, "options.reaper") X(OPTIONS_REAP_MS, "options.reap_ms") \
	X(MAILBOX_REQUEST, "mailbox.request")             \
	X(MAILBOX_DONE, "mailbox.done") X(MAILBOX_RESULT, "mailbox.result")     \
	X(MAILBOX_KIND, "mailbox.kind") X(MAILBOX_TEXT, "mailbox.text")         \
	X(MAIL_TUNE, "MAIL_TUNE") X(MAIL_SHRINK, "MAIL_SHRINK")                 \
	X(MAIL_SHRINK_ALL, "MAIL_SHRINK_ALL")

/* What later versions have: a target without these is looked into all the same. */
#define LATER_FIELDS(X)                                                         \
	X(SAMPLER, "sampler") X(SITE, "sample_site")                            \
	X(SAMPLER_INTERVAL, "sampler.interval_bytes")                           \
	X(SAMPLER_DROPPED, "sampler.dropped") X(SAMPLER_SITE, "sampler.site")   \
	X(SITE_STATE, "sample_site.state") X(SITE_COUNT, "sample_site.frames_count") \
	X(SITE_SIZE, "sample_site.size") X(SITE_FRAME, "sample_site.frame")     \
	X(SITE_ALLOCATED, "sample_site.allocated") X(SITE_FREED, "sample_site.freed") \
	X(SAMPLE_SITES, "SAMPLE_SITES") X(SAMPLER_SELF, "struct sampler")       \
	X(DEPOT_MEMORY, "depot_memory") X(DEPOT_COUNT, "depot_record.count")    \
	X(DEPOT_FRAMES, "depot_record.frames") X(ENTRY_WORD, "object_entry.word") \
	X(ENTRY_ALLOCATED, "object_entry.allocated") X(ENTRY_FREED, "object_entry.freed") \
	X(TRACK_STACK, "track.stack") X(TRACK_THREAD, "track.thread")           \
	X(OBJECT_FREE, "OBJECT_FREE") X(OBJECT_HELD, "OBJECT_HELD")             \
	X(STORE_USER, "SLAB_STORE_USER")                                        \
	X(LAYOUT_LIST_OFFSET, "slab_layout.list_offset")                        \
	X(LAYOUT_LEAD, "slab_layout.lead") X(LAYOUT_CHECKS, "slab_layout.checks") \
	X(LAYOUT_RANDOM, "slab_layout.random_order")                            \
	X(ZONES_COUNT, "zones_count") X(PAGE_AWAY, "PAGE_AWAY")                \
	X(LAYOUT_COLOUR_OFF, "slab_layout.colour_off") X(PAGE_COLOUR, "page.colour") \
	X(OPTIONS_TRACE, "options.trace") X(MAIL_RECORD, "MAIL_RECORD")         \
	X(MAIL_RECORD_END, "MAIL_RECORD_END")                                   \
	/* Earlier versions: where the first object is, now told by the colour. */ \
	X(PAGE_S_MEM, "page.s_mem") \
	X(GROUPS, "groups") X(GROUP, "kmem_group") X(GROUP_USAGE, "kmem_group.usage") \
	X(GROUP_LIMIT, "kmem_group.limit") X(GROUP_PEAK, "kmem_group.peak")     \
	X(GROUP_PINS, "kmem_group.pins") X(GROUP_REFUSALS, "kmem_group.refusals") \
	X(GROUP_PARENT, "kmem_group.parent") X(GROUP_DESTROYED, "kmem_group.destroyed") \
	X(GROUP_NUMBER, "kmem_group.number") X(GROUP_NAME, "kmem_group.name")   \
	X(ZONE_OWNERS, "zone.owners")                                           \
	X(NODE_HITS, "kmem_cache_node.hits") X(CPU_HITS, "cpu_arrays.hits")     \
	X(CPU_WATCH, "cpu_arrays.watch")                                        \
	X(WATCH_TOOK, "cpu_watch.took") X(WATCH_KINDS, "WATCH_KINDS")           \
	X(WATCH_BUCKETS, "WATCH_BUCKETS") X(MAIL_TIME, "MAIL_TIME")

#define FIELD_ENUM(id, name) F_##id,
enum field {
	FIELDS(FIELD_ENUM)
	FIELDS_NEEDED,
	FIELDS_BEFORE_LATER = FIELDS_NEEDED - 1,
	LATER_FIELDS(FIELD_ENUM)
	FIELD_COUNT
};
#undef FIELD_ENUM

#endif
