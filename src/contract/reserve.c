/*
 * reserve.c: the public face of the emergency reserve (node/emergency.h).
 */
#include <ukmem/reserve.h>

#include <errno.h>

#include "cache/cache.h"
#include "node/emergency.h"

PUBLIC int kmem_reserve_pages(size_t count)
{
	enum { RESERVE_PAGES_MAX = 1 << 18 };   /* chosen: 1 GiB */
	int kept_errno = errno, error = boot_ensure();

	if (count > RESERVE_PAGES_MAX)
		return -EINVAL;
	if (error == 0) {
		deferred_settle();
		lock_take(&registry_lock);
		error = emergency_end();
		if (error == 0 && count != 0)
			error = emergency_begin(count);
		lock_drop(&registry_lock);
	}
	errno = kept_errno;
	return error;
}

PUBLIC size_t kmem_reserve_free(void)
{
	return emergency_free_pages();
}
