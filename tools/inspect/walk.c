/*
 * walk.c: "ukmem walk": every live object of a cache.
 */
#include <inttypes.h>
#include <string.h>

#include "../../src/base/shown.h"
#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "inspect.h"
#include "owners.h"

static const char help[] =
	"Usage: ukmem walk [OPTION]... PID|CORE CACHE\n"
	"List the live objects of a cache, by address: those that the program holds.\n"
	"In a program that runs, objects may come and go while they are listed.\n"
	"\n"
	"  -o, --output text|json  an address a line, the default, or an array of them\n"
	"  -h, --help              print this\n"
	"\n"
	"Exit status: as of ukmem stat.\n";

struct walk {
	struct target *target;
	const struct cache_view *cache;
	struct parked_set parked;
	struct owner_tables tables;
	json_t *json;                  /* NULL: text */
	unsigned damaged;              /* slabs */
};

static void tell(struct walk *walk, uint64_t object)
{
	char text[24];

	snprintf(text, sizeof(text), "%#" PRIx64, object);
	if (walk->json != NULL)
		json_array_append_new(walk->json, json_string(text));
	else
		puts(text);
}

/* Taken from its slab; but it may wait in an array, or be freed and held in quarantine. */
static bool is_live(struct walk *walk, const struct run_view *slab, uint32_t index,
		    uint64_t object)
{
	struct owner_view owner;

	if (parked_find(&walk->parked, object) != NULL)
		return false;
	return !walk->tables.known ||
	       !owner_read(walk->target, &walk->tables, slab->address, index, &owner) ||
	       !owner.is_held;
}

static bool visit(void *context, const struct run_view *run)
{
	static uint8_t is_free[OBJECTS_MAX];
	struct walk *walk = context;

	if (run->state != RUN_SLAB || run->layout != walk->cache->layout)
		return true;
	if (!slab_free_objects(walk->target, walk->cache, run, is_free)) {
		walk->damaged++;
		return true;
	}
	for (uint32_t i = 0; i < walk->cache->num; i++) {
		uint64_t object = slab_first(walk->cache, run) + (uint64_t)i * walk->cache->size;

		if (!is_free[i] && is_live(walk, run, i, object))
			tell(walk, object);
	}
	return true;
}

static int finish(struct walk *walk)
{
	if (target_lost(walk->target)) {
		json_decref(walk->json);
		return EXIT_USAGE;
	}
	if (walk->json != NULL)
		print_json(stdout, walk->json);
	if (walk->damaged != 0)
		say("%s: %u slabs of %s contradict themselves%s", walk->target->name, walk->damaged,
		    walk->cache->name, walk->target->pid != 0 ?
		    "; they may have changed while they were read" : "");
	return cli_finish(walk->damaged != 0);
}

static int list(struct walk *walk, const struct snapshot *snapshot, const char *name, bool json)
{
	walk->cache = snapshot_find(snapshot, walk->target, name);
	if (walk->cache == NULL)
		return EXIT_USAGE;
	if (walk->cache->num == 0) {
		say("%s: the cache \"%s\" is damaged", walk->target->name, name);
		return 1;
	}
	if (!parked_collect(&walk->parked, walk->target, walk->cache, snapshot->nodes)) {
		say("%s: out of memory", name);
		return 1;
	}
	walk->tables = owner_tables_of(walk->target, walk->cache);
	walk->json = json ? json_array() : NULL;
	runs_walk(walk->target, snapshot, visit, walk);
	parked_free(&walk->parked);
	return finish(walk);
}

int walk_main(int argc, char **argv)
{
	static const char *const forms[] = { "text", "json", NULL };
	struct target target;
	struct snapshot snapshot;
	struct walk walk = { .target = &target };
	int form = 0, status = cli_form("walk", help, argc, argv, forms, &form);

	if (status >= 0)
		return status;
	status = EXIT_USAGE;
	if (!cli_words("walk", argc, 2, 2, "a PID or core file, and a cache") ||
	    !target_open(&target, argv[optind]))
		return EXIT_USAGE;
	if (snapshot_take(&snapshot, &target)) {
		status = list(&walk, &snapshot, shown(argv[optind + 1]), form == 1);
		snapshot_free(&snapshot);
	}
	target_close(&target);
	return status;
}
