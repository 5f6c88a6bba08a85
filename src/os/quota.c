/*
 * quota.c: read the CPU bandwidth limits of a control group and its ancestors.
 *
 *   version 2   "0::/a/b" in the membership      ROOT/a/b/cpu.max: "150000 100000", "max ..."
 *   version 1   "4:cpu,cpuacct:/a/b"             ROOT/cpu/a/b/cpu.cfs_quota_us and _period_us
 *
 * In a container the group's own path is often not visible below ROOT; its limit then
 * stands in ROOT itself, which is the last ancestor asked.
 */
#include "os/quota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "os/file.h"

enum { PATH_BYTES = 512 };

static unsigned whole_cpus(long quota, long period, unsigned none)
{
	if (quota <= 0 || period <= 0)
		return none;
	return (unsigned)((quota + period - 1) / period);
}

static unsigned read_max(const char *directory, unsigned none)
{
	char path[PATH_BYTES + 32], text[64], *end;
	long quota;

	snprintf(path, sizeof(path), "%s/cpu.max", directory);
	if (!read_file(path, text, sizeof(text)))
		return none;
	quota = strtol(text, &end, 10);         /* "max" reads as 0: none */
	return whole_cpus(quota, strtol(end, NULL, 10), none);
}

static unsigned read_cfs(const char *directory, unsigned none)
{
	char path[PATH_BYTES + 32], quota[32], period[32];

	snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", directory);
	if (!read_file(path, quota, sizeof(quota)) || quota[0] == '-')
		return none;
	snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", directory);
	if (!read_file(path, period, sizeof(period)))
		return none;
	return whole_cpus(strtol(quota, NULL, 10), strtol(period, NULL, 10), none);
}

/* From root/path up to root itself, the least that @read finds. Path "/" is the root. */
static unsigned least_upwards(const char *root, const char *path, size_t length, unsigned none,
			      unsigned (*read_one)(const char *directory, unsigned none))
{
	char directory[PATH_BYTES];
	size_t root_length = strlen(root);
	unsigned least = none;

	if (root_length + length >= sizeof(directory) || length == 1)
		length = 0;
	memcpy(directory, root, root_length);
	memcpy(directory + root_length, path, length);
	directory[root_length + length] = '\0';
	for (;;) {
		char *slash = strrchr(directory, '/');

		least = (unsigned)min_size(least, read_one(directory, none));
		if (slash == NULL || (size_t)(slash - directory) < root_length)
			return least;
		*slash = '\0';
	}
}

/* Is "cpu" one of the comma-separated controllers of a line "4:cpu,cpuacct:/path"? */
static bool names_cpu(const char *controllers, size_t length)
{
	while (length != 0) {
		size_t word = strcspn(controllers, ",:");

		if (word == 3 && memcmp(controllers, "cpu", 3) == 0)
			return true;
		if (word >= length)
			return false;
		controllers += word + 1;
		length -= word + 1;
	}
	return false;
}

static unsigned quota_of_line(const char *root, const char *line, unsigned none)
{
	const char *first = strchr(line, ':');
	const char *second = first != NULL ? strchr(first + 1, ':') : NULL;
	char version1[PATH_BYTES];
	size_t length;

	if (second == NULL)
		return none;
	length = strcspn(second + 1, "\n");
	if (second == first + 1)
		return least_upwards(root, second + 1, length, none, read_max);
	if (!names_cpu(first + 1, (size_t)(second - first - 1)))
		return none;
	snprintf(version1, sizeof(version1), "%s/cpu", root);
	return least_upwards(version1, second + 1, length, none, read_cfs);
}

unsigned quota_cpus(const char *root, const char *membership, unsigned none)
{
	unsigned least = none;

	for (const char *line = membership; line != NULL && *line != '\0';) {
		least = (unsigned)min_size(least, quota_of_line(root, line, none));
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return least;
}
