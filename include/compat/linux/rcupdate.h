/*
 * linux/rcupdate.h: readers by userspace RCU (unless a port brings this header itself),
 * and freeing after a grace period. Link with -lukmem-rcu -lurcu.
 */
#ifndef UKMEM_COMPAT_RCUPDATE_H
#define UKMEM_COMPAT_RCUPDATE_H

#if __has_include_next(<linux/rcupdate.h>)
#include_next <linux/rcupdate.h>
#else
#include <urcu.h>
#define rcu_dereference_raw(p)               rcu_dereference(p)
#define rcu_dereference_protected(p, c)      rcu_dereference(p)
#define rcu_dereference_check(p, c)          rcu_dereference(p)
#define RCU_INIT_POINTER(p, v)               do { (p) = (v); } while (0)
#endif

#include <ukmem/rcu.h>

/* Before 6.4 the head could be left out. */
#undef kvfree_rcu
#undef kfree_rcu
#define UKMEM_RCU_WHICH(object, rcu_head, which, ...) which
#define kvfree_rcu(...) \
	UKMEM_RCU_WHICH(__VA_ARGS__, UKMEM_KVFREE_RCU, kvfree_rcu_mightsleep, )(__VA_ARGS__)
#define kfree_rcu(...)  kvfree_rcu(__VA_ARGS__)
#define kvfree_rcu_barrier_on_cache(cache)  ((void)(cache), kvfree_rcu_barrier())

#ifndef rcu_access_pointer
#define rcu_access_pointer(p)        (p)
#endif
#define rcu_replace_pointer(p, new, condition) rcu_xchg_pointer(&(p), (new))
#ifndef __rcu
#define __rcu
#endif

#endif
