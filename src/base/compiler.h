/*
 * compiler.h: words for the compiler, and sizes of the machine.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define likely(x)    __builtin_expect(!!(x), 1)
#define unlikely(x)  __builtin_expect(!!(x), 0)

#define HOT_INLINE   static inline __attribute__((always_inline))
#define COLD         __attribute__((cold, noinline))
#define PUBLIC       __attribute__((visibility("default")))
/* Of a variable that another file defines: no detour by the linker's table. -fvisibility is for definitions. */
#define OURS         __attribute__((visibility("hidden")))
#define HIT          __attribute__((aligned(CACHE_LINE_BYTES)))  /* not wherever the linker puts it */
#define NORETURN     __attribute__((noreturn))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define UNUSED       __attribute__((unused))

/*
 * Variables that a short program leaves alone, and tables of which it uses the beginning,
 * lie behind all others (the Makefile has sections sorted by name): what it does use is on
 * few pages then, each of which costs a fault.
 */
#define LONG_TABLE   __attribute__((section(".bss.long")))
#define RARELY_USED  __attribute__((section(".bss.rare")))
#define RARELY_WRITTEN __attribute__((section(".data.rare")))
/* Where who tries is stopped; no const, since the type's others are written. */
#define NEVER_WRITTEN __attribute__((section(".data.rel.ro")))

#define CACHE_LINE_BYTES 64
#define PAGE_SHIFT       12
#define PAGE_BYTES       ((size_t)1 << PAGE_SHIFT)

#define ARRAY_LENGTH(a)  (sizeof(a) / sizeof((a)[0]))

/* What others may write meanwhile. */
#define PEEK(field)  __atomic_load_n(&(field), __ATOMIC_RELAXED)

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

/* Tell the core that we are only waiting. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif

/* The thread sanitizer sees neither inline assembly nor its promises. */
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define UNDER_TSAN 1
#else
#define UNDER_TSAN 0
#endif

#endif
