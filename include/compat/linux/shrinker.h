/* linux/shrinker.h: 6.7's calls, and those before it for a struct of the caller's. */
#ifndef UKMEM_COMPAT_SHRINKER_H
#define UKMEM_COMPAT_SHRINKER_H

#include <linux/slab.h>
#include <ukmem/shrinker.h>

#define register_shrinker(shrinker, ...)  (shrinker_register(shrinker), 0)
#define unregister_shrinker(shrinker)     shrinker_free(shrinker)
#define prealloc_shrinker(shrinker, ...)  ((void)(shrinker), 0)
#define register_shrinker_prepared(shrinker) shrinker_register(shrinker)
#define free_prealloced_shrinker(shrinker) shrinker_free(shrinker)
#define synchronize_shrinkers()           ((void)0)
#define shrinker_debugfs_rename(shrinker, ...) ((void)(shrinker), 0)

#endif
