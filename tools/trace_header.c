/*
 * trace_header.c: the text part of a trace, line by line.
 *
 * The header announces sizes, and a broken file announces anything. So each number
 * has a limit that follows from the record's format, and nothing is allocated from
 * a number alone that the file does not back up with bytes.
 */
#include "trace_header.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>

enum { LINE_BYTES = 256 };

/* One line being read: words are taken from the left. */
struct line {
	struct source *source;
	uint64_t offset;          /* of text[0] in the file */
	char text[LINE_BYTES];
	char *rest;
};

static bool line_bad(const struct line *line, const char *what)
{
	return source_bad(line->source, line->offset, "%s", what);
}

/* Read up to the line break. Text that is no text must not run through the whole file. */
static bool line_read(struct line *line, struct source *source)
{
	size_t length = 0;
	int byte;

	line->source = source;
	line->offset = source->offset;
	line->rest = line->text;
	while ((byte = source_byte(source)) != '\n') {
		if (byte < 0)
			return source_bad(source, source->offset, "the header ends early");
		if (length == LINE_BYTES - 1 || !isprint(byte))
			return source_bad(source, source->offset - 1,
					  "not a line of a trace's header");
		line->text[length++] = (char)byte;
	}
	line->text[length] = '\0';
	return true;
}

/* The next word, without what follows it; "" when there is none. */
static char *line_word(struct line *line)
{
	char *word = line->rest, *space = strchr(word, ' ');

	if (space == NULL) {
		line->rest = word + strlen(word);
		return word;
	}
	*space = '\0';
	line->rest = space + 1;
	return word;
}

static bool line_expect(struct line *line, const char *word)
{
	if (strcmp(line_word(line), word) == 0)
		return true;
	return source_bad(line->source, line->offset, "expected \"%s\"", word);
}

/* Digits only: no sign, no space, no other base. */
static bool parse_number(const char *word, uint64_t max, uint64_t *number)
{
	*number = 0;
	if (*word == '\0')
		return false;
	for (; *word != '\0'; word++) {
		unsigned digit = (unsigned)*word - '0';

		if (digit > 9 || digit > max || *number > (max - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return true;
}

static bool line_number(struct line *line, const char *what, uint64_t min, uint64_t max,
			uint64_t *number)
{
	uint64_t offset = line->offset + (uint64_t)(line->rest - line->text);

	if (parse_number(line_word(line), max, number) && *number >= min)
		return true;
	if (min == max)
		return source_bad(line->source, offset, "%s: expected %llu", what,
				  (unsigned long long)min);
	return source_bad(line->source, offset, "%s: expected a number from %llu to %llu", what,
			  (unsigned long long)min, (unsigned long long)max);
}

static bool line_end(const struct line *line)
{
	return *line->rest == '\0' || line_bad(line, "too many words");
}

/* A line "KEY NUMBER". */
static bool read_count(struct source *source, const char *key, uint64_t min, uint64_t max,
		       uint32_t *count)
{
	struct line line;
	uint64_t number = 0;

	if (!line_read(&line, source) || !line_expect(&line, key) ||
	    !line_number(&line, key, min, max, &number) || !line_end(&line))
		return false;
	*count = (uint32_t)number;
	return true;
}

static bool read_magic(struct source *source)
{
	struct line line;

	if (!line_read(&line, source))
		return false;
	return strcmp(line.text, "kmtrace 1") == 0 || line_bad(&line, "expected \"kmtrace 1\"");
}

static bool parse_kind(struct line *line, struct trace_entry *entry)
{
	const char *kind = line_word(line);

	entry->is_cache = strcmp(kind, "cache") == 0;
	return entry->is_cache || strcmp(kind, "kmalloc") == 0 ||
	       line_bad(line, "the kind is neither \"cache\" nor \"kmalloc\"");
}

static bool parse_name(struct line *line, struct trace_entry *entry)
{
	const char *name = line_word(line);

	if (*name == '\0' || strlen(name) >= TRACE_NAME_BYTES)
		return line_bad(line, "the name is missing or too long");
	if (!entry->is_cache && strcmp(name, "-") != 0)
		return line_bad(line, "a kmalloc entry has the name \"-\"");
	strcpy(entry->name, name);
	return true;
}

/* "ENTRY KIND NAME BYTES_REQ BYTES_ALLOC COUNT"; what the kernel handed out is not used. */
static bool parse_entry(struct line *line, uint32_t index, uint32_t events,
			struct trace_entry *entry)
{
	uint64_t number, bytes_alloc, bytes = 0;

	entry->offset = line->offset;
	if (!line_number(line, "entry", index, index, &number) || !parse_kind(line, entry) ||
	    !parse_name(line, entry) ||
	    !line_number(line, "bytes asked", entry->is_cache, KMALLOC_MAX_SIZE, &bytes) ||
	    !line_number(line, "bytes given", bytes, UINT32_MAX, &bytes_alloc) ||
	    !line_number(line, "count", 0, events, &entry->allocs))
		return false;
	entry->bytes = (uint32_t)bytes;
	return line_end(line);
}

static bool read_entries(struct source *source, struct trace *trace)
{
	struct line line;

	trace->entries = calloc(trace->entries_count + 1, sizeof(*trace->entries));
	if (trace->entries == NULL)
		return source_bad(source, source->offset, "out of memory for the entries");
	for (uint32_t i = 0; i < trace->entries_count; i++)
		if (!line_read(&line, source) ||
		    !parse_entry(&line, i, trace->events, &trace->entries[i]))
			return false;
	return true;
}

static bool read_data_mark(struct source *source)
{
	struct line line;

	return line_read(&line, source) && line_expect(&line, "data") && line_end(&line);
}

bool trace_header_read(struct source *source, struct trace *trace)
{
	return read_magic(source) &&
	       read_count(source, "events", 0, UINT32_MAX, &trace->events) &&
	       read_count(source, "slots", 0, trace->events, &trace->slots) &&
	       read_count(source, "cpus", 1, TRACE_CPUS_MAX, &trace->cpus) &&
	       read_count(source, "entries", 0, TRACE_ENTRIES_MAX, &trace->entries_count) &&
	       read_entries(source, trace) &&
	       read_data_mark(source);
}
