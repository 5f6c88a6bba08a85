/*
 * lines.c: which cache lines a call touches, and which of them CPUs share.
 *
 *   bench-lines [--two-nodes]          status 3: nothing may be stepped here
 *
 * program.c allocates and frees; it is stepped through every counted call, and each
 * instruction's memory operands are looked up (capstone). A step aborts a restartable
 * sequence, so the arrays are under locks (backend:locked): those locks, one a CPU, are
 * what the figures have too many; they are left out as below. Hits are not counted here:
 * tests/misc/hot_path.sh reads off the disassembly that they have no atomic operation, and
 * they write the array and the thread's own block only.
 *
 * Own is what no other CPU touches: the stack, the thread's block, this CPU's array, and
 * static data that only one CPU's calls touched (the locks above). Of all other lines
 * those count that somebody writes. Printed is the mean of each kind of call.
 */
#include <capstone/capstone.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lines.h"

enum { LINE = 64, LINES_MAX = 8192, STACK_BYTES = 1 << 20, BLOCK_BYTES = 4096 };

static const char *const kind_names[KINDS] = {
	"refill from the shared array", "refill from slabs",
	"refill with a new slab", "flush to the shared array", "flush to slabs",
	"remote free, parks", "remote free, sends the parked home",
};

/* A line that a call touched. */
struct touch {
	uintptr_t line;
	bool written;
	unsigned atomics;
};

struct trace {
	unsigned steps, count;
	struct touch touch[LINES_MAX];
};

static struct trace *traces;
static struct counted *counted;
static csh disassembler;

static void add(struct trace *trace, uintptr_t address, bool written, bool atomic)
{
	uintptr_t line = address / LINE;
	unsigned i = 0;

	while (i < trace->count && trace->touch[i].line != line)
		i++;
	if (i == LINES_MAX)
		return;
	if (i == trace->count)
		trace->touch[trace->count++] = (struct touch){ .line = line };
	trace->touch[i].written |= written;
	trace->touch[i].atomics += atomic;
}

/* ---- An instruction's operands ------------------------------------------------------ */

static uintptr_t value_of(const struct user_regs_struct *r, x86_reg which)
{
	switch (which) {
	case X86_REG_RAX: return r->rax;
	case X86_REG_RBX: return r->rbx;
	case X86_REG_RCX: return r->rcx;
	case X86_REG_RDX: return r->rdx;
	case X86_REG_RSI: return r->rsi;
	case X86_REG_RDI: return r->rdi;
	case X86_REG_RBP: return r->rbp;
	case X86_REG_RSP: return r->rsp;
	case X86_REG_R8: return r->r8;
	case X86_REG_R9: return r->r9;
	case X86_REG_R10: return r->r10;
	case X86_REG_R11: return r->r11;
	case X86_REG_R12: return r->r12;
	case X86_REG_R13: return r->r13;
	case X86_REG_R14: return r->r14;
	case X86_REG_R15: return r->r15;
	default: return 0;
	}
}

static uintptr_t address_of(const cs_insn *insn, const cs_x86_op *op,
			    const struct user_regs_struct *regs)
{
	uintptr_t address = (uintptr_t)op->mem.disp + value_of(regs, op->mem.base) +
			    value_of(regs, op->mem.index) * (uintptr_t)op->mem.scale;

	if (op->mem.base == X86_REG_RIP)
		address += insn->address + insn->size;
	if (op->mem.segment == X86_REG_FS)
		address += regs->fs_base;
	return address;
}

static bool is_own_thread(const struct user_regs_struct *regs, uintptr_t address)
{
	return address - (regs->rsp - STACK_BYTES / 2) < STACK_BYTES ||
	       address - (regs->fs_base - BLOCK_BYTES) < 2 * BLOCK_BYTES;
}

/* capstone 4 does not know of vector moves that their first operand is written. */
static bool is_written(const cs_insn *insn, unsigned number)
{
	const cs_x86_op *op = &insn->detail->x86.operands[number];

	if (insn->detail->x86.prefix[0] == X86_PREFIX_LOCK || insn->id == X86_INS_XCHG)
		return true;
	return (op->access & CS_AC_WRITE) != 0 || (number == 0 && strstr(insn->mnemonic, "mov"));
}

static void note_operands(struct trace *trace, const cs_insn *insn,
			  const struct user_regs_struct *regs)
{
	const cs_x86 *x86 = &insn->detail->x86;

	if (insn->id == X86_INS_LEA || insn->id == X86_INS_NOP)
		return;
	for (unsigned i = 0; i < x86->op_count; i++) {
		const cs_x86_op *op = &x86->operands[i];
		uintptr_t address;
		bool atomic;

		if (op->type != X86_OP_MEM)
			continue;
		address = address_of(insn, op, regs);
		atomic = x86->prefix[0] == X86_PREFIX_LOCK || insn->id == X86_INS_XCHG;
		if (is_own_thread(regs, address))
			continue;
		for (uintptr_t at = address / LINE * LINE; at < address + op->size; at += LINE)
			add(trace, at, is_written(insn, i), atomic && at == address / LINE * LINE);
	}
}

/* ---- Stepping ----------------------------------------------------------------------- */

static const uint8_t BREAKPOINT = 0xcc;

/* The child was forked from us: its text is ours, at the same place. */
static bool step_through(pid_t child, struct trace *trace)
{
	struct user_regs_struct regs;
	cs_insn *insn = cs_malloc(disassembler);
	int status;

	for (;; trace->steps++) {
		const uint8_t *code;
		uint64_t address;
		size_t bytes = 15;

		if (ptrace(PTRACE_GETREGS, child, NULL, &regs) != 0)
			return false;
		address = regs.rip;
		code = (const uint8_t *)address;
		if (*code == BREAKPOINT)
			break;
		if (cs_disasm_iter(disassembler, &code, &bytes, &address, insn))
			note_operands(trace, insn, &regs);
		else
			fprintf(stderr, "bench-lines: an instruction is not understood\n");
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0 ||
		    waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			return false;
	}
	cs_free(insn, 1);
	return ptrace(PTRACE_CONT, child, NULL, NULL) == 0 &&
	       waitpid(child, &status, 0) == child && WIFSTOPPED(status);
}

/* From breakpoint to breakpoint. */
static bool watch(pid_t child)
{
	int status;

	while (ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && waitpid(child, &status, 0) == child) {
		if (WIFEXITED(status))
			return WEXITSTATUS(status) == 0 && counted->ended;
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
			return false;
		traces[counted->calls] = (struct trace){ 0 };
		if (!step_through(child, &traces[counted->calls]))
			return false;
	}
	return false;
}

/* ---- What it comes to ----------------------------------------------------------------- */

extern char __bss_start, _end, __data_start;

static bool is_static(uintptr_t line)
{
	return line >= (uintptr_t)&__data_start / LINE && line <= (uintptr_t)&_end / LINE;
}

/* Does any call, of @cpu or of any (CPUS), touch, or write, the line? */
static bool touches(uintptr_t line, unsigned cpu, bool writes)
{
	for (unsigned i = 0; i < counted->calls; i++) {
		if (cpu != CPUS && counted->call[i].cpu != cpu)
			continue;
		for (unsigned k = 0; k < traces[i].count; k++)
			if (traces[i].touch[k].line == line &&
			    (!writes || traces[i].touch[k].written))
				return true;
	}
	return false;
}

static bool is_within(uintptr_t line, uintptr_t start, uintptr_t end)
{
	return end != 0 && line >= start / LINE && line <= (end - 1) / LINE;
}

static bool is_shared(const struct call *call, uintptr_t line)
{
	if (is_within(line, call->own_start, call->own_end))
		return false;
	if (is_within(line, call->common_start, call->common_end))
		return true;            /* not every call that writes there was looked at */
	if (is_static(line) && !touches(line, (call->cpu + 1) % CPUS, false))
		return false;
	return touches(line, CPUS, true);
}

static void print_kind(enum kind kind)
{
	double calls = 0, objects = 0, steps = 0, atomics = 0, written = 0, shared = 0;

	for (unsigned i = 0; i < counted->calls; i++) {
		const struct call *call = &counted->call[i];

		if (call->kind != kind)
			continue;
		calls++;
		objects += call->objects;
		steps += traces[i].steps;
		for (unsigned k = 0; k < traces[i].count; k++) {
			const struct touch *touch = &traces[i].touch[k];
			bool is = is_shared(call, touch->line);

			shared += is;
			written += is && touch->written;
			atomics += is ? touch->atomics : 0;
		}
	}
	if (calls == 0)
		return;
	printf("| %-34s | %7.0f | %12.0f | %7.1f | %12.1f | %16.1f | %9.2f |\n", kind_names[kind],
	       objects / calls, steps / calls, atomics / calls, shared / calls, written / calls,
	       shared / objects);
}

static void print_table(void)
{
	printf("| %-34s | objects | instructions | atomics | shared lines | of these written | an object |\n"
	       "|------------------------------------|---------|--------------|---------|"
	       "--------------|------------------|-----------|\n", "64 bytes");
	for (unsigned kind = 0; kind < KINDS; kind++)
		print_kind((enum kind)kind);
}

static void *shared_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int main(int argc, char **argv)
{
	bool two_nodes = argc == 2 && strcmp(argv[1], "--two-nodes") == 0;
	pid_t child;
	int status;

	if (argc > 1 && !two_nodes) {
		fprintf(stderr, "usage: bench-lines [--two-nodes]\n");
		return 2;
	}
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS) {
		fprintf(stderr, "bench-lines: two CPUs are needed\n");
		return 2;
	}
	setenv("UKMEM_OPTIONS", two_nodes ? "backend:locked index:cpu reap_ms:100000 topology:2x2" :
	       "backend:locked index:cpu reap_ms:100000", 1);
	counted = shared_memory(sizeof(*counted));
	traces = calloc(CALLS_MAX + 1, sizeof(*traces));
	if (counted == NULL || traces == NULL || cs_open(CS_ARCH_X86, CS_MODE_64, &disassembler) != 0)
		return 2;
	cs_option(disassembler, CS_OPT_DETAIL, CS_OPT_ON);
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		program_run(counted, two_nodes);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !watch(child)) {
		fprintf(stderr, "bench-lines: the program could not be stepped\n");
		return 3;
	}
	print_table();
	return 0;
}
