/*
 * live.c: a process, by process_vm_readv. It is not stopped and does not notice.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../say.h"
#include "target.h"

enum { PID_MAX = 1 << 22, PATH_BYTES = 64, LINE_BYTES = 4096 + 128 };

static bool refuse_open(const struct target *target, const char *what)
{
	if (errno == ENOENT || errno == ESRCH)
		say("there is no process %s", target->name);
	else if (errno == EACCES || errno == EPERM)
		say("process %s: not permitted to %s; be its user, or root", target->name, what);
	else
		say("process %s: %s: %s", target->name, what, strerror(errno));
	return false;
}

/* The first bytes of the program: a 32-bit one has another heap than we can read. */
static bool is_64_bit(const struct target *target)
{
	unsigned char ident[EI_NIDENT] = { 0 };
	char path[PATH_BYTES];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", target->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		say("process %s has no program: it has ended, or is the kernel's", target->name);
		return false;
	}
	if (fd < 0)
		return refuse_open(target, "look inside");
	if (read(fd, ident, sizeof(ident)) < 0)
		memset(ident, 0, sizeof(ident));
	close(fd);
	if (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_CLASS] == ELFCLASS64)
		return true;
	say("process %s is a 32-bit program; ukmem is for 64 bits", target->name);
	return false;
}

bool live_open(struct target *target, const char *spec)
{
	size_t digits = strcspn(spec, ":");
	unsigned long pid = digits < 9 ? strtoul(spec, NULL, 10) : 0;
	char path[PATH_BYTES];

	if (pid == 0 || pid > PID_MAX) {
		say("there is no process %s", spec);
		return false;
	}
	target->pid = (pid_t)pid;
	target->heap = spec[digits] == ':' ? (unsigned)(spec[digits + 1] - '0') : 0;
	snprintf(path, sizeof(path), "/proc/%lu", pid);
	if (access(path, F_OK) != 0)
		return refuse_open(target, "look inside");
	return is_64_bit(target);
}

bool live_read(struct target *target, uint64_t address, void *buffer, size_t bytes)
{
	struct iovec here = { buffer, bytes }, there = { (void *)(uintptr_t)address, bytes };
	ssize_t done = process_vm_readv(target->pid, &here, 1, &there, 1, 0);

	if (done < 0 && errno == ESRCH)
		target->gone = true;
	return done == (ssize_t)bytes;
}

bool live_write(struct target *target, uint64_t address, const void *buffer, size_t bytes)
{
	struct iovec here = { (void *)(uintptr_t)buffer, bytes };
	struct iovec there = { (void *)(uintptr_t)address, bytes };

	return process_vm_writev(target->pid, &here, 1, &there, 1, 0) == (ssize_t)bytes;
}

/* "start-end perms offset dev inode  path" */
static bool maps_a_files_start(const char *line, uint64_t *start)
{
	uint64_t end, offset;
	char permissions[8];
	int path = 0;

	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %n", start, &end,
		      permissions, &offset, &path) == 4 &&
	       offset == 0 && permissions[0] == 'r' && path != 0 && line[path] == '/';
}

size_t live_modules(struct target *target, uint64_t *starts, size_t max)
{
	char path[PATH_BYTES], line[LINE_BYTES];
	size_t count = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", target->pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		return 0;
	while (count < max && fgets(line, sizeof(line), maps) != NULL)
		if (maps_a_files_start(line, &starts[count]))
			count++;
	fclose(maps);
	return count;
}
