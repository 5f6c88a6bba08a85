/* linux/shrinker.h: 6.7's calls, and those before it for a struct of the caller's. */
#ifndef UKMEM_COMPAT_SHRINKER_H
#define UKMEM_COMPAT_SHRINKER_H

#include <linux/slab.h>
#include <ukmem/shrinker.h>

#define register_shrinker(shrinker, ...)  (shrinker_register(shrinker), 0)
#define unregister_shrinker(shrinker)     shrinker_free(shrinker)

#endif
