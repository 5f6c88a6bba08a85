/*
 * map.c: "ukmem map": which pages belong to whom, and how full they are.
 *
 * One character stands for one page or, in a large heap, for a power of two of them:
 * the owner of most of these. Without a cache: letters for the caches with most memory;
 * with one: how full its slabs are.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/base/shown.h"
#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "inspect.h"
#include "runs.h"

static const char help[] =
	"Usage: ukmem map [OPTION]... PID|CORE [CACHE]\n"
	"Draw which pages belong to which cache; with CACHE, how full its slabs are.\n"
	"\n"
	"  -p, --pages N           a character stands for N pages, a power of two; by default\n"
	"                          as many as make the picture 32 lines or fewer\n"
	"  -w, --width N           characters in a line, 16 to 1024; default 64\n"
	"  -o, --output text|json  how to print; json tells each run of pages\n"
	"  -h, --help              print this\n"
	"\n"
	"Without CACHE: a letter for each cache (told below the picture), + other caches,\n"
	"= taken as pages, : free and not yet given back to the system, . free.\n"
	"With CACHE: 0 empty, 1 to 9 up to so many tenths in use, # full, - another's.\n"
	"Objects that wait in arrays count as in use. Exit status: as of ukmem stat.\n";

static const struct option long_options[] = {
	{ "pages", required_argument, NULL, 'p' },
	{ "width", required_argument, NULL, 'w' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

enum { LINES_MAX = 32, WIDTH_DEFAULT = 64, LETTERS = 52, ORDERS = 21 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct map {
	struct target *target;
	struct snapshot *snapshot;
	const struct cache_view *cache; /* NULL: all */
	const struct cache_view *lettered[LETTERS];
	long pages_each, width;
	bool json;

	/* Of the character that is being made up, and where we are in the line. */
	unsigned votes[256];
	long gathered, column;
	uint64_t next_address;

	uint64_t pages, odd, free_runs[ORDERS], occupancy[FULLNESSES], slabs;
};

/* ---- Letters ---------------------------------------------------------------------- */

static int by_memory(const void *a, const void *b)
{
	const struct cache_view *left = *(const struct cache_view *const *)a;
	const struct cache_view *right = *(const struct cache_view *const *)b;
	uint64_t more = cache_bytes(right), less = cache_bytes(left);

	return more != less ? (more > less ? 1 : -1) : strcmp(left->name, right->name);
}

static void deal_letters(struct map *map)
{
	size_t count = map->snapshot->caches_count;
	const struct cache_view **order = calloc(count + 1, sizeof(*order));

	for (size_t i = 0; i < count && order != NULL; i++)
		order[i] = &map->snapshot->caches[i];
	if (order != NULL)
		qsort(order, count, sizeof(*order), by_memory);
	for (size_t i = 0; i < count && i < LETTERS && order != NULL; i++)
		if (order[i]->slabs != 0)
			map->lettered[i] = order[i];
	free(order);
}

static char letter_of(const struct map *map, uint64_t layout)
{
	for (int i = 0; i < LETTERS && map->lettered[i] != NULL; i++)
		if (map->lettered[i]->layout == layout)
			return letters[i];
	return '+';
}

static char mark_of(const struct map *map, const struct run_view *run)
{
	switch (run->state) {
	case RUN_FREE:
		return run->dirty ? ':' : '.';
	case RUN_PURGING:
		return ':';
	case RUN_TAKEN:
		return map->cache != NULL ? '-' : '=';
	case RUN_SLAB:
		if (map->cache == NULL)
			return letter_of(map, run->layout);
		if (run->layout != map->cache->layout)
			return '-';
		return "0123456789#"[fullness_of(map->cache, run)];
	default:
		return '?';
	}
}

/* ---- The picture -------------------------------------------------------------------- */

static void print_mark(struct map *map)
{
	unsigned best = 0;

	for (unsigned i = 1; i < 256; i++)
		if (map->votes[i] > map->votes[best])
			best = i;
	if (map->column == 0)
		printf("%14" PRIx64 " ", map->next_address -
		       ((uint64_t)map->gathered << 12));
	putchar((int)best);
	memset(map->votes, 0, sizeof(map->votes));
	map->gathered = 0;
	if (++map->column == map->width) {
		putchar('\n');
		map->column = 0;
	}
}

static void end_line(struct map *map)
{
	if (map->gathered != 0)
		print_mark(map);
	if (map->column != 0)
		putchar('\n');
	map->column = 0;
}

static void draw_run(struct map *map, const struct run_view *run)
{
	unsigned char mark = (unsigned char)mark_of(map, run);

	if (run->address != map->next_address)
		end_line(map);
	map->next_address = run->address;
	for (uint64_t i = 0; i < run->pages; i++) {
		map->votes[mark]++;
		map->next_address += 4096;
		if (++map->gathered == map->pages_each)
			print_mark(map);
	}
}

static void count_run(struct map *map, const struct run_view *run)
{
	map->pages += run->pages;
	map->odd += run->state == RUN_ODD;
	if (run->state == RUN_FREE || run->state == RUN_PURGING)
		map->free_runs[__builtin_ctzl(run->pages)]++;
	if (map->cache != NULL && run->state == RUN_SLAB && run->layout == map->cache->layout) {
		map->occupancy[fullness_of(map->cache, run)]++;
		map->slabs++;
	}
}

static bool visit(void *context, const struct run_view *run)
{
	struct map *map = context;

	count_run(map, run);
	if (!map->json)
		draw_run(map, run);
	return true;
}

/* ---- What stands below it ------------------------------------------------------------- */

static void print_legend(const struct map *map)
{
	for (int i = 0; i < LETTERS && map->lettered[i] != NULL; i++) {
		const struct cache_view *cache = map->lettered[i];

		printf("%c %-24s %8" PRIu64 " KiB %6" PRIu64 " slabs %5.1f %% in use\n", letters[i],
		       cache->name, cache_bytes(cache) >> 10, cache->slabs,
		       100 - 100 * cache_waste(cache));
	}
}

static void print_occupancy(const struct map *map)
{
	static const char *const names[] = {
		"empty", "to 1/9", "to 2/9", "to 3/9", "to 4/9", "to 5/9", "to 6/9", "to 7/9",
		"to 8/9", "to 9/9", "full",
	};

	printf("%s: %" PRIu64 " slabs of %u objects\n", map->cache->name, map->slabs,
	       map->cache->num);
	for (int i = 0; i < FULLNESSES; i++)
		if (map->occupancy[i] != 0)
			printf("  %c %-7s %6" PRIu64 "\n", "0123456789#"[i], names[i],
			       map->occupancy[i]);
}

static void print_free(const struct map *map)
{
	printf("%" PRIu64 " pages; free runs by order:", map->pages);
	for (int order = 0; order <= 10; order++)
		printf(" %" PRIu64, map->free_runs[order]);
	putchar('\n');
}

static void print_below(struct map *map)
{
	end_line(map);
	if (map->cache != NULL)
		print_occupancy(map);
	else
		print_legend(map);
	print_free(map);
}

static int finish(struct map *map, int status)
{
	if (map->json)
		print_json(stdout, json_pack("{s:o, s:I, s:b}", "runs",
			   runs_json(map->target, map->snapshot, map->cache), "pages",
			   (json_int_t)map->pages, "damaged", map->odd != 0));
	else
		print_below(map);
	if (map->odd != 0) {
		say("%s: %" PRIu64 " page descriptors make no sense", map->target->name, map->odd);
		status = 1;
	}
	return cli_finish(status);
}

/* ---- The command ------------------------------------------------------------------------- */

static void choose_scale(struct map *map)
{
	uint64_t pages = map->snapshot->committed_bytes >> 12;

	for (map->pages_each = map->pages_each != 0 ? map->pages_each : 1;
	     pages / (uint64_t)map->pages_each > (uint64_t)LINES_MAX * (uint64_t)map->width &&
	     map->pages_each < 1 << 20;)
		map->pages_each *= 2;
}

static int draw(struct map *map, char *name, bool scale)
{
	if (name != NULL) {
		map->cache = snapshot_find(map->snapshot, map->target, shown(name));
		if (map->cache == NULL)
			return EXIT_USAGE;
	}
	deal_letters(map);
	if (scale)
		choose_scale(map);
	runs_walk(map->target, map->snapshot, visit, map);
	if (target_lost(map->target))
		return EXIT_USAGE;
	return finish(map, snapshot_complain(map->snapshot, map->target));
}

static bool set_option(struct map *map, int option, char **argv)
{
	switch (option) {
	case 'w':
		return cli_number("map", "--width", optarg, 16, 1024, &map->width);
	case 'p':
		if (!cli_number("map", "--pages", optarg, 1, 1 << 20, &map->pages_each))
			return false;
		if ((map->pages_each & (map->pages_each - 1)) == 0)
			return true;
		say("map: --pages: %ld is no power of two", map->pages_each);
		return false;
	case 'o':
		map->json = strcmp(optarg, "json") == 0;
		if (map->json || strcmp(optarg, "text") == 0)
			return true;
		say("map: -o: expected \"text\" or \"json\", not \"%s\"", optarg);
		return false;
	default:
		cli_refuse("map", option, argv);
		return false;
	}
}

int map_main(int argc, char **argv)
{
	struct target target;
	struct snapshot snapshot;
	struct map map = { .target = &target, .snapshot = &snapshot, .width = WIDTH_DEFAULT };
	int option, status = EXIT_USAGE;

	while ((option = getopt_long(argc, argv, ":hp:w:o:", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (!set_option(&map, option, argv))
			return EXIT_USAGE;
	}
	if (!cli_words("map", argc, 1, 2, "a PID or core file, and perhaps a cache") ||
	    !target_open(&target, argv[optind]))
		return EXIT_USAGE;
	if (snapshot_take(&snapshot, &target)) {
		status = draw(&map, argv[optind + 1], map.pages_each == 0);
		snapshot_free(&snapshot);
	}
	target_close(&target);
	return status;
}
