/*
 * core.c: a core file, by libelf. Broken ones are read as far as they go.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../say.h"
#include "target.h"

enum { SEGMENTS_MAX = 1 << 20 };

static int by_start(const void *a, const void *b)
{
	const struct segment *left = a, *right = b;

	return left->start < right->start ? -1 : left->start > right->start;
}

/* What the file says of itself is cut to what it has. */
static void add_segment(struct target *target, const GElf_Phdr *header)
{
	uint64_t bytes = header->p_filesz;

	if (header->p_type != PT_LOAD || bytes == 0)
		return;
	if (header->p_offset >= target->image_bytes) {
		target->is_cut = true;
		return;
	}
	if (bytes > target->image_bytes - header->p_offset) {
		bytes = target->image_bytes - header->p_offset;
		target->is_cut = true;
	}
	if (header->p_vaddr + bytes < header->p_vaddr)
		return;
	target->segments[target->segments_count++] = (struct segment){
		.start = header->p_vaddr,
		.bytes = bytes,
		.data = target->image + header->p_offset,
	};
}

static bool load_segments(struct target *target, Elf *elf)
{
	size_t count = 0;

	if (elf_getphdrnum(elf, &count) != 0 || count == 0 || count > SEGMENTS_MAX) {
		say("%s: the core has no memory in it", target->name);
		return false;
	}
	target->segments = calloc(count, sizeof(*target->segments));
	for (size_t i = 0; i < count && target->segments != NULL; i++) {
		GElf_Phdr header;

		if (gelf_getphdr(elf, (int)i, &header) != NULL)
			add_segment(target, &header);
	}
	qsort(target->segments, target->segments_count, sizeof(*target->segments), by_start);
	return true;
}

static bool check_kind(const struct target *target, Elf *elf)
{
	GElf_Ehdr header;

	if (elf == NULL || elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &header) == NULL)
		say("%s: neither a process nor a core file", target->name);
	else if (header.e_type != ET_CORE)
		say("%s: an ELF file, but not a core", target->name);
	else if (gelf_getclass(elf) != ELFCLASS64)
		say("%s: the core of a 32-bit program; ukmem is for 64 bits", target->name);
	else if (header.e_ident[EI_DATA] != ELFDATA2LSB)
		say("%s: the core of a big-endian machine", target->name);
	else
		return true;
	return false;
}

static bool learn(struct target *target)
{
	Elf *elf;
	bool good;

	elf_version(EV_CURRENT);
	elf = elf_memory((char *)target->image, target->image_bytes);
	good = check_kind(target, elf) && load_segments(target, elf);
	elf_end(elf);
	return good;
}

/* Private and writable: libelf may fix headers up, the file stays as it is. */
static uint8_t *map_whole(int fd, size_t bytes)
{
	void *image = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);

	return image != MAP_FAILED ? image : NULL;
}

bool core_open(struct target *target, const char *path)
{
	struct stat status;
	uint8_t *image = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &status) != 0) {
		say("%s: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(Elf64_Ehdr)) {
		say("%s: neither a process nor a core file", path);
	} else {
		image = map_whole(fd, (size_t)status.st_size);
		if (image == NULL)
			say("%s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	if (image == NULL)
		return false;
	target->image = image;
	target->image_bytes = (size_t)status.st_size;
	if (learn(target))
		return true;
	target_close(target);
	return false;
}

/* The last segment that starts at or below @address. */
static const struct segment *segment_of(const struct target *target, uint64_t address)
{
	size_t low = 0, high = target->segments_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (target->segments[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? NULL : &target->segments[low - 1];
}

/* Neighbouring segments continue each other. */
bool core_read(const struct target *target, uint64_t address, void *buffer, size_t bytes)
{
	uint8_t *to = buffer;

	while (bytes != 0) {
		const struct segment *segment = segment_of(target, address);
		uint64_t skip, count;

		if (segment == NULL || address - segment->start >= segment->bytes)
			return false;
		skip = address - segment->start;
		count = segment->bytes - skip < bytes ? segment->bytes - skip : bytes;
		memcpy(to, segment->data + skip, count);
		to += count;
		address += count;
		bytes -= count;
	}
	return true;
}

size_t core_modules(const struct target *target, uint64_t *starts, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < target->segments_count && count < max; i++)
		if (target->segments[i].bytes >= sizeof(Elf64_Ehdr) &&
		    memcmp(target->segments[i].data, ELFMAG, SELFMAG) == 0)
			starts[count++] = target->segments[i].start;
	return count;
}
