/*
 * report_json.c: a replay's figures for programs. Keys stay; what is unknown is null.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* A file's name may hold any byte; JSON holds text, so what is not ASCII is escaped alone. */
static void print_string(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			printf("\\%c", byte);
		else if (byte < ' ' || byte > '~')
			printf("\\u%04x", byte);
		else
			putchar(byte);
	}
	putchar('"');
}

static void print_number(const char *key, double value)
{
	if (isfinite(value))
		printf("\"%s\": %.9g", key, value);
	else
		printf("\"%s\": null", key);
}

static void print_bytes(const char *key, int64_t bytes)
{
	if (bytes == INT64_MIN)
		printf("\"%s\": null", key);
	else
		printf("\"%s\": %lld", key, (long long)bytes);
}

static void print_rounds(const double *seconds, unsigned rounds)
{
	printf("\"seconds\": [");
	for (unsigned i = 0; i < rounds; i++)
		printf("%s%.9g", i == 0 ? "" : ", ", seconds[i]);
	printf("]");
}

static void print_side(const struct replay *replay, const struct figures *figures, int i)
{
	const struct side *side = &replay->side[i];

	printf("      \"%s\": {\n        ", allocator_name[i]);
	print_rounds(side->seconds, replay->options->rounds);
	printf(",\n        ");
	print_number("median_seconds", figures->seconds[i]);
	printf(",\n        ");
	print_number("events_per_second", figures->events_per_second[i]);
	printf(",\n        ");
	print_bytes("memory_peak_bytes", side->peak_bytes);
	printf(",\n        ");
	print_bytes("memory_live_bytes", side->live_bytes);
	printf(",\n        ");
	print_bytes("memory_left_bytes", side->left_bytes);
	printf("\n      },\n");
}

static void print_played(const struct replay *replay)
{
	const struct trace *trace = replay->trace;

	printf("      \"file\": ");
	print_string(trace->path);
	printf(",\n      \"events\": %u,\n      \"slots\": %u,\n      \"cpus\": %u,\n"
	       "      \"rounds\": %u,\n      \"checked\": %s,\n      \"pinned\": %s,\n"
	       "      \"rseq\": %s,\n"
	       "      \"live_objects\": %llu,\n      \"live_bytes\": %llu,\n",
	       trace->events, trace->slots, trace->cpus, replay->options->rounds,
	       replay->options->check ? "true" : "false", replay->options->pin ? "true" : "false",
	       replay->is_rseq ? "true" : "false",
	       (unsigned long long)trace->live_objects, (unsigned long long)trace->live_bytes);
}

/* One cache of the table; a line that is none, like the two of the head, is left out. */
static bool print_cache(const char *line, const char *before)
{
	unsigned long objects, all, bytes, slab_objects, slab_pages, limit, batch, shared, slabs,
		all_slabs, waiting;
	char name[128];

	if (sscanf(line,
		   "%127s %lu %lu %lu %lu %lu : tunables %lu %lu %lu : slabdata %lu %lu %lu", name,
		   &objects, &all, &bytes, &slab_objects, &slab_pages, &limit, &batch, &shared,
		   &slabs, &all_slabs, &waiting) != 12)
		return false;
	printf("%s\n        {\"name\": ", before);
	print_string(name);
	printf(", \"active_objs\": %lu, \"num_objs\": %lu, \"objsize\": %lu, "
	       "\"objperslab\": %lu, \"pagesperslab\": %lu, \"limit\": %lu, "
	       "\"batchcount\": %lu, \"sharedfactor\": %lu, \"active_slabs\": %lu, "
	       "\"num_slabs\": %lu, \"sharedavail\": %lu}",
	       objects, all, bytes, slab_objects, slab_pages, limit, batch, shared, slabs,
	       all_slabs, waiting);
	return true;
}

/* Keys are the names of the table's columns. */
static void print_slabinfo(char *text)
{
	const char *before = "";

	printf("      \"slabinfo\": [");
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (print_cache(line, before))
			before = ",";
	printf("\n      ]");
}

void json_print(const struct replay *replay, bool is_first)
{
	struct figures figures;

	figures_make(&figures, replay);
	printf("%s\n    {\n", is_first ? "" : ",");
	print_played(replay);
	for (int i = 0; i < sides_count(replay); i++)
		print_side(replay, &figures, i);
	printf("      ");
	print_number("time_ratio", replay->options->vs_malloc ? figures.ratio : NAN);
	printf(",\n      ");
	print_number("alloc_hit_rate", figures.alloc_hit_rate);
	printf(",\n      ");
	print_number("free_hit_rate", figures.free_hit_rate);
	printf(",\n");
	if (replay->slabinfo != NULL)
		print_slabinfo(replay->slabinfo);
	else
		printf("      \"slabinfo\": null");
	printf("\n    }");
}
