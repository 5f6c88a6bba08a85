/*
 * machine.c: see machine.h.
 */
#include "machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A machine's name that begins right at @at. */
static bool parse(const char *at, struct machine *machine)
{
	unsigned cpus, nodes;
	int length = 0, order = -1;

	if (sscanf(at, "%2uc%2un%n", &cpus, &nodes, &length) != 2 || length == 0)
		return false;
	if (nodes == 0 || nodes > 8 || cpus < nodes || cpus > 64)
		return false;
	if (sscanf(at + length, "-order%2d", &order) != 1)
		order = -1;
	*machine = (struct machine){ .cpus = cpus, .nodes = nodes, .max_order = order };
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct machine machine_of_path(const char *path)
{
	struct machine machine = { .cpus = 1, .nodes = 1, .max_order = -1 };

	for (const char *at = path; *at != '\0'; at++)
		if (is_digit(*at) && (at == path || !is_digit(at[-1])))
			parse(at, &machine);
	return machine;
}

/*
 * No helper thread and no reaping by time, and the kernel was built without debugging:
 * the tables were made without. Freed pages stay, so that no system call disturbs the run.
 */
void machine_options(const struct machine *machine, struct text *options)
{
	text_add(options, "profile:slab;topology:%ux%u;reaper:off;reap_ms:1000000;"
		 "decay_ms:1000000;debug:-",
		 machine->cpus, machine->nodes);
	if (machine->max_order >= 0)
		text_add(options, ";slab_max_order:%d", machine->max_order);
}
