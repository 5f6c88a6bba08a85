/*
 * linux/types.h: the kernel's integer names over the system's header of this name, or
 * over that of Linux's tools/include, whichever comes next on the include path.
 */
#ifndef UKMEM_COMPAT_TYPES_H
#define UKMEM_COMPAT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include_next <linux/types.h>

#ifdef _TOOLS_LINUX_TYPES_H_
#define UKMEM_HAS_GFP_T         /* an enum there, which is an unsigned int too */
#else
typedef __u8 u8;
typedef __s8 s8;
typedef __u16 u16;
typedef __s16 s16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;

#define __force
#define __must_check __attribute__((warn_unused_result))
#ifndef __user
#define __user
#endif
#endif

#endif
