/* linux/mempool.h */
#ifndef UKMEM_COMPAT_MEMPOOL_H
#define UKMEM_COMPAT_MEMPOOL_H

#include <linux/slab.h>
#include <ukmem/mempool.h>

#endif
