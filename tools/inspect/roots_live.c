/*
 * roots_live.c: the roots of a process: what it has mapped, and its threads.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roots.h"

enum { PATH_BYTES = 64, LINE_BYTES = 4096 + 128, PAGE = 4096 };

/* One line of maps. */
struct mapping {
	uint64_t start, end;
	char permissions[8];
	const char *path;              /* "" has none */
};

/* "start-end perms offset dev inode  path" */
static bool parse_mapping(char *line, struct mapping *mapping)
{
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*s %*s %*s %n", &mapping->start,
		   &mapping->end, mapping->permissions, &path) != 3 || path == 0)
		return false;
	mapping->path = line + path;
	return true;
}

/* Devices are read by nobody; what can't be written and is a file's has no pointers. */
static bool is_root(const struct mapping *mapping)
{
	if (mapping->permissions[0] != 'r' || strncmp(mapping->path, "[v", 2) == 0)
		return false;
	if (strncmp(mapping->path, "/dev/", 5) == 0 &&
	    strncmp(mapping->path, "/dev/shm/", 9) != 0 && strncmp(mapping->path, "/dev/zero", 9) != 0)
		return false;
	return mapping->permissions[1] == 'w' || mapping->path[0] == '\0';
}

/* ---- Pages that were touched ---------------------------------------------------------- */

/* Reading what was never touched would give the process pages; there may be terabytes. */
static bool add_touched(struct roots *roots, int pagemap, struct range whole)
{
	enum { PRESENT = 63, SWAPPED = 62, AT_ONCE = 4096 };
	uint64_t entry[AT_ONCE];
	struct range part = whole;
	uint64_t at = whole.start;

	part.start = part.end = at;
	while (at < whole.end) {
		size_t pages = (whole.end - at) / PAGE < AT_ONCE ? (whole.end - at) / PAGE : AT_ONCE;
		ssize_t got = pread(pagemap, entry, pages * 8, (off_t)(at / PAGE * 8));

		if (got < 8) {
			whole.start = at;
			return roots_add_range(roots, whole);
		}
		for (size_t i = 0; i < (size_t)got / 8; i++, at += PAGE) {
			if ((entry[i] >> PRESENT & 1) == 0 && (entry[i] >> SWAPPED & 1) == 0)
				continue;
			if (part.end == at && part.end != part.start) {
				part.end += PAGE;
				continue;
			}
			if (part.end != part.start && !roots_add_range(roots, part))
				return false;
			part.start = at;
			part.end = at + PAGE;
		}
	}
	return part.end == part.start || roots_add_range(roots, part);
}

static bool add_mapping(struct roots *roots, int pagemap, const struct mapping *mapping,
			uint64_t guard_end)
{
	struct range range = { mapping->start, mapping->end, 0, 0 };

	if (guard_end == mapping->start || strcmp(mapping->path, "[stack]") == 0) {
		range.stack_start = mapping->start;
		range.stack_end = mapping->end;
	}
	/* Pages of a shared file may be there without our process having them. */
	if (mapping->permissions[3] == 's' || pagemap < 0)
		return roots_add_range(roots, range);
	return add_touched(roots, pagemap, range);
}

static bool add_mappings(struct roots *roots, FILE *maps, int pagemap)
{
	char line[LINE_BYTES];
	struct mapping mapping;
	uint64_t guard_end = 0;
	bool good = true;

	while (good && fgets(line, sizeof(line), maps) != NULL) {
		if (!parse_mapping(line, &mapping))
			continue;
		if (is_root(&mapping))
			good = add_mapping(roots, pagemap, &mapping, guard_end);
		if (strncmp(mapping.permissions, "---", 3) == 0)
			guard_end = mapping.end;
	}
	return good;
}

static bool add_memory(struct roots *roots, pid_t pid)
{
	char path[PATH_BYTES];
	bool good = true;
	int pagemap;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (maps != NULL) {
		good = add_mappings(roots, maps, pagemap);
		fclose(maps);
	}
	if (pagemap >= 0)
		close(pagemap);
	return good;
}

/* ---- Threads ------------------------------------------------------------------------------ */

/* A thread that waits in the kernel: "number a0 .. a5 sp pc". A running one tells nothing. */
static bool add_waiting_thread(struct roots *roots, pid_t pid, const char *thread)
{
	char path[PATH_BYTES], text[256] = "";
	uint64_t word[8] = { 0 };
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/syscall", pid, thread);
	file = fopen(path, "re");
	if (file == NULL)
		return true;
	if (fgets(text, sizeof(text), file) == NULL)
		text[0] = '\0';
	fclose(file);
	if (sscanf(text, "%*d %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
		   " %" SCNx64, &word[0], &word[1], &word[2], &word[3], &word[4], &word[5],
		   &word[6]) != 7)
		return true;
	return roots_add_words(roots, word, 6 * sizeof(*word)) &&
	       roots_add_stack_pointer(roots, word[6]);
}

static bool add_threads(struct roots *roots, pid_t pid)
{
	char path[PATH_BYTES];
	struct dirent *entry;
	bool good = true;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks != NULL && good && (entry = readdir(tasks)) != NULL)
		if (entry->d_name[0] != '.' && !stop_registers(roots, atoi(entry->d_name)))
			good = add_waiting_thread(roots, pid, entry->d_name);
	if (tasks != NULL)
		closedir(tasks);
	return good;
}

bool roots_live(struct roots *roots, struct target *target)
{
	return add_memory(roots, target->pid) && add_threads(roots, target->pid);
}
