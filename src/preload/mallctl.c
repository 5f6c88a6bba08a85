/*
 * mallctl.c: the tree of names by which jemalloc is asked and told, for who is linked with it.
 *
 * The heap is arena 0, and so are what stands for all arenas; those that a program makes are
 * numbers, hold nothing, and what is asked from them comes from the heap. Figures are of the
 * moment, whatever the epoch. What tunes is accepted and means nothing, as with mallopt; a
 * name that is not here is ENOENT.
 *
 * Here is what programs were seen to need: Redis ends itself when arenas.create or a bin's
 * figure is refused, BIND when arena.N.destroy is, MariaDB follows whatever version left behind.
 */
#include <errno.h>
#include <string.h>

#include <ukmem/slab.h>

#include "base/number.h"
#include "malloc/heap.h"
#include "os/options.h"
#include "pages/pages.h"
#include "preload/preload.h"

enum { ALL_ARENAS = 4096, PARTS_MAX = 6 };

static _Atomic unsigned arenas = 1, tcaches;
static _Atomic uint64_t epoch = 1;

/*
 * "#" stands for an arena's number, "%" for a class's. A mib is this line's place in the
 * table, and such numbers where they stand in the name. Both sizes 0: it does something.
 */
struct control {
	const char *name;
	unsigned gives, takes;          /* bytes; 0: not to be read, or written */
	uint64_t (*get)(const size_t *mib);
	int (*set)(const size_t *mib, uint64_t value);  /* before anything is read */
};

/* ---- What they say ----------------------------------------------------------------- */

static uint64_t no(const size_t *mib UNUSED)
{
	return 0;
}

static uint64_t yes(const size_t *mib UNUSED)
{
	return 1;
}

static uint64_t version(const size_t *mib UNUSED)
{
	return (uintptr_t)"ukmem " UKMEM_VERSION;
}

static uint64_t epoch_now(const size_t *mib UNUSED)
{
	return atomic_load(&epoch);
}

static uint64_t helper_runs(const size_t *mib UNUSED)
{
	return atomic_load(&reaper_helper) == HELPER_RUNS;
}

static uint64_t new_tcache(const size_t *mib UNUSED)
{
	return atomic_fetch_add(&tcaches, 1);
}

/* The number that means all is nobody's. */
static uint64_t new_arena(const size_t *mib UNUSED)
{
	unsigned number = atomic_load(&arenas);

	while (number < ALL_ARENAS - 1 &&
	       !atomic_compare_exchange_weak(&arenas, &number, number + 1))
		;
	return number;
}

static uint64_t arenas_made(const size_t *mib UNUSED)
{
	return atomic_load(&arenas);
}

static uint64_t decay_ms(const size_t *mib UNUSED)
{
	return options.decay_ms;
}

static uint64_t grain(const size_t *mib UNUSED)
{
	return HEAP_GRAIN;
}

static uint64_t page_bytes(const size_t *mib UNUSED)
{
	return PAGE_BYTES;
}

static uint64_t classes(const size_t *mib UNUSED)
{
	return HEAP_CLASSES;
}

static uint64_t class_bytes(const size_t *mib)
{
	return heap_class_bytes((unsigned)mib[2]);
}

static struct heap_class_totals totals_of_class(size_t class)
{
	struct heap_class_totals totals;

	heap_read_class((unsigned)class, &totals);
	return totals;
}

static uint64_t class_objects(const size_t *mib)
{
	return totals_of_class(mib[2]).per_slab;
}

static uint64_t class_slab_bytes(const size_t *mib)
{
	return totals_of_class(mib[2]).slab_bytes;
}

static uint64_t small(const size_t *mib UNUSED)
{
	struct heap_totals totals;

	heap_read_totals(&totals);
	return totals.class_bytes;
}

static uint64_t large(const size_t *mib UNUSED)
{
	struct heap_totals totals;

	heap_read_totals(&totals);
	return totals.run_bytes + totals.mapping_bytes;
}

static uint64_t allocated(const size_t *mib)
{
	return small(mib) + large(mib);
}

static size_t mapping_total(void)
{
	size_t count, bytes;

	mappings_total(&count, &bytes);
	return bytes;
}

/* Pages in use, with what lies free in them. */
static uint64_t active(const size_t *mib UNUSED)
{
	return mapping_total() + (pages_in_use() << PAGE_SHIFT);
}

static uint64_t resident(const size_t *mib)
{
	return active(mib) + (pages_dirty() << PAGE_SHIFT);
}

/* Addresses without memory behind them. */
static uint64_t retained(const size_t *mib UNUSED)
{
	size_t free_pages = pages_free_count(), dirty = pages_dirty();

	return (free_pages - min_size(dirty, free_pages)) << PAGE_SHIFT;
}

static uint64_t active_pages(const size_t *mib)
{
	return active(mib) >> PAGE_SHIFT;
}

static uint64_t dirty_pages(const size_t *mib UNUSED)
{
	return pages_dirty();
}

static uint64_t active_in_class(const size_t *mib)
{
	return totals_of_class(mib[4]).active;
}

static uint64_t slabs_of_class(const size_t *mib)
{
	return totals_of_class(mib[4]).slabs;
}

/* ---- What they do ------------------------------------------------------------------- */

static int accept(const size_t *mib UNUSED, uint64_t value UNUSED)
{
	return 0;
}

static int next_epoch(const size_t *mib UNUSED, uint64_t value UNUSED)
{
	atomic_fetch_add(&epoch, 1);
	return 0;
}

static int purge(const size_t *mib UNUSED, uint64_t value UNUSED)
{
	malloc_trim(0);
	return 0;
}

/* An arena whose pages come from the program's hooks is not to be had. */
static int refuse_hooks(const size_t *mib UNUSED, uint64_t hooks)
{
	return hooks != 0 ? EAGAIN : 0;
}

static const struct control controls[] = {
	{ "version", 8, 0, version, NULL },
	{ "epoch", 8, 8, epoch_now, next_epoch },
	{ "background_thread", 1, 1, helper_runs, accept },
	{ "config.prof", 1, 0, no, NULL },
	{ "config.stats", 1, 0, yes, NULL },
	{ "opt.narenas", 4, 0, yes, NULL },
	{ "thread.arena", 4, 4, no, accept },
	{ "thread.idle", 0, 0, NULL, accept },
	{ "thread.tcache.enabled", 1, 1, yes, accept },
	{ "thread.tcache.flush", 0, 0, NULL, accept },
	{ "tcache.create", 4, 0, new_tcache, NULL },
	{ "tcache.flush", 0, 4, NULL, accept },
	{ "tcache.destroy", 0, 4, NULL, accept },
	{ "arena.#.initialized", 1, 0, yes, NULL },
	{ "arena.#.decay", 0, 0, NULL, purge },
	{ "arena.#.purge", 0, 0, NULL, purge },
	{ "arena.#.destroy", 0, 0, NULL, accept },
	{ "arena.#.dirty_decay_ms", 8, 8, decay_ms, accept },
	{ "arena.#.muzzy_decay_ms", 8, 8, no, accept },
	{ "arenas.narenas", 4, 0, arenas_made, NULL },
	{ "arenas.create", 4, 8, new_arena, refuse_hooks },
	{ "arenas.dirty_decay_ms", 8, 8, decay_ms, accept },
	{ "arenas.muzzy_decay_ms", 8, 8, no, accept },
	{ "arenas.quantum", 8, 0, grain, NULL },
	{ "arenas.page", 8, 0, page_bytes, NULL },
	{ "arenas.nbins", 4, 0, classes, NULL },
	{ "arenas.nlextents", 4, 0, no, NULL },
	{ "arenas.bin.%.size", 8, 0, class_bytes, NULL },
	{ "arenas.bin.%.nregs", 4, 0, class_objects, NULL },
	{ "arenas.bin.%.slab_size", 8, 0, class_slab_bytes, NULL },
	{ "stats.allocated", 8, 0, allocated, NULL },
	{ "stats.active", 8, 0, active, NULL },
	{ "stats.resident", 8, 0, resident, NULL },
	{ "stats.mapped", 8, 0, active, NULL },
	{ "stats.retained", 8, 0, retained, NULL },
	{ "stats.arenas.#.pactive", 8, 0, active_pages, NULL },
	{ "stats.arenas.#.pdirty", 8, 0, dirty_pages, NULL },
	{ "stats.arenas.#.pmuzzy", 8, 0, no, NULL },
	{ "stats.arenas.#.small.allocated", 8, 0, small, NULL },
	{ "stats.arenas.#.large.allocated", 8, 0, large, NULL },
	{ "stats.arenas.#.bins.%.curregs", 8, 0, active_in_class, NULL },
	{ "stats.arenas.#.bins.%.curslabs", 8, 0, slabs_of_class, NULL },
};

/* ---- From a name, or a mib, to its line ----------------------------------------------- */

/* What is no number is beyond all arenas and classes. */
static const char *read_part(const char *name, size_t *out)
{
	unsigned number;

	*out = read_number(&name, NULL, &number) ? number : SIZE_MAX;
	return name;
}

/* Does @name say what @pattern does? Its numbers go to where they stand. */
static bool match(const char *pattern, const char *name, size_t *mib)
{
	size_t part = 0;

	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '#' || *pattern == '%')
			name = read_part(name, &mib[part]);
		else if (*pattern != *name++)
			return false;
		part += *pattern == '.';
	}
	return *name == '\0';
}

static size_t parts_of(const char *pattern)
{
	size_t parts = 1;

	for (; *pattern != '\0'; pattern++)
		parts += *pattern == '.';
	return parts;
}

/* One behind the last arena meant all of them, once. */
static bool numbers_exist(const char *pattern, const size_t *mib)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '#' && *mib > atomic_load(&arenas) && *mib != ALL_ARENAS)
			return false;
		if (*pattern == '%' && *mib >= HEAP_CLASSES)
			return false;
		mib += *pattern == '.';
	}
	return true;
}

static int find(const char *name, size_t *mib)
{
	for (size_t i = 0; i < ARRAY_LENGTH(controls); i++) {
		if (!match(controls[i].name, name, mib))
			continue;
		mib[0] = i;
		return numbers_exist(controls[i].name, mib) ? 0 : ENOENT;
	}
	return ENOENT;
}

/* ---- The calls --------------------------------------------------------------------------- */

static bool may(const struct control *control, const void *old, const size_t *old_bytes,
		const void *new, size_t new_bytes)
{
	if (control->gives == 0 && (old != NULL || old_bytes != NULL))
		return false;
	return control->takes != 0 || (new == NULL && new_bytes == 0);
}

static int write_value(const struct control *control, const size_t *mib, const void *new,
		       size_t bytes)
{
	uint64_t value = 0;

	if (bytes != control->takes)
		return EINVAL;
	if (bytes != 0)
		memcpy(&value, new, bytes);
	return control->set(mib, value);
}

static bool is_made_arena(const struct control *control, const size_t *mib)
{
	return strncmp(control->name, "stats.arenas.", 13) == 0 && mib[2] != 0 &&
	       mib[2] < atomic_load(&arenas);
}

/* Who left room for another size gets what fits, and EINVAL. */
static int read_value(const struct control *control, const size_t *mib, void *old, size_t *bytes)
{
	uint64_t value = is_made_arena(control, mib) ? 0 : control->get(mib);
	bool fits = *bytes == control->gives;

	*bytes = min_size(*bytes, control->gives);
	memcpy(old, &value, *bytes);
	return fits ? 0 : EINVAL;
}

static int ask(const size_t *mib, void *old, size_t *old_bytes, const void *new, size_t new_bytes)
{
	const struct control *control = &controls[mib[0]];
	bool does = control->gives == 0 && control->takes == 0;
	int error = 0;

	if (!may(control, old, old_bytes, new, new_bytes))
		return EPERM;
	if (heap_boot() != 0)
		return EAGAIN;
	if (new != NULL || does)
		error = write_value(control, mib, new, new_bytes);
	if (error == 0 && old != NULL && old_bytes != NULL)
		error = read_value(control, mib, old, old_bytes);
	return error;
}

PUBLIC int mallctl(const char *name, void *old, size_t *old_bytes, void *new, size_t new_bytes)
{
	size_t mib[PARTS_MAX];
	int error = find(name, mib);

	return error != 0 ? error : ask(mib, old, old_bytes, new, new_bytes);
}

PUBLIC int mallctlnametomib(const char *name, size_t *out, size_t *length)
{
	size_t mib[PARTS_MAX] = { 0 };
	int error = find(name, mib);

	if (error != 0)
		return error;
	*length = min_size(*length, parts_of(controls[mib[0]].name));
	memcpy(out, mib, *length * sizeof(*mib));
	return 0;
}

PUBLIC int mallctlbymib(const size_t *mib, size_t length, void *old, size_t *old_bytes,
			void *new, size_t new_bytes)
{
	if (length == 0 || mib[0] >= ARRAY_LENGTH(controls) ||
	    length != parts_of(controls[mib[0]].name) ||
	    !numbers_exist(controls[mib[0]].name, mib))
		return ENOENT;
	return ask(mib, old, old_bytes, new, new_bytes);
}
