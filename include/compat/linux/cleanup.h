/* linux/cleanup.h: what a variable holds goes with its block; of it, what memory needs. */
#ifndef UKMEM_COMPAT_CLEANUP_H
#define UKMEM_COMPAT_CLEANUP_H

#if __has_include_next(<linux/cleanup.h>)
#include_next <linux/cleanup.h>
#else

#define DEFINE_FREE(name, type, statement)                                      \
	static inline void __free_##name(void *variable)                        \
	{                                                                       \
		type _T = *(type *)variable;                                    \
		statement;                                                      \
	}
#define __free(name)            __attribute__((__cleanup__(__free_##name)))

/* The variable lets go of it. */
#define no_free_ptr(variable)                                                   \
	__extension__({                                                         \
		__typeof__(variable) ukmem_kept = (variable);                   \
		(variable) = NULL;                                              \
		ukmem_kept;                                                     \
	})
#define return_ptr(variable)    return no_free_ptr(variable)
#define retain_and_null_ptr(variable) ((void)no_free_ptr(variable))

#endif
#endif
