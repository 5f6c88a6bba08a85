/*
 * cli.c: see cli.h.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../say.h"

int cli_refuse(const char *command, int option, char **argv)
{
	if (optopt > 0 && optopt < 256 && strncmp(argv[optind - 1], "--", 2) != 0)
		say("%s: option -%c %s; see ukmem %s --help", command, optopt,
		    option == ':' ? "needs a value" : "is unknown", command);
	else
		say("%s: option %s %s; see ukmem %s --help", command, argv[optind - 1],
		    option == ':' ? "needs a value" : "is not one of mine", command);
	return EXIT_USAGE;
}

int cli_help(const char *help)
{
	fputs(help, stdout);
	return cli_finish(EXIT_SUCCESS);
}

static bool set_form(const char *command, const char *value, const char *const *forms, int *form)
{
	char list[128] = "";
	size_t room = sizeof(list) - 1;

	for (int i = 0; forms[i] != NULL; i++) {
		if (strcmp(value, forms[i]) == 0) {
			*form = i;
			return true;
		}
		strncat(list, i != 0 ? ", " : "", room - strlen(list));
		strncat(list, forms[i], room - strlen(list));
	}
	say("%s: -o: expected one of %s, not \"%s\"", command, list, value);
	return false;
}

int cli_form(const char *command, const char *help, int argc, char **argv,
	     const char *const *forms, int *form)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, ":ho:", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option != 'o')
			return cli_refuse(command, option, argv);
		if (!set_form(command, optarg, forms, form))
			return EXIT_USAGE;
	}
	return -1;
}

bool cli_words(const char *command, int argc, int least, int most, const char *what)
{
	int count = argc - optind;

	if (count >= least && count <= most)
		return true;
	say("%s: expected %s; see ukmem %s --help", command, what, command);
	return false;
}

bool cli_number(const char *command, const char *what, const char *word, long min, long max,
		long *number)
{
	char *end;

	errno = 0;
	*number = strtol(word, &end, 10);
	if (errno == 0 && *word >= '0' && *word <= '9' && *end == '\0' && *number >= min &&
	    *number <= max)
		return true;
	say("%s: %s: expected a number from %ld to %ld, not \"%s\"", command, what, min, max, word);
	return false;
}

int cli_finish(int status)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return status;
	say("the output could not be written: %s", strerror(errno));
	return EXIT_FAILURE;
}
