/*
 * memory.c: resident memory, read without an allocation.
 *
 * statm and VmRSS are sums of counters that each CPU adds to only now and then, off by
 * up to 64 pages a CPU; smaps_rollup looks at the page tables.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worker.h"

static double kilobytes_of(const char *path, const char *key)
{
	char text[4096];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file >= 0 ? read(file, text, sizeof(text) - 1) : -1;
	const char *line;

	if (file >= 0)
		close(file);
	text[length > 0 ? length : 0] = '\0';
	line = strstr(text, key);
	return line != NULL ? strtod(line + strlen(key), NULL) : 0;
}

double resident_bytes(void)
{
	return kilobytes_of("/proc/self/smaps_rollup", "\nRss:") * 1024;
}

double resident_peak_bytes(void)
{
	return kilobytes_of("/proc/self/status", "\nVmHWM:") * 1024;
}

void *own_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}
