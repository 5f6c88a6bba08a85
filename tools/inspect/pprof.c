/*
 * pprof.c: pprof's profile.proto, gzipped.
 *
 * The format is a handful of messages that hold numbers and each other; strings stand in
 * a table and are told by number. A message is made in a growing buffer, then put into
 * the one around it. Three shapes of field are all there is, so no generator is needed.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "profile.h"

/* Field numbers, by message. */
enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE, PROFILE_MAPPING, PROFILE_LOCATION,
       PROFILE_FUNCTION, PROFILE_STRING, PROFILE_TIME_NANOS = 9, PROFILE_PERIOD_TYPE = 11,
       PROFILE_PERIOD, PROFILE_DEFAULT_TYPE = 14 };
enum { TYPE_TYPE = 1, TYPE_UNIT };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE };
enum { MAPPING_ID = 1, MAPPING_START, MAPPING_LIMIT, MAPPING_FILE = 5, MAPPING_FUNCTIONS = 7 };
enum { LOCATION_ID = 1, LOCATION_MAPPING, LOCATION_ADDRESS, LOCATION_LINE };
enum { LINE_FUNCTION = 1 };
enum { FUNCTION_ID = 1, FUNCTION_NAME, FUNCTION_SYSTEM_NAME };

struct message {
	uint8_t *bytes;
	size_t count, room;
	bool failed;
};

struct writer {
	struct message profile, strings;
	json_t *numbers;               /* of strings, locations ("@address"), functions (">name") */
	json_int_t strings_count, locations_count, functions_count;
	struct symbols *symbols;
};

/* ---- Messages ------------------------------------------------------------------------- */

static void put_bytes(struct message *message, const void *bytes, size_t count)
{
	if (message->room - message->count < count) {
		size_t room = (message->room + count) * 2;
		uint8_t *more = realloc(message->bytes, room);

		if (more == NULL) {
			message->failed = true;
			return;
		}
		message->bytes = more;
		message->room = room;
	}
	if (count != 0)
		memcpy(message->bytes + message->count, bytes, count);
	message->count += count;
}

/* Seven bits a byte, the low ones first. */
static void put_varint(struct message *message, uint64_t number)
{
	uint8_t bytes[10];
	size_t count = 0;

	do {
		bytes[count] = (uint8_t)(number & 0x7f);
		number >>= 7;
		bytes[count++] |= number != 0 ? 0x80 : 0;
	} while (number != 0);
	put_bytes(message, bytes, count);
}

static void put_number(struct message *message, unsigned field, uint64_t number)
{
	put_varint(message, field << 3);
	put_varint(message, number);
}

static void put_text(struct message *message, unsigned field, const void *bytes, size_t count)
{
	put_varint(message, field << 3 | 2);
	put_varint(message, count);
	put_bytes(message, bytes, count);
}

/* @inner is given up. */
static void put_message(struct message *message, unsigned field, struct message *inner)
{
	put_text(message, field, inner->bytes, inner->count);
	message->failed |= inner->failed;
	free(inner->bytes);
}

/* ---- What is told once and then by number ------------------------------------------------ */

/* The number of @key, or 0 and *@next is its number from now on. */
static uint64_t number_of(struct writer *writer, const char *key, json_int_t *next)
{
	json_t *number = json_object_get(writer->numbers, key);

	if (number != NULL)
		return (uint64_t)json_integer_value(number);
	json_object_set_new_nocheck(writer->numbers, key, json_integer(++*next));
	return 0;
}

static uint64_t string_number(struct writer *writer, const char *text)
{
	char key[1024];
	uint64_t number;

	snprintf(key, sizeof(key), "'%.1000s", text);
	number = number_of(writer, key, &writer->strings_count);
	if (number != 0)
		return number;
	put_text(&writer->strings, PROFILE_STRING, text, strlen(text));
	return (uint64_t)writer->strings_count;
}

static uint64_t function_number(struct writer *writer, const char *name)
{
	struct message function = { 0 };
	char key[1024];
	uint64_t number;

	snprintf(key, sizeof(key), ">%.1000s", name);
	number = number_of(writer, key, &writer->functions_count);
	if (number != 0)
		return number;
	number = (uint64_t)writer->functions_count;
	put_number(&function, FUNCTION_ID, number);
	put_number(&function, FUNCTION_NAME, string_number(writer, name));
	put_number(&function, FUNCTION_SYSTEM_NAME, string_number(writer, name));
	put_message(&writer->profile, PROFILE_FUNCTION, &function);
	return number;
}

/* Mappings are numbered from 1, in the order of modules. */
static uint64_t mapping_of(struct writer *writer, uint64_t address)
{
	struct module_view module;

	for (size_t i = 0; symbols_module(writer->symbols, i, &module); i++)
		if (address >= module.start && address < module.end)
			return i + 1;
	return 0;
}

static uint64_t location_number(struct writer *writer, uint64_t address)
{
	struct message location = { 0 }, line = { 0 };
	char key[32];
	uint64_t number;

	snprintf(key, sizeof(key), "@%" PRIx64, address);
	number = number_of(writer, key, &writer->locations_count);
	if (number != 0)
		return number;
	number = (uint64_t)writer->locations_count;
	put_number(&line, LINE_FUNCTION, function_number(writer, symbols_name(writer->symbols, address)));
	put_number(&location, LOCATION_ID, number);
	put_number(&location, LOCATION_MAPPING, mapping_of(writer, address));
	put_number(&location, LOCATION_ADDRESS, address - 1);
	put_message(&location, LOCATION_LINE, &line);
	put_message(&writer->profile, PROFILE_LOCATION, &location);
	return number;
}

/* ---- The profile ------------------------------------------------------------------------------ */

static void put_type(struct writer *writer, unsigned field, const char *type, const char *unit)
{
	struct message message = { 0 };

	put_number(&message, TYPE_TYPE, string_number(writer, type));
	put_number(&message, TYPE_UNIT, string_number(writer, unit));
	put_message(&writer->profile, field, &message);
}

/* The names that heap profiles of pprof's own world have. */
static void put_head(struct writer *writer, const struct profile *profile)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	put_text(&writer->strings, PROFILE_STRING, "", 0);      /* string 0 */
	put_type(writer, PROFILE_SAMPLE_TYPE, "alloc_objects", "count");
	put_type(writer, PROFILE_SAMPLE_TYPE, "alloc_space", "bytes");
	put_type(writer, PROFILE_SAMPLE_TYPE, "inuse_objects", "count");
	put_type(writer, PROFILE_SAMPLE_TYPE, "inuse_space", "bytes");
	put_type(writer, PROFILE_PERIOD_TYPE, "space", "bytes");
	put_number(&writer->profile, PROFILE_PERIOD, profile->interval_bytes);
	put_number(&writer->profile, PROFILE_DEFAULT_TYPE, string_number(writer, "inuse_space"));
	put_number(&writer->profile, PROFILE_TIME_NANOS,
		   (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
}

static void put_mappings(struct writer *writer)
{
	struct module_view module;

	for (size_t i = 0; symbols_module(writer->symbols, i, &module); i++) {
		struct message mapping = { 0 };

		put_number(&mapping, MAPPING_ID, i + 1);
		put_number(&mapping, MAPPING_START, module.start);
		put_number(&mapping, MAPPING_LIMIT, module.end);
		put_number(&mapping, MAPPING_FILE,
			   string_number(writer, module.file != NULL ? module.file : "?"));
		put_number(&mapping, MAPPING_FUNCTIONS, 1);
		put_message(&writer->profile, PROFILE_MAPPING, &mapping);
	}
}

static void put_site(struct writer *writer, const struct site_view *site)
{
	struct message sample = { 0 };

	for (uint32_t i = 0; i < site->frames_count; i++)
		put_number(&sample, SAMPLE_LOCATION, location_number(writer, site->frame[i]));
	for (int i = 0; i < PROFILE_VALUES; i++)
		put_number(&sample, SAMPLE_VALUE, (uint64_t)(site->value[i] + 0.5));
	put_message(&writer->profile, PROFILE_SAMPLE, &sample);
}

static bool write_gzip(const struct writer *writer, gzFile file)
{
	bool good;

	if (file == NULL)
		return false;
	good = gzfwrite(writer->profile.bytes, 1, writer->profile.count, file) ==
		writer->profile.count &&
	       gzfwrite(writer->strings.bytes, 1, writer->strings.count, file) ==
		writer->strings.count;
	return gzclose(file) == Z_OK && good;
}

/* False when out of memory. */
static bool write_begin(struct writer *writer, const struct profile *profile,
			struct symbols *symbols)
{
	*writer = (struct writer){ .numbers = json_object(), .symbols = symbols };
	put_head(writer, profile);
	put_mappings(writer);
	for (size_t i = 0; i < profile->count; i++)
		put_site(writer, &profile->sites[i]);
	errno = ENOMEM;
	return !writer->profile.failed && !writer->strings.failed;
}

static void write_end(struct writer *writer)
{
	json_decref(writer->numbers);
	free(writer->profile.bytes);
	free(writer->strings.bytes);
}

bool pprof_write_fd(const struct profile *profile, struct symbols *symbols, int fd)
{
	struct writer writer;
	bool good = write_begin(&writer, profile, symbols) && write_gzip(&writer, gzdopen(fd, "wb"));

	write_end(&writer);
	return good;
}
