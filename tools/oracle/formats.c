/*
 * formats.c: tell a file by its first line.
 */
#include "formats.h"

#include <string.h>

#include "csv.h"
#include "input.h"

static job_function bench_name;

static const struct format formats[] = {
	{ "req_size,req_align,", KIND_GEOMETRY, geometry_compare, false },
	{ "name,refcount,useroffset,", KIND_CACHES, caches_compare, false },
	{ "a_size,a_align,", KIND_MERGE, merge_compare, true },
	{ "seq,idx,size,", KIND_MERGE_SEQ, merge_seq_compare, true },
	{ "size,kmalloc_index,", KIND_KMALLOC, kmalloc_compare, false },
	{ "label,size,align,", KIND_ERR, refusals_compare, false },
	{ "slabinfo - version", KIND_SLABINFO, slabinfo_compare, false },
	{ "step,op,args,", KIND_BEHAVIOUR, replay_compare, false },
	{ "begin ", KIND_SCRIPTS, script_compare, false },
	{ "allocator,size,rep,", KIND_BENCH, bench_name, false },
};

/* Behind notes, which replays begin with. */
static const char *first_line(const char *text)
{
	while (*text == '#' || *text == '\n') {
		const char *end = strchr(text, '\n');

		if (end == NULL)
			return "";
		text = end + 1;
	}
	return text;
}

const struct format *format_of(const char *text)
{
	const char *line = first_line(text);

	for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strncmp(line, formats[i].begin, strlen(formats[i].begin)) == 0)
			return &formats[i];
	return NULL;
}

enum kind kind_of_file(const struct format *format, const char *path)
{
	const char *name = base_name(path);

	if (format->kind != KIND_BEHAVIOUR)
		return format->kind;
	if (strstr(name, "alien") != NULL)
		return KIND_ALIEN;
	if (strstr(name, "hotplug") != NULL)
		return KIND_HOTPLUG;
	if (strstr(name, "slabinfo-write") != NULL)
		return KIND_SLABINFO_WRITE;
	return KIND_BEHAVIOUR;
}

/* Figures of that kernel: counted, so that nobody takes them for compared. */
static void bench_name(const struct job *job, char *text, struct result *result)
{
	struct csv csv;

	csv_open(&csv, text);
	csv_next(&csv);
	while (csv_next(&csv) == CSV_ROW) {
		result->line = csv.line;
		row_is_named(result, job->kind, NAMED_BENCH);
	}
}
