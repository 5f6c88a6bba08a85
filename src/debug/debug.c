#include "debug/debug.h"

#include <string.h>

#include "debug/check.h"
#include "debug/depot.h"
#include "debug/fail.h"
#include "debug/quarantine.h"
#include "debug/record.h"
#include "debug/red_zone.h"
#include "debug/shadow.h"
#include "debug/finding.h"
#include "os/options.h"

void (*debug_home)(struct slab_layout *layout, void *const *objects, unsigned count);

/*
 * One pattern, up to a comma or the end; * and ? as the shell has them. Not fnmatch: it
 * allocates, and what it allocates from may be the cache in question.
 */
static bool matches_one(const char *pattern, const char *name)
{
	const char *star = NULL, *tried = NULL;

	while (*name != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			tried = name;
		} else if (*pattern != ',' && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star;         /* let the star eat one more */
			name = ++tried;
		} else {
			return false;
		}
	}
	pattern += strspn(pattern, "*");
	return *pattern == '\0' || *pattern == ',';
}

/* "a*,b" */
static bool matches(const char *patterns, const char *name)
{
	for (; patterns != NULL; patterns = strchr(patterns, ',')) {
		patterns += *patterns == ',';
		if (matches_one(patterns, name))
			return true;
	}
	return false;
}

/* What is constructed or still read is not cleared. */
static slab_flags_t init_flags(slab_flags_t flags, bool has_ctor)
{
	if (has_ctor || (flags & SLAB_TYPESAFE_BY_RCU))
		return 0;
	return (options.debug.init_on_alloc ? SLAB_INIT_ALLOC : 0) |
	       (options.debug.init_on_free ? SLAB_INIT_FREE : 0);
}

/*
 * A tool that keeps a shadow finds what zones and poison would, at once, and looking at
 * them would be a mistake to it. Late readers read what is nobody's: not told, but to who wants
 * to know that one owner comes after the other.
 */
static slab_flags_t shadowed_flags(slab_flags_t flags)
{
	if (flags & SLAB_TYPESAFE_BY_RCU)
		return shadow->handed_in != NULL ? flags | SLAB_CONSISTENCY_CHECKS : flags;
	if (flags & SLAB_INIT_FREE)
		flags = (flags & ~SLAB_INIT_FREE) | SLAB_INIT_ALLOC;
	return (flags & ~(SLAB_RED_ZONE | SLAB_POISON)) | SLAB_CONSISTENCY_CHECKS |
	       SLAB_SHADOWED;
}

slab_flags_t debug_flags(const char *name, slab_flags_t flags, bool has_ctor)
{
	if (options.debug.off)
		return flags & ~SLAB_HOOK_FLAGS;
	for (unsigned i = 0; i < options.debug.rules; i++)
		if (matches(options.debug.rule[i].patterns, name))
			flags |= options.debug.rule[i].flags;
	flags |= init_flags(flags, has_ctor);
	if (shadow != NULL)
		flags = shadowed_flags(flags);
	if (flags & SLAB_TYPESAFE_BY_RCU)
		flags &= ~SLAB_POISON;          /* late readers must find what they left */
	return flags;
}

void debug_geometry(slab_flags_t flags, struct layout_request *request)
{
	if ((flags & SLAB_HOOK_FLAGS) == 0)
		return;
	request->fast = false;
	request->no_obj_list |= (flags & SLAB_INIT_FREE) != 0;  /* nothing may be written later */
	if ((flags & SLAB_CHECK_FLAGS) == 0)
		return;
	request->entry_bytes = flags & SLAB_STORE_USER ? sizeof(struct object_entry) :
			       SHORT_ENTRY_BYTES;
	request->zone_bytes = flags & SLAB_RED_ZONE ? zone_gap(request->size) :
			      flags & SLAB_SHADOWED ? SHADOW_GAP_BYTES : 0;
}

/* Only traced, or refused now and then: the objects themselves are plain. */
static void no_new_slab(const struct slab_layout *layout UNUSED, struct page *slab UNUSED)
{
}

static bool allocated_traced(const struct slab_layout *layout, void *object,
			     const struct alloc_request *request)
{
	if (layout->checks & SLAB_INIT_ALLOC)
		memset(object, 0, layout->object_size);
	trace_call(layout, "alloc", object, request->caller);
	return true;
}

static bool may_free_traced(const struct slab_layout *layout, void *object, const void *caller)
{
	const struct page *slab = virt_to_head_page(object);

	trace_call(layout, "free", object, caller);
	if ((layout->checks & SLAB_INIT_FREE) && slab != NULL && slab->layout == layout &&
	    index_to_obj(layout, slab, obj_to_index(layout, slab, object)) == object)
		memset(object, 0, layout->object_size);
	return true;
}

static size_t usable_all(const struct slab_layout *layout, const void *object UNUSED)
{
	return layout->object_size;
}

static bool resize_within(const struct slab_layout *layout, void *object UNUSED, size_t size)
{
	return size <= layout->object_size;
}

static const struct slab_hooks light_hooks = {
	.new_slab = no_new_slab,
	.may_alloc = may_alloc,
	.allocated = allocated_traced,
	.may_free = may_free_traced,
	.usable = usable_all,
	.resize = resize_within,
};

static const struct slab_hooks check_hooks = {
	.new_slab = check_new_slab,
	.old_slab = check_old_slab,
	.may_alloc = may_alloc,
	.allocated = check_allocated,
	.may_free = check_may_free,
	.usable = check_usable,
	.resize = check_resize,
};

const struct slab_hooks *debug_failing(const struct slab_hooks *now)
{
	if (now == NULL)
		return &light_hooks;
	return now->may_alloc == may_alloc ? now : NULL;
}

static void leave_quarantine(struct slab_layout *layout, void *const *objects, unsigned count,
			     bool looks)
{
	if (looks)
		check_held(layout, objects, count);
	check_released(layout, objects, count);
	debug_home(layout, objects, count);
}

void debug_attach(struct slab_layout *layout, slab_flags_t flags)
{
	if ((flags & SLAB_HOOK_FLAGS) == 0) {
		if (options.trace[0] != '\0')
			layout->hooks = record_hooks(layout);
		return;
	}
	layout->checks = flags & SLAB_HOOK_FLAGS;
	layout->hooks = flags & SLAB_CHECK_FLAGS ? &check_hooks : &light_hooks;
	if (flags & SLAB_STORE_USER)
		depot_init();
	if (flags & SLAB_CHECK_FLAGS) {
		quarantine_exit = leave_quarantine;
		quarantine_init();
	}
}

/* What is still held back was written, perhaps: the last occasion to see it. */
__attribute__((destructor)) static void before_exit(void)
{
	quarantine_release(NULL);
}

void debug_release(struct slab_layout *layout)
{
	quarantine_release(layout);
}
