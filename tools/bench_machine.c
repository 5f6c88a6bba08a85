/*
 * bench_machine.c: where figures come from, in one line.
 */
#include <sched.h>
#include <string.h>
#include <sys/utsname.h>

#include "bench.h"

static void read_model(char *model, size_t size)
{
	char line[256];
	FILE *file = fopen("/proc/cpuinfo", "re");

	snprintf(model, size, "unknown processor");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
			snprintf(model, size, "%s", strchr(line, ':') + 2);
			model[strcspn(model, "\n")] = '\0';
			break;
		}
	if (file != NULL)
		fclose(file);
}

void bench_print_machine(const struct bench *bench, FILE *to)
{
	char model[128];
	struct utsname kernel;
	cpu_set_t cpus;

	read_model(model, sizeof(model));
	uname(&kernel);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		CPU_ZERO(&cpus);
	fprintf(to, "%d CPUs, %s, %s %s, %s %s, commit %s", CPU_COUNT(&cpus),
		model, kernel.sysname, kernel.release,
#ifdef __clang__
		"clang",
#else
		"gcc",
#endif
		__VERSION__, bench->options.commit);
	if (bench->options.library_options != NULL)
		fprintf(to, ", UKMEM_OPTIONS=%s", bench->options.library_options);
}
