/*
 * symbolize.c: the library prints stacks as "#2 /path/module+0x11f3", since looking names
 * up would need the heap that is broken. Here they are looked up, with libdwfl.
 */
#include "symbolize.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/cli.h"
#include "say.h"

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

/* One session a module: they are few, and all would be loaded at the same address. */
enum { MODULES_MAX = 64 };

static struct {
	char *path;
	Dwfl *session;
	Dwfl_Module *module;
} modules[MODULES_MAX];

/* NULL when the file is not there, or no program or library. */
static Dwfl_Module *module_of(const char *path)
{
	int i;

	for (i = 0; i < MODULES_MAX && modules[i].path != NULL; i++)
		if (strcmp(modules[i].path, path) == 0)
			return modules[i].module;
	if (i == MODULES_MAX)
		return NULL;
	modules[i].path = strdup(path);
	modules[i].session = dwfl_begin(&callbacks);
	if (modules[i].path == NULL || modules[i].session == NULL)
		return NULL;
	modules[i].module = dwfl_report_offline(modules[i].session, path, path, -1);
	dwfl_report_end(modules[i].session, NULL, NULL);
	return modules[i].module;
}

/*
 * Where the innermost of @scopes was called, if it is an inlined wrapper that calls itself
 * artificial, as <ukmem/call.h> does: the caller's line is what is wanted. NULL: it is none.
 */
static const char *call_place(Dwarf_Die *unit, Dwarf_Die *scope, int *number)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file, line;
	Dwarf_Files *files;

	if (dwarf_tag(scope) != DW_TAG_inlined_subroutine ||
	    !dwarf_hasattr_integrate(scope, DW_AT_artificial) ||
	    dwarf_formudata(dwarf_attr(scope, DW_AT_call_file, &attribute), &file) != 0 ||
	    dwarf_formudata(dwarf_attr(scope, DW_AT_call_line, &attribute), &line) != 0 ||
	    dwarf_getsrcfiles(unit, &files, NULL) != 0)
		return NULL;
	*number = (int)line;
	return dwarf_filesrc(files, file, NULL, NULL);
}

static const char *wrappers_caller(Dwfl_Module *module, GElf_Addr address, int *number)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias), *scopes = NULL;
	const char *file = NULL;

	if (unit != NULL && dwarf_getscopes(unit, address - bias, &scopes) > 0)
		file = call_place(unit, &scopes[0], number);
	free(scopes);
	return file;
}

static void print_place(const char *path, unsigned long offset)
{
	Dwfl_Module *module = module_of(path);
	GElf_Addr bias;
	Dwfl_Line *line;
	const char *name, *file;
	int number;

	if (module == NULL || dwfl_module_getelf(module, &bias) == NULL)
		return;
	name = dwfl_module_addrname(module, bias + offset);
	if (name != NULL)
		printf(" %s", name);
	line = dwfl_module_getsrc(module, bias + offset);
	file = wrappers_caller(module, bias + offset, &number);
	if (file == NULL && line != NULL)
		file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	if (file != NULL)
		printf(" (%s:%d)", file, number);
}

/* "    #2 /path/module+0x11f3": everything else is left as it is. */
static void symbolize_line(char *line)
{
	char *end = line + strcspn(line, "\n"), *plus, *rest;
	unsigned long offset;

	*end = '\0';
	fputs(line, stdout);
	line += strspn(line, " ");
	plus = strrchr(line, '+');
	if (*line == '#' && plus != NULL && plus[1] == '0' && strchr(line, ' ') != NULL) {
		offset = strtoul(plus + 1, &rest, 16);
		*plus = '\0';
		if (*rest == '\0')
			print_place(strchr(line, ' ') + 1, offset);
	}
	putchar('\n');
}

static int symbolize(FILE *from, const char *name)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, from) >= 0)
		symbolize_line(line);
	free(line);
	if (!ferror(from))
		return cli_finish(EXIT_SUCCESS);
	say("%s: %s", name, strerror(errno));
	return EXIT_USAGE;
}

static const char help[] =
	"Usage: ukmem symbolize [FILE]\n"
	"Print a report of the library with function, file and line behind each\n"
	"\"module+0xoffset\". Without FILE, standard input.\n"
	"\n"
	"  -h, --help      print this\n";

int symbolize_main(int argc, char **argv)
{
	FILE *from;
	int status;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return cli_help(help);
	if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
		say("symbolize: not understood: \"%s\"; see ukmem symbolize --help", argv[argc - 1]);
		return EXIT_USAGE;
	}
	if (argc == 1)
		return symbolize(stdin, "standard input");
	from = fopen(argv[1], "r");
	if (from == NULL) {
		say("%s: %s", argv[1], strerror(errno));
		return EXIT_USAGE;
	}
	status = symbolize(from, argv[1]);
	fclose(from);
	return status;
}
