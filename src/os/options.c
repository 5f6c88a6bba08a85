/*
 * options.c: parse UKMEM_OPTIONS.
 */
#include "os/options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/check.h"
#include "base/number.h"

#define DEFAULTS {                                                              \
	.merge = true, .alien = true, .reaper = true, .hardening = HARDENING_ON,                          \
	.reap_ms = 2000,        /* REAPTIMEOUT_CPUC of Linux */                 \
	.adapt_mib = 4,         /* chosen: one array of pages that grew, a CPU */ \
	.decay_ms = 1000,       /* chosen: mimalloc's purge delay is alike */   \
	.max_order = UINT32_MAX,                                                \
	.debug = DEBUG_OPTIONS_DEFAULTS,                                        \
}

struct options options = DEFAULTS;

/* One word of the text; @value is NULL when there is no colon. */
struct word {
	const char *name, *value;
	size_t name_length, value_length;
};

static bool equal(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool is_flag(const struct word *word, const char *name)
{
	return word->value == NULL && equal(word->name, word->name_length, name);
}

static bool has_value(const struct word *word, const char *name)
{
	return word->value != NULL && equal(word->name, word->name_length, name);
}

static bool parse_switch(const struct word *word, bool *out)
{
	*out = equal(word->value, word->value_length, "on");
	return *out || equal(word->value, word->value_length, "off");
}

/* The place of the value among @names, "a|b|c". */
static bool parse_choice(const struct word *word, const char *names, unsigned *out)
{
	for (unsigned i = 0; *names != '\0'; i++) {
		size_t length = strcspn(names, "|");

		if (length == word->value_length && memcmp(names, word->value, length) == 0) {
			*out = i;
			return true;
		}
		names += length + (names[length] == '|');
	}
	return false;
}

static bool parse_topology(const struct word *word, struct options *out)
{
	const char *cross = memchr(word->value, 'x', word->value_length);
	size_t left;

	if (cross == NULL)
		return false;
	left = (size_t)(cross - word->value);
	return is_number(word->value, left, 64, &out->fake_cpus) &&
	       is_number(cross + 1, word->value_length - left - 1, 8, &out->fake_nodes) &&
	       out->fake_nodes >= 1 && out->fake_cpus >= out->fake_nodes;
}

static bool parse_flag(const struct word *word, struct options *out)
{
	if (is_flag(word, "slab_nomerge"))
		out->merge = false;
	else if (is_flag(word, "noaliencache"))
		out->alien = false;
	else
		return false;
	return true;
}

static bool parse_setting(const struct word *word, struct options *out)
{
	unsigned choice;

	if (has_value(word, "backend") && parse_choice(word, "auto|rseq|locked", &choice)) {
		out->backend = (enum backend)choice;
		return true;
	}
	if (has_value(word, "index") && parse_choice(word, "auto|cid|cpu", &choice)) {
		out->index = (enum slot_index)choice;
		return true;
	}
	if (has_value(word, "profile") && parse_choice(word, "fast|slab", &choice)) {
		out->profile = (enum profile)choice;
		return true;
	}
	if (has_value(word, "pressure") && parse_choice(word, "auto|on|off", &choice)) {
		out->pressure = (enum pressure)choice;
		return true;
	}
	if (has_value(word, "hardening") && parse_choice(word, "off|on|strict", &choice)) {
		out->hardening = (enum hardening)choice;
		return true;
	}
	if (has_value(word, "topology"))
		return parse_topology(word, out);
	return false;
}

/* Rounds without a pause between them would be all that a CPU does. */
static bool parse_numbers(const struct word *word, struct options *out)
{
	const struct {
		const char *name;
		unsigned least, max, *field;
	} table[] = {
		{ "reap_ms", 1, 1000000, &out->reap_ms },
		{ "decay_ms", 0, 1000000, &out->decay_ms },
		{ "adapt_mib", 0, 1 << 20, &out->adapt_mib },
		{ "heap_sample", 0, 1 << 30, &out->heap_sample },
		{ "slab_max_order", 0, 10, &out->max_order },
		{ "reserve_mib", 0, 4 << 20, &out->reserve_mib },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(table); i++)
		if (has_value(word, table[i].name))
			return is_number(word->value, word->value_length, table[i].max,
					 table[i].field) &&
			       *table[i].field >= table[i].least;
	return false;
}

static bool parse_path(const struct word *word, char *path, size_t size)
{
	if (word->value_length == 0 || word->value_length >= size)
		return false;
	memcpy(path, word->value, word->value_length);
	path[word->value_length] = '\0';
	return true;
}

static bool parse_word(const struct word *word, struct options *out)
{
	struct options before = *out;

	if (parse_flag(word, out) || parse_setting(word, out) || parse_numbers(word, out))
		return true;
	if (has_value(word, "reaper") && parse_switch(word, &out->reaper))
		return true;
	if (has_value(word, "freelist_random") && parse_switch(word, &out->freelist_random))
		return true;
	if (has_value(word, "latency") && parse_switch(word, &out->latency))
		return true;
	if (has_value(word, "trace_first") && parse_switch(word, &out->trace_first))
		return true;
	if (has_value(word, "trace"))
		return parse_path(word, out->trace, sizeof(out->trace));
	if (has_value(word, "thp") && parse_switch(word, &out->thp))
		return true;
	if (word->value != NULL && parse_debug_option(&out->debug, word->name, word->name_length,
						      word->value, word->value_length))
		return true;
	*out = before;
	return false;
}

static struct word split(const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	struct word word = { .name = text, .name_length = length };

	if (colon != NULL) {
		word.name_length = (size_t)(colon - text);
		word.value = colon + 1;
		word.value_length = length - word.name_length - 1;
	}
	return word;
}

int options_parse(struct options *out, const char *text)
{
	static const char separators[] = " \t\n;";
	int strangers = 0;

	for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
		size_t length = strcspn(text, separators);
		struct word word = split(text, length);

		if (!parse_word(&word, out)) {
			slab_log("UKMEM_OPTIONS: not understood: \"%.*s\"", (int)length, text);
			strangers++;
		}
		text += length;
	}
	return strangers;
}

/* What the kernel put on the first stack: argc, argv, 0, environment, 0. */
extern void *__libc_stack_end __attribute__((weak));

/*
 * As secure_getenv, but also before the C library has looked at its environment: the
 * malloc library is called, and started, earlier than that.
 */
static const char *option_text(void)
{
	static const char name[] = "UKMEM_OPTIONS=";
	char **word;

	if (environ != NULL || &__libc_stack_end == NULL || getauxval(AT_SECURE) != 0)
		return secure_getenv("UKMEM_OPTIONS");
	word = (char **)__libc_stack_end;
	for (word += *(const long *)word + 2; *word != NULL; word++)
		if (strncmp(*word, name, sizeof(name) - 1) == 0)
			return *word + sizeof(name) - 1;
	return NULL;
}

void options_init(void)
{
	const char *text = option_text();

	if (text != NULL)
		options_parse(&options, text);
}
