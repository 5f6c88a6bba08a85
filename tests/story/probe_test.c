/*
 * Listening to the tracepoints of allocation and free, as a tracer does: breakpoints where
 * the notes say, arguments read from where the notes say. What was heard is compared with
 * what was called.
 */
#include "harness/test.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/cache.h"

#ifdef __x86_64__
#include <sys/ptrace.h>
#include <sys/user.h>

enum { MAX_SITES = 64, MAX_CALLS = 4000, MAX_ARGUMENTS = 6 };

struct site {
	const char *name, *arguments;
	uintptr_t address;
	long code;                      /* the word there, without our breakpoint */
};

struct event {
	const char *name;
	long argument[MAX_ARGUMENTS];   /* argument[0]: the call site */
};

static struct site sites[MAX_SITES];
static unsigned site_count;

/* ---- The notes of this program ------------------------------------------------------- */

static bool is_hot(const char *name)
{
	return strncmp(name, "kmem_cache_", 11) == 0 || strcmp(name, "kmalloc") == 0 ||
	       strcmp(name, "kfree") == 0;
}

static int program_bias(struct dl_phdr_info *info, size_t size, void *bias)
{
	(void)size;
	*(uintptr_t *)bias = info->dlpi_addr;
	return 1;                       /* the program comes first */
}

/* A note: three lengths, owner; address, base, semaphore; provider, name, arguments. */
static void read_notes(const char *notes, size_t bytes, uintptr_t bias)
{
	for (size_t at = 0; at < bytes;) {
		const Elf64_Nhdr *header = (const void *)(notes + at);
		const char *data = notes + at + sizeof(*header) + ((header->n_namesz + 3) & ~3u);
		const char *name = data + 24 + strlen(data + 24) + 1;

		if (is_hot(name) && site_count < MAX_SITES)
			sites[site_count++] = (struct site){
				.name = name, .arguments = name + strlen(name) + 1,
				.address = bias + *(const uint64_t *)(const void *)data };
		at = (size_t)(data - notes) + ((header->n_descsz + 3) & ~3u);
	}
}

static void find_sites(void)
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat status;
	const Elf64_Shdr *sections;
	const Elf64_Ehdr *elf;
	uintptr_t bias = 0;
	const char *image;

	EXPECT_EQ(fstat(file, &status), 0);
	image = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	EXPECT(image != MAP_FAILED);
	elf = (const void *)image;
	sections = (const void *)(image + elf->e_shoff);
	dl_iterate_phdr(program_bias, &bias);
	for (unsigned i = 0; i < elf->e_shnum; i++)
		if (strcmp(image + sections[elf->e_shstrndx].sh_offset + sections[i].sh_name,
			   ".note.stapsdt") == 0)
			read_notes(image + sections[i].sh_offset, sections[i].sh_size, bias);
}

/* ---- A tracer ------------------------------------------------------------------------ */

static long register_named(const struct user_regs_struct *r, const char *name)
{
	static const char *const names[] = { "ax", "bx", "cx", "dx", "si", "di", "bp", "sp" };
	const long values[] = { (long)r->rax, (long)r->rbx, (long)r->rcx, (long)r->rdx,
				(long)r->rsi, (long)r->rdi, (long)r->rbp, (long)r->rsp };
	const long numbered[] = { (long)r->r8, (long)r->r9, (long)r->r10, (long)r->r11,
				  (long)r->r12, (long)r->r13, (long)r->r14, (long)r->r15 };
	int number = atoi(name + 1);

	if (name[0] == 'r' && number >= 8)
		return numbered[number - 8];
	for (unsigned i = 0; i < ARRAY_LENGTH(names); i++)
		if (strncmp(name + 1, names[i], 2) == 0)
			return values[i];
	test_fail(__FILE__, __LINE__, "no register %s", name);
}

static long as_wide_as(int bytes, long value)
{
	if (bytes == 4)
		return (long)(uint32_t)value;
	return bytes == -4 ? (long)(int32_t)value : value;
}

/* "8@%rax", "4@308(%rdi)", "-4@$-1" */
static long argument(pid_t pid, const struct user_regs_struct *registers, const char *text)
{
	int bytes = atoi(text);
	const char *place = strchr(text, '@') + 1;
	const char *memory = strchr(place, '('), *end = strchr(place, ' ');
	long value;

	if (memory != NULL && (end == NULL || memory < end))
		value = ptrace(PTRACE_PEEKDATA, pid,
			       register_named(registers, memory + 2) + atol(place), NULL);
	else if (place[0] == '$')
		value = atol(place + 1);
	else
		value = register_named(registers, place + 1);
	return as_wide_as(bytes, value);
}

static void set_breakpoints(pid_t pid)
{
	for (unsigned i = 0; i < site_count; i++)
		sites[i].code = ptrace(PTRACE_PEEKTEXT, pid, sites[i].address, NULL);
	for (unsigned i = 0; i < site_count; i++) {
		long word = ptrace(PTRACE_PEEKTEXT, pid, sites[i].address, NULL);

		EXPECT_EQ(ptrace(PTRACE_POKETEXT, pid, sites[i].address,
				 (word & ~0xffL) | 0xcc), 0);
	}
}

static void swap_byte(pid_t pid, const struct site *site, long byte)
{
	long word = ptrace(PTRACE_PEEKTEXT, pid, site->address, NULL);

	ptrace(PTRACE_POKETEXT, pid, site->address, (word & ~0xffL) | (byte & 0xff));
}

static struct event hear(pid_t pid, const struct site *site, const struct user_regs_struct *r)
{
	struct event event = { .name = site->name };
	const char *text = site->arguments;

	for (unsigned i = 0; i < MAX_ARGUMENTS && text != NULL; i++) {
		event.argument[i] = argument(pid, r, text);
		text = strchr(text, ' ');
		text = text != NULL ? text + 1 : NULL;
	}
	return event;
}

/* The process stands behind a breakpoint: note it, go over it. */
static struct event at_breakpoint(pid_t pid)
{
	struct user_regs_struct registers;
	const struct site *site = NULL;
	struct event event;
	int status;

	ptrace(PTRACE_GETREGS, pid, NULL, &registers);
	registers.rip--;
	for (unsigned i = 0; i < site_count; i++)
		if (sites[i].address == registers.rip)
			site = &sites[i];
	if (site == NULL)
		test_fail(__FILE__, __LINE__, "stopped at %#llx", registers.rip);
	event = hear(pid, site, &registers);
	ptrace(PTRACE_SETREGS, pid, NULL, &registers);
	swap_byte(pid, site, site->code);
	ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	swap_byte(pid, site, 0xcc);
	return event;
}

/* Run @body in a child under breakpoints; what was heard. */
static unsigned listen_to(void (*body)(void), struct event *heard)
{
	pid_t pid = fork();
	unsigned count = 0;
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		raise(SIGSTOP);
		body();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status))
		test_skip("ptrace is refused");
	set_breakpoints(pid);
	for (;;) {
		ptrace(PTRACE_CONT, pid, NULL, NULL);
		waitpid(pid, &status, 0);
		if (!WIFSTOPPED(status))
			break;
		EXPECT_EQ(WSTOPSIG(status), SIGTRAP);
		EXPECT(count < MAX_CALLS);
		heard[count++] = at_breakpoint(pid);
	}
	EXPECT(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 0);
	return count;
}

/* ---- What is called ------------------------------------------------------------------- */

/* Shared by the caller and who listens. */
static struct script {
	unsigned count;
	struct event call[MAX_CALLS];
	unsigned long aborts, misses;
} *script;

static struct kmem_cache *cache;

/* All calls come from functions in a section of their own. */
#define CALLER __attribute__((section("calls"), noinline))
#define NO_TAIL_CALL __asm__ volatile("")
extern const char __start_calls[], __stop_calls[];

static void note(const char *name, long a, long b, long c, long d, long e)
{
	script->call[script->count++] = (struct event){ name, { 0, a, b, c, d, e } };
}

static void note_alloc(const void *object, gfp_t gfp, int node)
{
	note("kmem_cache_alloc", (long)object, cache->layout.object_size, cache->layout.size,
	     (long)gfp, node);
}

static void note_kmalloc(const void *object, size_t size, gfp_t gfp, int node)
{
	note("kmalloc", (long)object, (long)size, virt_to_head_page(object)->layout->size,
	     (long)gfp, node);
}

static void make_cache(void)
{
	cache = kmem_cache_create("probed", 100, 0, SLAB_TYPESAFE_BY_RCU, NULL);
}

CALLER static void *alloc_and_note(gfp_t gfp)
{
	void *object = kmem_cache_alloc(cache, gfp);

	note_alloc(object, gfp, NUMA_NO_NODE);
	return object;
}

CALLER static void *alloc_uncleared_and_note(void)
{
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	note_alloc(object, GFP_KERNEL, NUMA_NO_NODE);
	return object;
}

CALLER static void free_and_note(void *object)
{
	note("kmem_cache_free", (long)object, (long)cache->name, 0, 0, 0);
	kmem_cache_free(cache, object);
	NO_TAIL_CALL;
}

CALLER static void *kmalloc_and_note(size_t size, gfp_t gfp)
{
	void *object = kmalloc(size, gfp);

	note_kmalloc(object, size, gfp, NUMA_NO_NODE);
	return object;
}

CALLER static void kfree_and_note(const void *object)
{
	note("kfree", (long)object, 0, 0, 0, 0);
	kfree(object);
	NO_TAIL_CALL;
}

/* ---- The comparison -------------------------------------------------------------------- */

static void expect_event(const struct event *heard, const struct event *call)
{
	EXPECT_STR(heard->name, call->name);
	EXPECT(heard->argument[0] >= (long)__start_calls && heard->argument[0] < (long)__stop_calls);
	for (unsigned i = 1; i < MAX_ARGUMENTS; i++)
		EXPECT_EQ(heard->argument[i], call->argument[i]);
}

/* Each call of @body is heard once, in order, with what it got and gave. */
static void expect_heard(void (*body)(void))
{
	static struct event heard[MAX_CALLS];
	unsigned count;

	script = mmap(NULL, sizeof(*script), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	EXPECT(script != MAP_FAILED);
	find_sites();
	count = listen_to(body, heard);
	for (unsigned i = 0; i < count && i < script->count; i++)
		expect_event(&heard[i], &script->call[i]);
	EXPECT_EQ(count, script->count);
	EXPECT(count > 0);
}

static void cache_calls(void)
{
	void *objects[400];

	make_cache();
	for (unsigned i = 0; i < 400; i++)
		objects[i] = i % 2 != 0 ? alloc_and_note(i % 4 == 1 ? GFP_KERNEL | __GFP_ZERO :
							 GFP_ATOMIC) : alloc_uncleared_and_note();
	for (unsigned i = 0; i < 400; i++)
		free_and_note(objects[i]);
	free_and_note(NULL);
	script->aborts = counter_read(&seq_aborts[SEQ_POP]) + counter_read(&seq_aborts[SEQ_PUSH]);
	script->misses = counter_read(&cache->cpu.refills) + counter_read(&cache->cpu.flushes);
}

TEST_ON("reaper:off", each_kmem_cache_call_is_heard_once_hit_or_miss)
{
	expect_heard(cache_calls);
}

/* A breakpoint within a sequence would abort it each time. */
TEST_ON("reaper:off", who_listens_aborts_no_sequence)
{
	expect_heard(cache_calls);
	EXPECT(script->aborts < 200);
	EXPECT(script->misses < 200);
}

static void kmalloc_calls(void)
{
	static const size_t sizes[] = { 1, 8, 100, 96, 192, 1000, 8192, 8193, 70000 };
	void *objects[900];

	for (unsigned i = 0; i < 900; i++)
		objects[i] = kmalloc_and_note(sizes[i % ARRAY_LENGTH(sizes)],
					      i % 7 == 0 ? GFP_KERNEL | __GFP_RECLAIMABLE :
					      i % 7 == 1 ? GFP_KERNEL | __GFP_ZERO : GFP_KERNEL);
	for (unsigned i = 0; i < 900; i++)
		kfree_and_note(objects[i]);
	kfree_and_note(NULL);
}

TEST_ON("reaper:off", each_kmalloc_and_kfree_is_heard_once_hit_or_miss)
{
	expect_heard(kmalloc_calls);
}

CALLER static void rarer_calls(void)
{
	void *objects[100];

	make_cache();
	objects[0] = kmem_cache_zalloc(cache, GFP_KERNEL);
	note_alloc(objects[0], GFP_KERNEL | __GFP_ZERO, NUMA_NO_NODE);
	objects[1] = kmem_cache_alloc_node(cache, GFP_KERNEL, 0);
	note_alloc(objects[1], GFP_KERNEL, 0);
	objects[2] = kmem_cache_alloc_node(cache, GFP_KERNEL, NUMA_NO_NODE);
	note_alloc(objects[2], GFP_KERNEL, NUMA_NO_NODE);
	for (unsigned i = 0; i < 3; i++)
		free_and_note(objects[i]);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 100, objects), 100);
	for (unsigned i = 0; i < 100; i++)
		note_alloc(objects[i], GFP_KERNEL, NUMA_NO_NODE);
	for (unsigned i = 0; i < 100; i++)
		note("kmem_cache_free", (long)objects[i], (long)cache->name, 0, 0, 0);
	kmem_cache_free_bulk(cache, 100, objects);
	objects[0] = kmalloc_node(100, GFP_KERNEL, 0);
	note_kmalloc(objects[0], 100, GFP_KERNEL, 0);
	kfree_and_note(objects[0]);
	EXPECT_EQ(kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);       /* no cache: not heard */
	EXPECT_NULL(kmalloc(SIZE_MAX, GFP_KERNEL));
}

TEST_ON("reaper:off", zalloc_and_node_and_bulk_are_heard_for_each_object)
{
	expect_heard(rarer_calls);
}

/* Such a cache has no hits; what it gives is heard all the same. */
TEST_ON("reaper:off debug:FZPU", checked_caches_are_heard)
{
	expect_heard(cache_calls);
}

TEST_ON("reaper:off debug:FZPU", checked_kmalloc_is_heard)
{
	expect_heard(rarer_calls);
}

#else
TEST(tracepoints_of_hits)
{
	test_skip("the tracer here reads x86-64");
}
#endif
