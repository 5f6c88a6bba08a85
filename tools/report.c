/*
 * report.c: which form, and what stands around all of them.
 */
#include "report.h"

#include <stdio.h>

void report_begin(const struct replay_options *options)
{
	if (options->json)
		printf("{\n  \"ukmem\": \"%s\",\n  \"replays\": [", UKMEM_VERSION);
}

void report_print(const struct replay *replay, bool is_first)
{
	if (replay->options->json)
		json_print(replay, is_first);
	else
		table_print(replay, is_first);
}

void report_end(const struct replay_options *options)
{
	if (options->json)
		printf("\n  ]\n}\n");
}
