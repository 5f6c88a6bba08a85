/*
 * roots_core.c: the roots of a core: its segments, and the notes that hold registers.
 */
#include <gelf.h>
#include <libelf.h>
#include <stddef.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

#include "roots.h"

#ifdef __x86_64__
enum { STACK_POINTER = offsetof(struct user_regs_struct, rsp) };
#else
enum { STACK_POINTER = offsetof(struct user_regs_struct, sp) };
#endif

/*
 * A thread's stack begins behind pages that nobody may touch; on the first thread's the
 * kernel left some random bytes, and says where.
 */
struct guards {
	uint64_t end[4096];
	size_t count;
	uint64_t on_first_stack;
};

static bool is_stack(const struct guards *guards, const struct segment *segment)
{
	for (size_t i = 0; i < guards->count; i++)
		if (guards->end[i] == segment->start)
			return true;
	return guards->on_first_stack >= segment->start &&
	       guards->on_first_stack - segment->start < segment->bytes;
}

static void note_first_stack(struct guards *guards, const uint8_t *vector, size_t bytes)
{
	Elf64_auxv_t entry;

	for (size_t at = 0; at + sizeof(entry) <= bytes; at += sizeof(entry)) {
		memcpy(&entry, vector + at, sizeof(entry));
		if (entry.a_type == AT_RANDOM)
			guards->on_first_stack = entry.a_un.a_val;
	}
}

static void note_guard(struct guards *guards, const GElf_Phdr *header)
{
	if (header->p_type == PT_LOAD && (header->p_flags & (PF_R | PF_W | PF_X)) == 0 &&
	    guards->count < sizeof(guards->end) / sizeof(*guards->end))
		guards->end[guards->count++] = header->p_vaddr + header->p_memsz;
}

static bool add_thread(struct roots *roots, const uint8_t *status, size_t size)
{
	size_t at = offsetof(struct elf_prstatus, pr_reg) + STACK_POINTER;
	uint64_t address;

	if (at + sizeof(address) > size)
		return true;
	memcpy(&address, status + at, sizeof(address));
	return roots_add_stack_pointer(roots, address);
}

/* All registers there are: any note's words may be some. */
static bool add_notes(struct roots *roots, struct guards *guards, const uint8_t *notes,
		      size_t bytes)
{
	size_t place = 0;

	while (place + sizeof(Elf64_Nhdr) <= bytes) {
		Elf64_Nhdr note;
		uint64_t body, next;

		memcpy(&note, notes + place, sizeof(note));
		body = place + sizeof(note) + ((note.n_namesz + UINT64_C(3)) & ~UINT64_C(3));
		next = body + ((note.n_descsz + UINT64_C(3)) & ~UINT64_C(3));
		if (body + note.n_descsz > bytes)
			return true;
		if (note.n_type == NT_PRSTATUS && !add_thread(roots, notes + body, note.n_descsz))
			return false;
		if (note.n_type == NT_AUXV)
			note_first_stack(guards, notes + body, note.n_descsz);
		/* Registers stand at multiples of 8 from the body, which has 4 only. */
		if (!roots_add_words(roots, notes + body, note.n_descsz))
			return false;
		place = next;
	}
	return true;
}

static bool add_header(struct roots *roots, struct guards *guards, const struct target *target,
		       const GElf_Phdr *header)
{
	note_guard(guards, header);
	if (header->p_type != PT_NOTE || header->p_offset >= target->image_bytes)
		return true;
	return add_notes(roots, guards, target->image + header->p_offset,
			 header->p_filesz < target->image_bytes - header->p_offset ?
			 header->p_filesz : target->image_bytes - header->p_offset);
}

/* Broken headers may tell of the same bytes often: as many as the file has are enough. */
static bool add_segments(struct roots *roots, const struct target *target,
			 const struct guards *guards)
{
	uint64_t left = target->image_bytes;

	for (size_t i = 0; i < target->segments_count && left != 0; i++) {
		const struct segment *segment = &target->segments[i];
		uint64_t bytes = segment->bytes < left ? segment->bytes : left;
		struct range range = { segment->start, segment->start + bytes, 0, 0 };

		if (is_stack(guards, segment)) {
			range.stack_start = range.start;
			range.stack_end = range.end;
		}
		if (!roots_add_range(roots, range))
			return false;
		left -= bytes;
	}
	return true;
}

bool roots_core(struct roots *roots, struct target *target)
{
	static struct guards guards;
	Elf *elf = elf_memory((char *)target->image, target->image_bytes);
	size_t count = 0;
	bool good = true;

	guards.count = 0;
	guards.on_first_stack = 0;
	if (elf != NULL && elf_getphdrnum(elf, &count) != 0)
		count = 0;
	for (size_t i = 0; i < count && good; i++) {
		GElf_Phdr header;

		if (gelf_getphdr(elf, (int)i, &header) != NULL)
			good = add_header(roots, &guards, target, &header);
	}
	elf_end(elf);
	return good && add_segments(roots, target, &guards);
}
