/*
 * report.c: "ukmem report": one page that holds everything: style, library, data.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "inspect.h"
#include "lost.h"
#include "output.h"
#include "recording.h"

static const char help[] =
	"Usage: ukmem report -o REPORT.html PID|CORE|RUN.json\n"
	"Write one page about a running program, a core, or what ukmem record recorded:\n"
	"memory by cache, over time if recorded; hits, misses, and how long those took; which\n"
	"pages are how full; fragmentation; leaks; all caches. It needs no network, and is\n"
	"light or dark as you are.\n"
	"\n"
	"  -o, --output FILE   where to; needed; - is standard output\n"
	"  -l, --leaks         look for leaks in a process too, which is stopped for that, for\n"
	"                      a fraction of a second; in a core they are always looked for\n"
	"  -h, --help          print this\n"
	"\n"
	"Exit status: 0 all went well; 1 the file could not be written, or the target is\n"
	"damaged; 2 a bad option, or nothing to be read.\n";

/* The parts of the page, from tools/report/. */
#define PART(name, file)                                                        \
	__asm__(".pushsection .rodata\n"                                        \
		"part_" #name ": .incbin \"tools/report/" file "\"\n"           \
		".byte 0\n"                                                     \
		".popsection\n");                                               \
	extern const char part_##name[]

PART(html, "page.html");
PART(css, "page.css");
PART(js, "page.js");
PART(chart, "chart.umd.js");

/* Inside a script element "<" must not begin a tag; in JSON it stands in strings only. */
static bool write_data(FILE *to, const json_t *recording)
{
	char *text = json_dumps(recording, JSON_COMPACT);

	for (const char *at = text; at != NULL && *at != '\0'; at++)
		if (*at == '<')
			fputs("\\u003c", to);
		else
			fputc(*at, to);
	free(text);
	return text != NULL;
}

static bool write_part(FILE *to, const char *name, size_t length, const json_t *recording)
{
	if (strncmp(name, "CSS", length) == 0)
		return fputs(part_css, to) != EOF;
	if (strncmp(name, "JS", length) == 0)
		return fputs(part_js, to) != EOF;
	if (strncmp(name, "CHART", length) == 0)
		return fputs(part_chart, to) != EOF;
	return write_data(to, recording);
}

/* The page has @NAME@ where a part belongs. */
static bool write_page(FILE *to, const json_t *recording)
{
	const char *at = part_html, *mark, *end;

	while ((mark = strchr(at, '@')) != NULL && (end = strchr(mark + 1, '@')) != NULL) {
		fwrite(at, 1, (size_t)(mark - at), to);
		if (!write_part(to, mark + 1, (size_t)(end - mark - 1), recording))
			return false;
		at = end + 1;
	}
	return fputs(at, to) != EOF && fflush(to) == 0 && !ferror(to);
}

static int write_file(const char *path, const json_t *recording)
{
	struct output output;

	if (strcmp(path, "-") == 0)
		return cli_finish(!write_page(stdout, recording));
	if (!output_open(&output, path))
		return EXIT_FAILURE;
	return output_close(&output, write_page(output.file, recording));
}

/* A recording of one sample; *status tells what is wrong with the target. */
static json_t *look(const char *spec, bool leaks, int *status)
{
	struct target target;
	struct snapshot snapshot;
	json_t *recording = NULL;

	*status = EXIT_USAGE;
	if (!target_open(&target, spec))
		return NULL;
	if (snapshot_take(&snapshot, &target)) {
		recording = recording_new();
		recording_add(recording, snapshot_json(&snapshot, &target),
			      runs_json(&target, &snapshot, NULL));
		*status = snapshot_complain(&snapshot, &target);
		snapshot_free(&snapshot);
		if (leaks || target.pid == 0)
			recording_set_leaks(recording, leaks_json(&target));
	}
	target_close(&target);
	return recording;
}

/* A recording begins with a brace; neither a PID nor a core does. */
static bool is_json(const char *spec)
{
	FILE *file = fopen(spec, "re");
	struct stat status;
	bool is = file != NULL && fstat(fileno(file), &status) == 0 &&
		  S_ISREG(status.st_mode) && fgetc(file) == '{';

	if (file != NULL)
		fclose(file);
	return is;
}

int report_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "leaks", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *output = NULL;
	bool leaks = false;
	json_t *recording;
	int option, status = 0, written;

	while ((option = getopt_long(argc, argv, ":o:lh", options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (option == 'l')
			leaks = true;
		else if (option == 'o')
			output = optarg;
		else
			return cli_refuse("report", option, argv);
	}
	if (!cli_words("report", argc, 1, 1, "one PID, core or recording"))
		return EXIT_USAGE;
	if (output == NULL) {
		say("report: where to? -o FILE is needed");
		return EXIT_USAGE;
	}
	recording = is_json(argv[optind]) ? recording_load(argv[optind]) :
		    look(argv[optind], leaks, &status);
	if (recording == NULL)
		return EXIT_USAGE;
	written = write_file(output, recording);
	json_decref(recording);
	return written != 0 ? written : status;
}
