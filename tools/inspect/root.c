/*
 * root.c: from the ELF headers in the target's memory to the note, from there to the
 * root, and to what the target says about itself (src/observe/root.c).
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <ukmem/slab.h>

#include "../say.h"
#include "target.h"

enum {
	ROOT_VERSION = 1,
	MODULES_MAX = 4096,
	ROOTS_MAX = 8,
	HEADERS_MAX = 64,              /* program headers of a module */
	NOTES_BYTES_MAX = 4096,
	ENTRIES_MAX = 4096,
	SIZE_MAX_KNOWN = 64 << 20,
};

/* As the library lays them out: these two never change, but for the version. */
struct root {
	char magic[8];
	uint32_t version, entries;
	uint64_t table;
	char library[32];
	uint32_t entry_size, pointer_size;
};

struct described {
	char name[36];
	uint32_t size;
	uint64_t value;
};

#define FIELD_NAME(id, name) name,
static const char *const field_names[] = { FIELDS(FIELD_NAME) LATER_FIELDS(FIELD_NAME) };

/* In these notes; 0 when ours isn't among them. @at is where they are in the target. */
static uint64_t root_in_notes(const uint8_t *notes, size_t bytes, uint64_t at)
{
	size_t place = 0;

	while (place + sizeof(Elf64_Nhdr) <= bytes) {
		Elf64_Nhdr note;
		uint64_t name = place + sizeof(note), body, distance;

		memcpy(&note, notes + place, sizeof(note));
		body = name + ((note.n_namesz + UINT64_C(3)) & ~UINT64_C(3));
		if (body + note.n_descsz > bytes)
			return 0;
		if (note.n_type == 1 && note.n_namesz == 6 && note.n_descsz == 8 &&
		    memcmp(notes + name, "ukmem", 6) == 0) {
			memcpy(&distance, notes + body, sizeof(distance));
			return at + body + distance;
		}
		place = body + ((note.n_descsz + UINT64_C(3)) & ~UINT64_C(3));
	}
	return 0;
}

static uint64_t root_in_segment(struct target *target, uint64_t address, uint64_t bytes)
{
	uint8_t notes[NOTES_BYTES_MAX];

	if (bytes > sizeof(notes) || !target_read(target, address, notes, bytes))
		return 0;
	return root_in_notes(notes, bytes, address);
}

/* The module whose ELF header is at @start. */
static uint64_t root_in_module(struct target *target, uint64_t start)
{
	Elf64_Ehdr header;
	Elf64_Phdr segments[HEADERS_MAX];
	uint64_t shift = start, root = 0;

	if (!target_read(target, start, &header, sizeof(header)) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(*segments) ||
	    header.e_phnum > HEADERS_MAX ||
	    !target_read(target, start + header.e_phoff, segments,
			 header.e_phnum * sizeof(*segments)))
		return 0;
	for (unsigned i = 0; i < header.e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && segments[i].p_offset == 0)
			shift = start - segments[i].p_vaddr;
	for (unsigned i = 0; i < header.e_phnum && root == 0; i++)
		if (segments[i].p_type == PT_NOTE)
			root = root_in_segment(target, shift + segments[i].p_vaddr,
					       segments[i].p_filesz);
	return root;
}

struct roots {
	uint64_t at[ROOTS_MAX];
	size_t count;
};

static void add_root(struct roots *roots, uint64_t root)
{
	if (root != 0 && roots->count < ROOTS_MAX)
		roots->at[roots->count++] = root;
}

static void roots_by_note(struct target *target, struct roots *roots)
{
	static uint64_t starts[MODULES_MAX];
	size_t count = target->pid != 0 ? live_modules(target, starts, MODULES_MAX) :
		       core_modules(target, starts, MODULES_MAX);

	for (size_t i = 0; i < count; i++)
		add_root(roots, root_in_module(target, starts[i]));
}

/* A core without ELF headers (coredump_filter): the root's magic word is in its data. */
static void roots_by_magic(const struct target *target, struct roots *roots)
{
	for (size_t i = 0; i < target->segments_count; i++) {
		const struct segment *segment = &target->segments[i];
		const uint8_t *at = segment->data, *end = at + segment->bytes;

		while ((at = memmem(at, (size_t)(end - at), "ukmemRT", 8)) != NULL) {
			uint64_t root = segment->start + (uint64_t)(at - segment->data);

			if (root % 8 == 0 && (size_t)(end - at) >= sizeof(struct root) &&
			    ((const struct root *)(const void *)at)->entries != 0)
				add_root(roots, root);
			at++;
		}
	}
}

/* Numbers are kept as they are; an offset or a size that no structure has is none. */
static void learn(struct target *target, const struct described *entry)
{
	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		if (strncmp(entry->name, field_names[i], sizeof(entry->name)) != 0)
			continue;
		target->field[i] = (struct field_info){
			.value = entry->value,
			.size = entry->size,
			.known = entry->size <= SIZE_MAX_KNOWN,
		};
	}
}

static bool all_known(const struct target *target)
{
	for (unsigned i = 0; i < FIELDS_NEEDED; i++) {
		if (target->field[i].known)
			continue;
		say("%s: its ukmem %s does not tell of \"%s\"; this tool is of %s", target->name,
		    target->library, field_names[i], UKMEM_VERSION);
		return false;
	}
	return true;
}

static bool read_root(struct target *target, uint64_t address, struct root *root)
{
	return target_read(target, address, root, sizeof(*root)) &&
	       memcmp(root->magic, "ukmemRT", 8) == 0;
}

static bool has_our_form(const struct root *root)
{
	return root->version == ROOT_VERSION && root->entry_size == sizeof(struct described) &&
	       root->pointer_size == 8 && root->entries <= ENTRIES_MAX;
}

/* To be freed; NULL when it can't be read. */
static struct described *read_table(struct target *target, const struct root *root)
{
	struct described *table = calloc(root->entries + 1, sizeof(*table));

	if (table != NULL &&
	    target_read(target, root->table, table, root->entries * sizeof(*table)))
		return table;
	free(table);
	return NULL;
}

static bool load_table(struct target *target, const struct root *root)
{
	struct described *table;

	if (!has_our_form(root)) {
		say("%s: its ukmem %s describes itself in form %u; this tool knows form %d",
		    target->name, target->library, root->version, ROOT_VERSION);
		return false;
	}
	table = read_table(target, root);
	if (table == NULL) {
		if (!target_lost(target))
			say("%s: what its ukmem says of itself is not readable", target->name);
		return false;
	}
	for (unsigned i = 0; i < root->entries; i++)
		learn(target, &table[i]);
	free(table);
	return all_known(target);
}

static bool is_booted(struct target *target, uint64_t address)
{
	struct described *table;
	struct root root;
	uint8_t booted = 0;

	if (!read_root(target, address, &root) || !has_our_form(&root))
		return false;
	table = read_table(target, &root);
	for (unsigned i = 0; table != NULL && i < root.entries; i++)
		if (strncmp(table[i].name, "booted", sizeof(table[i].name)) == 0)
			target_read(target, table[i].value, &booted, 1);
	free(table);
	return booted != 0;
}

/*
 * A program that is linked with libukmem.so and runs on the drop-in has two roots, and uses the
 * drop-in's. One that has libukmem.a in it uses both: its caches are in the one heap, malloc's
 * blocks in the other. What is in use moves to the front.
 */
static void keep_those_in_use(struct target *target, struct roots *roots)
{
	size_t used = 0;

	for (size_t i = 0; i < roots->count && roots->count > 1; i++)
		if (is_booted(target, roots->at[i]))
			roots->at[used++] = roots->at[i];
	if (roots->count > 1)
		roots->count = used != 0 ? used : 1;
}

/* 0: there is none. */
static uint64_t choose_root(const struct target *target, const struct roots *roots)
{
	if (roots->count > 1 && target->heap == 0)
		say("%s%s has %zu heaps, for it has more than one ukmem; this is about the first%s",
		    target->pid != 0 ? "process " : "", target->name, roots->count,
		    target->pid != 0 ? ": PID:2 names the second" : "");
	if (target->heap > roots->count && roots->count != 0)
		say("process %s has %zu heap%s", target->name, roots->count,
		    roots->count == 1 ? "" : "s");
	return roots->count < target->heap || roots->count == 0 ? 0 :
	       roots->at[target->heap != 0 ? target->heap - 1 : 0];
}

static void copy_printable(char *to, const char *from, size_t bytes)
{
	size_t i;

	for (i = 0; i + 1 < bytes && from[i] >= ' ' && from[i] <= '~'; i++)
		to[i] = from[i];
	to[i] = '\0';
}

/* Why there is nothing to be found: it may be that we may not look. */
static bool refuse(struct target *target)
{
	uint64_t start[1];
	Elf64_Ehdr header;

	if (target_lost(target))
		return false;
	if (target->pid != 0 && (live_modules(target, start, 1) == 0 ||
	    !target_read(target, start[0], &header, sizeof(header))))
		say("process %s: not permitted to look inside; be its user, or root",
		    target->name);
	else if (target->is_cut)
		say("%s: the core is cut short, before all that ukmem says of itself", target->name);
	else
		say("%s does not use ukmem", target->name);
	return false;
}

bool root_load(struct target *target)
{
	struct roots roots = { .count = 0 };
	struct root root;
	uint64_t address;

	roots_by_note(target, &roots);
	if (roots.count == 0 && target->pid == 0)
		roots_by_magic(target, &roots);
	keep_those_in_use(target, &roots);
	address = choose_root(target, &roots);
	if (address == 0 && roots.count != 0)
		return false;
	if (address == 0 || !read_root(target, address, &root))
		return refuse(target);
	target->root = address;
	copy_printable(target->library, root.library, sizeof(target->library));
	return load_table(target, &root);
}

bool root_is_there(struct target *target)
{
	char magic[8];

	return target_read(target, target->root, magic, sizeof(magic)) &&
	       memcmp(magic, "ukmemRT", sizeof(magic)) == 0;
}
