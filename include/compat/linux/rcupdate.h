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

#endif
