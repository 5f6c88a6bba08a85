#include "debug/check.h"

#include <ukmem/slab.h>

#include <sched.h>
#include <string.h>

#include "arch/rseq.h"
#include "base/bits.h"
#include "debug/debug.h"
#include "debug/poison.h"
#include "debug/quarantine.h"
#include "debug/red_zone.h"
#include "debug/finding.h"
#include "debug/shadow.h"
#include "debug/stack.h"
#include "debug/track.h"

static bool has_zones(const struct slab_layout *layout)
{
	return (layout->checks & SLAB_RED_ZONE) != 0;
}

static bool is_shadowed(const struct slab_layout *layout)
{
	return (layout->checks & SLAB_SHADOWED) != 0;
}

static struct object object_of(const struct slab_layout *layout, const void *address)
{
	const struct page *slab = virt_to_head_page(address);

	return object_at(layout, slab, obj_to_index(layout, slab, address));
}

void trace_call(const struct slab_layout *layout, const char *what, const void *object,
		const void *caller)
{
	struct finding finding;
	uintptr_t frames[4];

	if (!(layout->checks & SLAB_TRACE))
		return;
	finding_begin(&finding, "%s %s %p (%u bytes)\n", layout->name, what, object,
		     layout->object_size);
	finding_frames(&finding, frames, stack_capture(caller, frames, ARRAY_LENGTH(frames)));
	finding_print(&finding);
}

/* ---- A free object is as it was left -------------------------------------------------- */

/* Not in the first-level cache for long; 12 ns less at 4096 bytes than to wait line by line. */
static void prefetch_to_write(const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i += CACHE_LINE_BYTES)
		will_be_written(bytes + i);
}

static void make_free(const struct object *object)
{
	const struct slab_layout *layout = object->layout;

	if (is_poisoned(layout))
		prefetch_to_write(object->start, layout->object_size);
	if (has_zones(layout))
		zones_paint(object, layout->object_size, RED_INACTIVE);
	if (is_poisoned(layout))
		fill(object->start, layout->object_size, POISON_FREE);
	else if (layout->checks & SLAB_INIT_FREE)
		memset(object->start, 0, layout->object_size);
}

static void report_write(const struct object *object, const char *what, const uint8_t *bad,
			 uint8_t wanted, const void *caller)
{
	struct finding finding;

	finding_begin(&finding, "%s ", what);
	finding_object(&finding, object);
	finding_bytes(&finding, object, bad, wanted);
	finding_tracks(&finding, object, caller);
	finding_end(&finding);
}

static const char *side_of(const struct object *object, const uint8_t *bad)
{
	return (const char *)bad < object->start ? "write before the start of" :
	       "write past the end of";
}

/* True when nothing was found; else it is reported and mended. */
static bool free_is_intact(const struct object *object, const void *caller)
{
	const struct slab_layout *layout = object->layout;
	const uint8_t *bad = NULL;

	if (is_poisoned(layout))
		bad = first_other(object->start, layout->object_size, POISON_FREE);
	if (bad != NULL) {
		report_write(object, "write after free of", bad, POISON_FREE, caller);
	} else if (has_zones(layout)) {
		bad = zones_check(object, layout->object_size, RED_INACTIVE);
		if (bad != NULL)
			report_write(object, side_of(object, bad), bad, RED_INACTIVE, caller);
	}
	if (bad != NULL)
		make_free(object);
	return bad == NULL;
}

static bool live_is_intact(const struct object *object, size_t size, const void *caller)
{
	const uint8_t *bad = NULL;

	if (has_zones(object->layout))
		bad = zones_check(object, size, RED_ACTIVE);
	if (bad == NULL)
		return true;
	report_write(object, side_of(object, bad), bad, RED_ACTIVE, caller);
	zones_paint(object, size, RED_ACTIVE);
	return false;
}

/* ---- Slabs and allocations -------------------------------------------------------------- */

void check_new_slab(const struct slab_layout *layout, struct page *slab)
{
	memset(page_address(slab), 0, layout->list_offset);
	for (unsigned i = 0; i < layout->num; i++) {
		struct object object = object_at(layout, slab, i);

		make_free(&object);
	}
	if (is_shadowed(layout))
		shadow_new_slab(layout, slab);
}

void check_old_slab(const struct slab_layout *layout, struct page *slab)
{
	for (unsigned i = 0; i < layout->num; i++) {
		struct object object = object_at(layout, slab, i);

		free_is_intact(&object, NULL);
	}
	if (shadow != NULL)
		shadow_old_slab(layout, slab);
}

static void report_wrong_list(const struct object *object, const void *caller)
{
	struct finding finding;

	finding_begin(&finding, "free list overwritten: it hands out ");
	finding_object(&finding, object);
	finding_tracks(&finding, object, caller);
	finding_end(&finding);
}

/* What the caller gets: constructed, or unmistakably not yet written. */
static void make_live(const struct object *object, const struct alloc_request *request,
		      size_t size)
{
	const struct slab_layout *layout = object->layout;

	shadow_handed_out(layout, object->start);
	if (is_shadowed(layout))
		shadow->allocated(object->start, size);
	if (is_shadowed(layout) && layout->ctor != NULL)
		shadow->written(object->start, size);
	if (layout->checks & SLAB_INIT_ALLOC)
		memset(object->start, 0, size);
	else if (is_poisoned(layout) && !(request->gfp & __GFP_ZERO))
		fill(object->start, min_size(size, POISON_FRESH_MAX), POISON_INUSE);
	if (is_poisoned(layout) && layout->ctor != NULL)
		layout->ctor(object->start);
	if (has_zones(layout))
		zones_paint(object, size, RED_ACTIVE);
	if (layout->checks & SLAB_STORE_USER)
		track_now(&object->entry->allocated, request->caller);
}

bool check_allocated(const struct slab_layout *layout, void *address,
		     const struct alloc_request *request)
{
	struct object object = object_of(layout, address);
	size_t size = min_size(request->size, layout->object_size);

	if (!entry_take(object.entry)) {
		report_wrong_list(&object, request->caller);
		return false;
	}
	free_is_intact(&object, request->caller);
	make_live(&object, request, size);
	entry_set(object.entry, OBJECT_LIVE, size);
	trace_call(layout, "alloc", address, request->caller);
	return true;
}

/* ---- Frees ------------------------------------------------------------------------------ */

static void report_pointer(const void *address, const char *what, const void *caller)
{
	struct finding finding;

	finding_begin(&finding, "free of %p, which %s\n", address, what);
	finding_tracks(&finding, NULL, caller);
	finding_end(&finding);
}

/* Neither before its first object nor behind its last. */
static bool is_among_objects(const struct page *slab, const void *address)
{
	const struct slab_layout *layout = slab->layout;

	return (const char *)address >= slab_first(layout, slab) &&
	       obj_to_index(layout, slab, address) < layout->num;
}

static void report_wrong_cache(const struct slab_layout *layout, const struct page *slab,
			       const void *address, const void *caller)
{
	struct finding finding;
	const struct slab_layout *owner = slab->layout;

	finding_begin(&finding, "free of %p into cache %s, which belongs to another cache, %s\n",
		     address, layout->name, owner->name);
	if (owner->hooks != NULL && owner->lead != 0 && is_among_objects(slab, address)) {
		struct object object = object_of(owner, address);

		finding_tracks(&finding, &object, caller);
	} else {
		finding_tracks(&finding, NULL, caller);
	}
	finding_end(&finding);
}

static void report_interior(const struct object *object, const void *address,
			    const void *caller)
{
	struct finding finding;

	finding_begin(&finding, "free of %p, %td bytes into ", address,
		     (const char *)address - object->start);
	finding_object(&finding, object);
	finding_tracks(&finding, object, caller);
	finding_end(&finding);
}

/* @address is the start of an object of this cache; else it is said what it is. */
static bool is_object(const struct slab_layout *layout, const void *address,
		      struct object *object, const void *caller)
{
	const struct page *slab = virt_to_head_page(address);

	if (slab == NULL || slab->state != PAGE_SLAB) {
		report_pointer(address, "is in no slab", caller);
		return false;
	}
	if (slab->layout != layout) {
		report_wrong_cache(layout, slab, address, caller);
		return false;
	}
	if (!is_among_objects(slab, address)) {
		report_pointer(address, "is between the objects of a slab", caller);
		return false;
	}
	*object = object_at(layout, slab, obj_to_index(layout, slab, address));
	if (object->start == (const char *)address)
		return true;
	report_interior(object, address, caller);
	return false;
}

/* The other free may be half way in its thread: in a moment the report can name it. */
static void await_other_call(const struct object *object)
{
	enum { PATIENCE = 1000 };

	for (unsigned i = 0; i < PATIENCE; i++) {
		if (state_in(atomic_load_explicit(&object->entry->word,
						  memory_order_acquire)) != OBJECT_BUSY)
			return;
		sched_yield();
	}
}

static void report_double_free(const struct object *object, const void *caller)
{
	struct finding finding;

	await_other_call(object);
	finding_begin(&finding, "double free of ");
	finding_object(&finding, object);
	finding_tracks(&finding, object, caller);
	finding_end(&finding);
}

/*
 * Constructed state must be there when an object comes back. Constructing it again must
 * change nothing, but for what two runs of the constructor don't agree on.
 */
static void check_constructed(const struct object *object, const void *caller)
{
	enum { BYTES_MAX = 1024 };      /* on the stack, twice */
	size_t size = min_size(object->layout->object_size, BYTES_MAX);
	uint8_t before[BYTES_MAX], once[BYTES_MAX];
	const uint8_t *now = (const uint8_t *)object->start;

	memcpy(before, now, size);
	object->layout->ctor(object->start);
	if (memcmp(before, now, size) == 0)
		return;
	memcpy(once, now, size);
	object->layout->ctor(object->start);
	for (size_t i = 0; i < size; i++) {
		struct finding finding;

		if (before[i] == once[i] || once[i] != now[i])
			continue;
		finding_begin(&finding, "constructed state destroyed of ");
		finding_object(&finding, object);
		finding_add(&finding, "  byte %zu is 0x%02x, should be 0x%02x\n", i, before[i], once[i]);
		finding_tracks(&finding, object, caller);
		finding_end(&finding);
		return;
	}
}

bool check_may_free(const struct slab_layout *layout, void *address, const void *caller)
{
	struct object object;
	uint32_t word;
	bool held;

	if (!is_object(layout, address, &object, caller))
		return false;
	if (!entry_seize(object.entry, OBJECT_LIVE, &word)) {
		report_double_free(&object, caller);
		return false;
	}
	trace_call(layout, "free", address, caller);
	live_is_intact(&object, size_in(word), caller);
	if (layout->ctor != NULL && !layout->late_readers && !is_shadowed(layout))
		check_constructed(&object, caller);
	make_free(&object);             /* first: what it wrote is on its way meanwhile */
	if (layout->checks & SLAB_STORE_USER)
		track_now(&object.entry->freed, caller);
	shadow_handed_in(layout, address);
	if (is_shadowed(layout))
		shadow->freed(address, size_in(word), layout->size, caller);
	entry_set(object.entry, OBJECT_HELD, 0);
	held = quarantine_hold(object.slab->layout, address);
	if (!held)
		entry_set(object.entry, OBJECT_FREE, 0);
	return !held;
}

void check_held(const struct slab_layout *layout, void *const *objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct object object = object_of(layout, objects[i]);

		free_is_intact(&object, NULL);
	}
}

/* Nobody touched their entries for long: all on their way before the first is waited for. */
void check_released(const struct slab_layout *layout, void *const *objects, unsigned count)
{
	struct object_entry *entry[QUARANTINE_EXITS_MAX];

	slab_assert(count <= QUARANTINE_EXITS_MAX);
	for (unsigned i = 0; i < count; i++) {
		entry[i] = object_of(layout, objects[i]).entry;
		__builtin_prefetch(entry[i], 1);
	}
	for (unsigned i = 0; i < count; i++)
		entry_set(entry[i], OBJECT_FREE, 0);
}

/* ---- ksize and krealloc ------------------------------------------------------------------ */

static bool is_live(const struct object *object, const char *caller_does, const void *caller)
{
	struct finding finding;
	uint32_t word = atomic_load_explicit(&object->entry->word, memory_order_acquire);

	if (state_in(word) == OBJECT_LIVE)
		return true;
	finding_begin(&finding, "%s of ", caller_does);
	finding_object(&finding, object);
	finding_tracks(&finding, object, caller);
	finding_end(&finding);
	return false;
}

size_t check_usable(const struct slab_layout *layout, const void *address)
{
	struct object object;
	const void *caller = __builtin_return_address(0);

	if (!is_object(layout, address, &object, caller) || !is_live(&object, "use", caller))
		return 0;
	return size_in(atomic_load_explicit(&object.entry->word, memory_order_relaxed));
}

/* As what is fresh. */
static void dress_growth(const struct object *object, size_t from, size_t to)
{
	slab_flags_t checks = object->layout->checks;

	if (to > from && (checks & (SLAB_INIT_ALLOC | SLAB_POISON)))
		memset(object->start + from, checks & SLAB_INIT_ALLOC ? 0 : POISON_INUSE,
		       to - from);
}

bool check_resize(const struct slab_layout *layout, void *address, size_t size)
{
	struct object object = object_of(layout, address);
	const void *caller = __builtin_return_address(0);
	uint32_t word;

	if (size > layout->object_size || !entry_seize(object.entry, OBJECT_LIVE, &word))
		return false;
	live_is_intact(&object, size_in(word), caller);
	if (is_shadowed(layout))
		shadow->resized(address, size_in(word), size, layout->object_size);
	dress_growth(&object, size_in(word), size);
	if (has_zones(layout))
		zones_paint(&object, size, RED_ACTIVE);
	entry_set_resized(object.entry, size, word);
	return true;
}
