/*
 * machine.h: which made-up machine a table belongs to.
 *
 * Its name is part of a file's or a folder's: 1c1n is one CPU on one node, 4c2n four
 * CPUs dealt to two nodes, and -order0 behind it says slab_max_order=0.
 */
#ifndef ORACLE_MACHINE_H
#define ORACLE_MACHINE_H

#include "text.h"

struct machine {
	unsigned cpus, nodes;
	int max_order;          /* -1: as the library chooses */
};

/* The rightmost name of a machine in @path; 1c1n when there is none. */
struct machine machine_of_path(const char *path);

/* What UKMEM_OPTIONS must say for it. */
void machine_options(const struct machine *machine, struct text *options);

#endif
