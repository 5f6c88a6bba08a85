/*
 * cli.h: what all subcommands that look into a target have in common.
 */
#ifndef INSPECT_CLI_H
#define INSPECT_CLI_H

#include <getopt.h>
#include <stdbool.h>

/* getopt_long has just refused argv[optind - 1], or a letter in it. Returns 2. */
int cli_refuse(const char *command, int option, char **argv);

/* Print @help; 0, or 1 when it could not be written. */
int cli_help(const char *help);

/*
 * The options of a command that has only -o, one of @forms (up to NULL), and -h.
 * Returns -1 to go on, or an exit status.
 */
int cli_form(const char *command, const char *help, int argc, char **argv,
	     const char *const *forms, int *form);

/* Exactly @least to @most words after the options, else one line on stderr, false. */
bool cli_words(const char *command, int argc, int least, int most, const char *what);

/* Digits only, @min to @max; else one line on stderr that names @what, false. */
bool cli_number(const char *command, const char *what, const char *word, long min, long max,
		long *number);

/* The end of all output: what was not written is an error. @status, or 1. */
int cli_finish(int status);

#endif
