/*
 * object.c: "ukmem object": what is at this address?
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "inspect.h"
#include "owners.h"
#include "profile.h"

static const char help[] =
	"Usage: ukmem object [OPTION]... PID|CORE ADDRESS\n"
	"Tell what is at ADDRESS (hexadecimal, also in the midst of an object): its cache,\n"
	"its slab, which object of it, and whether it is live, free, or waits in an array or in\n"
	"quarantine; and who allocated and freed it, where that is tracked (debug:U).\n"
	"\n"
	"  -o, --output text|json  how to print; default text\n"
	"  -h, --help              print this\n"
	"\n"
	"Exit status: 0 it is in a slab; 1 it isn't, or its slab is damaged; 2 a bad\n"
	"option, or nothing to be read.\n";

/* What we found out. */
struct finding {
	uint64_t address, object, index, offset;
	struct run_view run;
	const struct cache_view *cache;        /* NULL: not in a slab */
	const char *state;                     /* live, free, waits, gap, damaged */
	struct parked parked;
	struct owner_view owner;
};

static int print_outside(const struct target *target, const struct finding *finding, bool known)
{
	static const char *const states[] = {
		[RUN_FREE] = "free", [RUN_PURGING] = "free", [RUN_TAKEN] = "taken as pages",
		[RUN_SLAB] = "a slab of no cache", [RUN_AWAY] = "with its page source",
		[RUN_ODD] = "in no run of pages",
	};

	if (known)
		say("%s: %#" PRIx64 " is in ukmem's memory, in pages that are %s", target->name,
		    finding->address, states[finding->run.state]);
	else
		say("%s: %#" PRIx64 " is not in ukmem's memory", target->name, finding->address);
	return 1;
}

/* Its slab calls it taken, but its table may know better. */
static void find_owner(struct target *target, struct finding *finding)
{
	struct owner_tables tables = owner_tables_of(target, finding->cache);

	if (!tables.known || !owner_read(target, &tables, finding->run.address,
					 (uint32_t)finding->index, &finding->owner))
		return;
	if (finding->owner.is_held && finding->state[0] == 'l') {
		finding->state = "waits";
		snprintf(finding->parked.where, sizeof(finding->parked.where), "quarantine");
	}
}

/* Live is what its slab says is taken and no array holds. */
static void find_state(struct target *target, const struct snapshot *snapshot,
		       struct finding *finding)
{
	const struct cache_view *cache = finding->cache;
	static uint8_t is_free[OBJECTS_MAX];
	struct parked_set set;
	const struct parked *parked;

	if (!slab_free_objects(target, cache, &finding->run, is_free)) {
		finding->state = "damaged";
		return;
	}
	finding->state = is_free[finding->index] ? "free" : "live";
	if (is_free[finding->index] || !parked_collect(&set, target, cache, snapshot->nodes))
		return;
	parked = parked_find(&set, finding->object);
	if (parked != NULL) {
		finding->parked = *parked;
		finding->state = "waits";
	}
	parked_free(&set);
}

static bool find(struct target *target, const struct snapshot *snapshot, struct finding *finding)
{
	uint64_t first, behind;

	if (finding->run.state != RUN_SLAB)
		return false;
	finding->cache = snapshot_of_layout(snapshot, finding->run.layout);
	if (finding->cache == NULL || finding->cache->num == 0)
		return false;
	first = slab_first(finding->cache, &finding->run);
	behind = finding->address - first;
	finding->index = behind / finding->cache->size;
	finding->offset = behind % finding->cache->size;
	if (finding->address < first || finding->index >= finding->cache->num) {
		finding->state = "gap";
		return true;
	}
	finding->object = finding->address - finding->offset;
	find_state(target, snapshot, finding);
	find_owner(target, finding);
	return true;
}

static void print_text(const struct finding *finding)
{
	const struct cache_view *cache = finding->cache;

	printf("cache   %s (%u bytes, %u in a slab)\n", cache->name, cache->object_size,
	       cache->num);
	printf("slab    %#" PRIx64 ", %" PRIu64 " pages, %u of %u objects taken\n",
	       finding->run.address, finding->run.pages, finding->run.active, cache->num);
	if (finding->object == 0) {
		printf("object  none: between the objects and the slab's edge\n");
		return;
	}
	printf("object  %#" PRIx64 ", number %" PRIu64 ", byte %" PRIu64 " of it\n",
	       finding->object, finding->index, finding->offset);
	if (finding->state[0] == 'w')
		printf("state   free, waits in the %s\n", finding->parked.where);
	else
		printf("state   %s\n", finding->state);
}

static void print_track(struct target *target, struct symbols *symbols, const char *what,
			const struct track_view *track)
{
	uint64_t frame[OWNER_FRAMES_MAX];
	size_t count = owner_stack(target, track->stack, frame);

	if (track->stack == 0 && track->thread == 0)
		return;                 /* never */
	printf("%s by thread %u\n", what, track->thread);
	for (size_t i = 0; i < count; i++)
		printf("        %s\n", symbols_name(symbols, frame[i]));
}

static void print_owners(struct target *target, const struct finding *finding)
{
	struct symbols *symbols;

	if (!finding->owner.is_tracked)
		return;
	symbols = symbols_open(target);
	print_track(target, symbols, "allocated", &finding->owner.allocated);
	print_track(target, symbols, "freed", &finding->owner.freed);
	symbols_close(symbols);
}

/* Return addresses by name, nearest first. */
static json_t *track_json(struct target *target, struct symbols *symbols,
			  const struct track_view *track)
{
	uint64_t frame[OWNER_FRAMES_MAX];
	size_t count = owner_stack(target, track->stack, frame);
	json_t *stack = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(stack, json_string(symbols_name(symbols, frame[i])));
	return json_pack("{s:i, s:o}", "thread", (int)track->thread, "stack", stack);
}

static void add_owners(struct target *target, const struct finding *finding, json_t *json)
{
	struct symbols *symbols;

	if (!finding->owner.is_tracked)
		return;
	symbols = symbols_open(target);
	json_object_set_new(json, "allocated",
			    track_json(target, symbols, &finding->owner.allocated));
	json_object_set_new(json, "freed", track_json(target, symbols, &finding->owner.freed));
	symbols_close(symbols);
}

static json_t *to_json(const struct finding *finding)
{
	char slab[24], object[24];

	snprintf(slab, sizeof(slab), "%#" PRIx64, finding->run.address);
	snprintf(object, sizeof(object), "%#" PRIx64, finding->object);
	return json_pack("{s:s, s:s, s:I, s:i, s:s*, s:I, s:I, s:s, s:s*}",
			 "cache", finding->cache->name, "slab", slab,
			 "slab_pages", (json_int_t)finding->run.pages,
			 "slab_active_objs", (int)finding->run.active,
			 "object", finding->object != 0 ? object : NULL,
			 "index", (json_int_t)finding->index,
			 "offset_bytes", (json_int_t)finding->offset,
			 "state", finding->state,
			 "waits_in", finding->state[0] == 'w' ? finding->parked.where : NULL);
}

static int look(struct target *target, const struct snapshot *snapshot, uint64_t address,
		bool json)
{
	struct finding finding = { .address = address };
	bool known = run_of_address(target, snapshot, address, &finding.run);
	bool found = known && find(target, snapshot, &finding);

	if (target_lost(target))
		return EXIT_USAGE;
	if (!found)
		return print_outside(target, &finding, known);
	if (json) {
		json_t *all = to_json(&finding);

		add_owners(target, &finding, all);
		print_json(stdout, all);
	} else {
		print_text(&finding);
		print_owners(target, &finding);
	}
	return cli_finish(finding.state[0] == 'd');
}

static bool parse_address(const char *word, uint64_t *address)
{
	char *end;

	errno = 0;
	*address = strtoull(word, &end, 16);
	if (errno == 0 && *end == '\0' && *word != '\0' && *word != '-' && *word != '+' &&
	    *word != ' ')
		return true;
	say("object: expected an address in hexadecimal, not \"%s\"", word);
	return false;
}

int object_main(int argc, char **argv)
{
	static const char *const forms[] = { "text", "json", NULL };
	struct target target;
	struct snapshot snapshot;
	uint64_t address;
	int form = 0, status = cli_form("object", help, argc, argv, forms, &form);

	if (status >= 0)
		return status;
	status = EXIT_USAGE;
	if (!cli_words("object", argc, 2, 2, "a PID or core file, and an address") ||
	    !parse_address(argv[optind + 1], &address) || !target_open(&target, argv[optind]))
		return EXIT_USAGE;
	if (snapshot_take(&snapshot, &target)) {
		status = look(&target, &snapshot, address, form == 1);
		snapshot_free(&snapshot);
	}
	target_close(&target);
	return status;
}
