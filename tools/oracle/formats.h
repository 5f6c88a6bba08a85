/*
 * formats.h: the kinds of files there are, one function for each.
 */
#ifndef ORACLE_FORMATS_H
#define ORACLE_FORMATS_H

#include "job.h"

/* The format of a file that begins like @text, or NULL. */
const struct format *format_of(const char *text);

/* What its rows count as: a replay by its file's name, others as their format. */
enum kind kind_of_file(const struct format *format, const char *path);

job_function geometry_compare, caches_compare, merge_compare, merge_seq_compare,
	kmalloc_compare, refusals_compare, slabinfo_compare, replay_compare, script_compare;

#endif
