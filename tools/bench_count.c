/*
 * bench_count.c: the instructions of a hit, read off the library's disassembly.
 *
 * Counted from a function's first instruction up to its first return: the hit. What
 * follows is the cold side.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "places.h"

/* "   1234:\tret" */
static bool is_return(const char *line)
{
	const char *tab = strchr(line, '\t');

	return tab != NULL && strncmp(tab + 1, "ret", 3) == 0;
}

static double count_hit(FILE *disassembly)
{
	char line[512];
	double count = 0;

	while (fgets(line, sizeof(line), disassembly) != NULL) {
		if (strchr(line, '\t') == NULL || line[0] != ' ')
			continue;
		count++;
		if (is_return(line))
			return count;
	}
	return NAN;
}

static double instructions_of(const char *library, const char *function)
{
	char command[1200];
	FILE *disassembly;
	double count;

	snprintf(command, sizeof(command),
		 "objdump --no-show-raw-insn --disassemble=%s '%s' 2>/dev/null", function, library);
	disassembly = popen(command, "re");
	if (disassembly == NULL)
		return NAN;
	count = count_hit(disassembly);
	pclose(disassembly);
	return count;
}

double hit_instructions(void)
{
	char library[600];

	if (!place_of("", "libukmem.so.0", R_OK, library, sizeof(library)) ||
	    strchr(library, '\'') != NULL)
		return NAN;
	return instructions_of(library, "ukmem_alloc_uncleared") +
	       instructions_of(library, "kmem_cache_free");
}
