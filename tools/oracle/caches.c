/*
 * caches.c: all caches of a booted kernel, made again one by one.
 */
#include <string.h>

#include "cache/cache.h"
#include "formats.h"
#include "revive.h"

/*
 * free_limit counts the CPUs on line when it is computed: when a cache is made, and
 * anew each time a CPU comes, which itself does not count yet. The oldest caches have
 * seen all CPUs come, the first one included; let them.
 */
static void replug_cpus(void)
{
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		cpu_went_offline(cpu);
	for (unsigned cpu = 0; cpu < topology.slots; cpu++)
		cpu_came_online(cpu);
}

static void compare_row(const struct columns *columns, const struct csv_row *row,
			const struct made *made, struct result *result, enum kind kind)
{
	static struct mismatch mismatch;

	if (columns_match(columns, row, columns->count, made, result, &mismatch)) {
		row_is_equal(result, kind);
		return;
	}
	if (strstr(mismatch.column, "_free_limit") != NULL) {
		replug_cpus();
		cell_is_named(result, NAMED_EARLY_CACHE);
	}
	columns_compare(columns, row, made, result, kind);
}

void caches_compare(const struct job *job, char *text, struct result *result)
{
	static struct columns ours, made_here;
	struct csv csv;

	csv_open(&csv, text);
	csv_next(&csv);
	if (!caches_bind(&ours, &csv.row, false, result) ||
	    !caches_bind(&made_here, &csv.row, true, result))
		return;
	while (csv_next(&csv) == CSV_ROW) {
		const struct columns *columns;
		struct made made;

		result->line = csv.line;
		if (!row_is_whole(&ours, &csv.row, result))
			return;
		columns = is_own_cache(column_cell(&ours, &csv.row, "name")) ? &ours : &made_here;
		made = cache_revive(columns, &csv.row);
		compare_row(columns, &csv.row, &made, result, job->kind);
		cache_forget(&made);
	}
}
