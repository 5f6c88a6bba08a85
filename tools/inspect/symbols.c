/*
 * symbols.c: from an address in the target to a function's name, by libdwfl.
 */
#include <elfutils/libdwfl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"

enum { MODULES_MAX = 4096 };

struct symbols {
	Dwfl *dwfl;
	Elf *core;
	struct module_view module[MODULES_MAX];
	size_t modules_count;
};

static char *no_debug_path;

static const Dwfl_Callbacks live_callbacks = {
	.find_elf = dwfl_linux_proc_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.debuginfo_path = &no_debug_path,
};

static const Dwfl_Callbacks core_callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.debuginfo_path = &no_debug_path,
};

static int add_module(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr start,
		      void *context)
{
	struct symbols *symbols = context;
	struct module_view *view = &symbols->module[symbols->modules_count];
	const char *file = NULL;
	Dwarf_Addr bias;

	(void)user, (void)start;
	if (symbols->modules_count == MODULES_MAX)
		return DWARF_CB_ABORT;
	dwfl_module_getelf(module, &bias);      /* finds the file, which is told next */
	dwfl_module_info(module, NULL, &view->start, &view->end, NULL, NULL, &file, NULL);
	view->file = file != NULL ? file : name;
	symbols->modules_count++;
	return DWARF_CB_OK;
}

static bool report(struct symbols *symbols, const struct target *target)
{
	if (target->pid != 0)
		return dwfl_linux_proc_report(symbols->dwfl, target->pid) == 0;
	symbols->core = elf_memory((char *)target->image, target->image_bytes);
	return symbols->core != NULL &&
	       dwfl_core_file_report(symbols->dwfl, symbols->core, NULL) >= 0;
}

/* Without names the addresses must do: NULL is a fine answer. */
struct symbols *symbols_open(const struct target *target)
{
	struct symbols *symbols = calloc(1, sizeof(*symbols));

	if (symbols == NULL)
		return NULL;
	symbols->dwfl = dwfl_begin(target->pid != 0 ? &live_callbacks : &core_callbacks);
	if (symbols->dwfl != NULL && report(symbols, target) &&
	    dwfl_report_end(symbols->dwfl, NULL, NULL) == 0) {
		dwfl_getmodules(symbols->dwfl, add_module, symbols, 0);
		return symbols;
	}
	symbols_close(symbols);
	return NULL;
}

void symbols_close(struct symbols *symbols)
{
	if (symbols == NULL)
		return;
	dwfl_end(symbols->dwfl);
	elf_end(symbols->core);
	free(symbols);
}

/* The call stands before the address it returns to. */
const char *symbols_name(struct symbols *symbols, uint64_t address)
{
	static char unknown[32];
	Dwfl_Module *module = symbols != NULL ? dwfl_addrmodule(symbols->dwfl, address - 1) : NULL;
	const char *name = module != NULL ? dwfl_module_addrname(module, address - 1) : NULL;

	if (name != NULL)
		return name;
	snprintf(unknown, sizeof(unknown), "%#llx", (unsigned long long)address);
	return unknown;
}

bool symbols_module(struct symbols *symbols, size_t index, struct module_view *module)
{
	if (symbols == NULL || index >= symbols->modules_count)
		return false;
	*module = symbols->module[index];
	return true;
}
