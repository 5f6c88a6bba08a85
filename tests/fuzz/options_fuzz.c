/*
 * Option texts: parsed without a crash; what is not understood changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "debug/debug.h"
#include "os/options.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each stranger costs a line on stderr: not here. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct options defaults = { .debug = DEBUG_OPTIONS_DEFAULTS };
	struct options before = options;
	char text[512];

	if (size >= sizeof(text))
		return -1;
	memcpy(text, data, size);
	text[size] = '\0';
	options = defaults;
	options_parse(&options, text);
	slab_assert(options.debug.rules <= DEBUG_RULES && options.fake_cpus <= 64);
	slab_assert(options.fake_nodes <= 8 && options.fake_cpus >= options.fake_nodes);
	for (unsigned i = 0; i < options.debug.rules; i++)
		slab_assert(options.debug.rule[i].patterns[DEBUG_PATTERN_BYTES - 1] == '\0');
	debug_flags(text, 0, false);
	debug_flags("kmalloc-192", SLAB_RED_ZONE, true);
	options = before;
	return 0;
}
