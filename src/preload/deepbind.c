/*
 * deepbind.c: libraries that are opened with RTLD_DEEPBIND.
 *
 * Such a library finds names in what it was linked with before it finds them here, so its
 * malloc and free are glibc's, and blocks cross over: PHP opens its extensions so, and
 * dies of it under any malloc that is preloaded. The flag is left out.
 *
 * Not in the archive: a static program's dlopen has no next one.
 */
#include <dlfcn.h>
#include <stdatomic.h>

#include "base/check.h"

typedef void *dlopen_function(const char *file, int mode);

/* The next one tells by its return address who calls, whose RUNPATH counts: we leave by a jump. */
PUBLIC void *dlopen(const char *file, int mode)
{
	static dlopen_function *_Atomic next;
	dlopen_function *go_on = atomic_load_explicit(&next, memory_order_relaxed);

	if (go_on == NULL) {
		*(void **)&go_on = dlsym(RTLD_NEXT, "dlopen");
		atomic_store_explicit(&next, go_on, memory_order_relaxed);
	}
	return go_on(file, mode & ~RTLD_DEEPBIND);
}
