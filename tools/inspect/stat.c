/*
 * stat.c: "ukmem stat": one look at all caches.
 */
#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "groups.h"
#include "inspect.h"

static const char help[] =
	"Usage: ukmem stat [OPTION]... PID|CORE\n"
	"Print the caches of a running program, or of a core file, that uses ukmem.\n"
	"The program is not stopped and not changed.\n"
	"\n"
	"  -o, --output slabinfo    as /proc/slabinfo (version 2.1); the default\n"
	"  -o, --output json        one object, all counters, each node and CPU\n"
	"  -o, --output openmetrics for Prometheus\n"
	"  -o, --output groups      accounting groups, and what of each cache they pay for\n"
	"  -h, --help               print this\n"
	"\n"
	"Exit status: 0 all went well; 1 the target's heap or the core is damaged, and\n"
	"what could be read was printed; 2 a bad option, or nothing to be read.\n";

enum form { FORM_SLABINFO, FORM_JSON, FORM_OPENMETRICS, FORM_GROUPS };

static const char *const forms[] = { "slabinfo", "json", "openmetrics", "groups", NULL };

static void print(const struct snapshot *snapshot, const struct target *target, int form)
{
	if (form == FORM_JSON)
		print_json(stdout, snapshot_json(snapshot, target));
	else if (form == FORM_OPENMETRICS)
		print_openmetrics(stdout, snapshot);
	else if (form == FORM_GROUPS)
		print_groups(stdout, snapshot);
	else
		print_slabinfo(stdout, snapshot);
}

static int stat_target(const char *spec, int form)
{
	struct target target;
	struct snapshot snapshot;
	int status = EXIT_USAGE;

	if (!target_open(&target, spec))
		return EXIT_USAGE;
	if (snapshot_take(&snapshot, &target)) {
		if (form != FORM_SLABINFO && !groups_take(&snapshot, &target)) {
			snapshot_free(&snapshot);
			target_close(&target);
			return EXIT_USAGE;
		}
		print(&snapshot, &target, form);
		status = cli_finish(snapshot_complain(&snapshot, &target));
		snapshot_free(&snapshot);
	}
	target_close(&target);
	return status;
}

int stat_main(int argc, char **argv)
{
	int form = FORM_SLABINFO, status = cli_form("stat", help, argc, argv, forms, &form);

	if (status >= 0)
		return status;
	if (!cli_words("stat", argc, 1, 1, "one PID or core file"))
		return EXIT_USAGE;
	return stat_target(argv[optind], form);
}
