/*
 * scope.c: the public face of what a thread's allocations may do for a while.
 */
#include <ukmem/scope.h>

#include "cache/cache.h"

PUBLIC unsigned kmem_scope_enter(unsigned scope)
{
	unsigned before = thread_scope;

	thread_scope |= (uint8_t)scope;
	return before;
}

PUBLIC void kmem_scope_leave(unsigned before)
{
	thread_scope = (uint8_t)before;
}

PUBLIC gfp_t kmem_scope_gfp(gfp_t gfp)
{
	return thread_gfp(gfp);
}
