/*
 * memory.c: resident memory out of /proc/self.
 *
 * Read with plain read(2) into the stack, because a stream's buffer would come from
 * one of the allocators being measured.
 */
#include "memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of a line "KEY   NUMBER kB". */
static int64_t status_bytes(const char *key)
{
	char text[4096];
	int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *line;
	ssize_t length;

	if (file < 0)
		return -1;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	text[length > 0 ? length : 0] = '\0';
	line = strstr(text, key);
	return line == NULL ? -1 : strtoll(line + strlen(key), NULL, 10) * 1024;
}

int64_t memory_now_bytes(void)
{
	return status_bytes("\nVmRSS:");
}

int64_t memory_peak_bytes(void)
{
	return status_bytes("\nVmHWM:");
}

void memory_peak_reset(void)
{
	static const char reset_peak[] = "5";     /* proc(5), clear_refs */
	int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	if (write(file, reset_peak, 1) != 1) {
		/* An old or restricted kernel: the peak is that of the whole process. */
	}
	close(file);
}
