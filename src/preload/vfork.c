/*
 * vfork.c: a child that runs on its parent's thread-local memory.
 *
 * The kernel keeps no CPU number for such a child, so a sequence there could edit another
 * CPU's array (docs/rseq.md). While it runs, this thread goes past the arrays; a child
 * that allocates before it execs, as programs do though POSIX forbids it, is safe.
 *
 * The child returns from here first and may write over our frame, so between the system
 * call and the parent's return all that is needed is in registers: the return address
 * waits in rdi, which the kernel keeps for each of the two, and in esi whether the thread
 * went past the arrays before. It did if it is such a child itself.
 */
#include <errno.h>
#include <unistd.h>

#include "base/check.h"
#include "malloc/heap.h"
#include "os/thread.h"

#ifdef __x86_64__
/* Called from the assembly alone. */
__attribute__((used)) static int vfork_begins(void)
{
	int was_guarded = thread_is_guarded();

	kmem_vfork_guard(true);
	return was_guarded;
}

__attribute__((used)) static long vfork_ended(long result, int was_guarded)
{
	kmem_vfork_guard(was_guarded);
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

/* 58: SYS_vfork. At the entry the stack is 8 off its alignment, at each call it is not. */
__asm__(".text\n"
	"	.globl vfork, __vfork\n"
	"	.type vfork, @function\n"
	"	.set __vfork, vfork\n"
	"vfork:\n"
	"	endbr64\n"
	"	sub $8, %rsp\n"
	"	call vfork_begins\n"
	"	mov %eax, %esi\n"
	"	add $8, %rsp\n"
	"	pop %rdi\n"
	"	mov $58, %eax\n"
	"	syscall\n"
	"	push %rdi\n"
	"	test %rax, %rax\n"
	"	jz 1f\n"
	"	mov %rax, %rdi\n"
	"	sub $8, %rsp\n"
	"	call vfork_ended\n"
	"	add $8, %rsp\n"
	"1:	ret\n"
	"	.size vfork, . - vfork");
#endif
