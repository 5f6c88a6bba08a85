#include "os/debug_options.h"

#include <ukmem/slab.h>

#include <string.h>

#include "base/number.h"

static bool equal(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static unsigned flag_of(char letter)
{
	switch (letter) {
	case 'F': return SLAB_CONSISTENCY_CHECKS;
	case 'Z': return SLAB_RED_ZONE;
	case 'P': return SLAB_POISON;
	case 'U': return SLAB_STORE_USER;
	case 'T': return SLAB_TRACE;
	case 'A': return SLAB_FAILSLAB;
	default: return 0;
	}
}

static bool parse_letters(const char *text, size_t length, unsigned *flags)
{
	*flags = 0;
	for (size_t i = 0; i < length; i++) {
		if (flag_of(text[i]) == 0)
			return false;
		*flags |= flag_of(text[i]);
	}
	if (length == 0)
		*flags = SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;
	return true;
}

static bool parse_debug(struct debug_options *out, const char *text, size_t length)
{
	const char *comma = memchr(text, ',', length);
	size_t letters = comma != NULL ? (size_t)(comma - text) : length;
	const char *patterns = comma != NULL ? comma + 1 : "*";
	size_t rest = comma != NULL ? length - letters - 1 : 1;
	struct debug_rule rule = { 0 };

	if (equal(text, length, "-")) {
		out->off = true;
		return true;
	}
	if (out->rules == DEBUG_RULES || rest == 0 || rest >= DEBUG_PATTERN_BYTES ||
	    !parse_letters(text, letters, &rule.flags))
		return false;
	memcpy(rule.patterns, patterns, rest);
	out->rule[out->rules++] = rule;
	return true;
}

static bool parse_signed(const char **text, const char *end, int *out)
{
	bool negative = *text < end && **text == '-';
	unsigned n;

	*text += negative;
	if (!read_number(text, end, &n))
		return false;
	*out = negative ? -(int)n : (int)n;
	return true;
}

static bool parse_fail(struct fail_numbers *out, const char *text, size_t length)
{
	const char *end = text + length;
	int number[4];

	for (int i = 0; i < 4; i++) {
		if (!parse_signed(&text, end, &number[i]) || (i < 3 && number[i] < 0))
			return false;
		if (i < 3 && (text == end || *text++ != ','))
			return false;
	}
	if (text != end || number[1] > 100)
		return false;
	*out = (struct fail_numbers){
		.interval = (unsigned)number[0], .probability = (unsigned)number[1],
		.space = (unsigned)number[2], .times = number[3], .given = true,
	};
	return true;
}

/* Chosen with debug/guard.c's bound on time: docs/debugging.md has the price. */
static bool parse_sample(unsigned *out, const char *text, size_t length)
{
	enum { USUAL = 64 };

	if (equal(text, length, "on"))
		*out = USUAL;
	else if (equal(text, length, "off"))
		*out = 0;
	else
		return is_number(text, length, UINT32_MAX, out);
	return true;
}

static bool parse_on(bool *out, const char *text, size_t length)
{
	bool on = equal(text, length, "on");

	if (!on && !equal(text, length, "off"))
		return false;
	*out = on;
	return true;
}

static bool parse_yes(bool *out, const char *text, size_t length)
{
	bool yes = equal(text, length, "yes");

	if (!yes && !equal(text, length, "no"))
		return false;
	*out = yes;
	return true;
}

bool parse_debug_option(struct debug_options *out, const char *name, size_t name_length,
			const char *value, size_t value_length)
{
	if (equal(name, name_length, "debug"))
		return parse_debug(out, value, value_length);
	if (equal(name, name_length, "debug_abort"))
		return parse_yes(&out->abort, value, value_length);
	if (equal(name, name_length, "leaks"))
		return parse_yes(&out->leaks, value, value_length);
	if (equal(name, name_length, "debug_quarantine"))
		return is_number(value, value_length, UINT32_MAX, &out->quarantine);
	if (equal(name, name_length, "init_on_alloc"))
		return parse_on(&out->init_on_alloc, value, value_length);
	if (equal(name, name_length, "init_on_free"))
		return parse_on(&out->init_on_free, value, value_length);
	if (equal(name, name_length, "sample"))
		return parse_sample(&out->sample, value, value_length);
	if (equal(name, name_length, "failslab"))
		return parse_fail(&out->failslab, value, value_length);
	if (equal(name, name_length, "fail_page_alloc"))
		return parse_fail(&out->fail_page_alloc, value, value_length);
	if (equal(name, name_length, "fail_os"))
		return parse_fail(&out->fail_os, value, value_length);
	return false;
}
