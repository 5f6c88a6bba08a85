/*
 * slab.h: typed object caches and kmalloc, the SLAB allocator in user space.
 *
 * Link with -lukmem. The names, flags and meanings are those of Linux's
 * <linux/slab.h>; what differs from the kernel is said at each function.
 *
 * Said once for all functions:
 *   Threads  any thread may call any function at any time, and free what another
 *            thread allocated, unless a function says otherwise.
 *   Signals  from a signal handler only allocation with GFP_ATOMIC or GFP_NOWAIT
 *            is safe (it never waits and makes no system call, but for the
 *            process's first call: gfp.h).
 *   fork     both parent and child go on, whatever other threads were doing.
 *   NULL     as a cache is a bug of the caller for alloc and free (it faults); every
 *            other function says what it does with NULL.
 *   errno    is set to ENOMEM or EINVAL by a function that returns NULL for that
 *            reason, and kept by every function that frees.
 */
#ifndef UKMEM_SLAB_H
#define UKMEM_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <ukmem/gfp.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UKMEM_VERSION "0.1.0"

/* Call through the GOT, past the PLT: one jump less on the functions that hit. */
#if defined(__has_attribute)
#if __has_attribute(__noplt__)
#define UKMEM_HOT __attribute__((__noplt__))
#endif
#endif
#ifndef UKMEM_HOT
#define UKMEM_HOT
#endif

/* Flags of a cache: Linux 6.1's names and values. */
typedef unsigned int slab_flags_t;

#define SLAB_CONSISTENCY_CHECKS 0x00000100u /* checks: such a cache has no */
#define SLAB_RED_ZONE           0x00000400u /*   arrays, is never merged, and */
#define SLAB_POISON             0x00000800u /*   reports misuse; all caches can */
#define SLAB_STORE_USER         0x00010000u /*   have them: docs/debugging.md */
#define SLAB_TRACE              0x00200000u
#define SLAB_FAILSLAB           0x02000000u
#define SLAB_HWCACHE_ALIGN      0x00002000u /* align objects to cache lines */
#define SLAB_CACHE_DMA          0x00004000u
#define SLAB_CACHE_DMA32        0x00008000u /* slabs below 4 GiB, or as source.h says */
#define SLAB_RECLAIM_ACCOUNT    0x00020000u /* objects can be reclaimed on demand */
#define SLAB_PANIC              0x00040000u /* abort if the cache can't be created */
#define SLAB_TYPESAFE_BY_RCU    0x00080000u /* pages stay for readers: <ukmem/rcu.h> */
#define SLAB_MEM_SPREAD         0x00100000u
#define SLAB_NOLEAKTRACE        0x00800000u
#define SLAB_ACCOUNT            0x04000000u
#define SLAB_NO_USER_FLAGS      0x10000000u

/*
 * Ours: what was memory of this cache never becomes another type's, so that a pointer that
 * outlives its object meets another of the same type at worst. Not merged; slabs that
 * leave give their memory to the OS and keep their addresses. SLAB_TYPESAFE_BY_RCU means
 * the same, unless hardening:off. Two bits, since kernels refuse each, and so do we.
 */
#define SLAB_TYPE_APART         0x28000000u

#define KMALLOC_MAX_SIZE        ((size_t)4 << 20)
#define KMALLOC_MIN_SIZE        ((size_t)32)
#define NUMA_NO_NODE            (-1)

/* What kmalloc(0) returns: not NULL, not to be used, may be freed. */
#define ZERO_SIZE_PTR           ((void *)16)
#define ZERO_OR_NULL_PTR(p)     ((size_t)(p) <= (size_t)ZERO_SIZE_PTR)

struct kmem_cache;

/* ---- Object caches -------------------------------------------------------- */

/*
 * kmem_cache_create - make a cache of equal-sized objects.
 *
 * @name   is copied, up to 191 bytes. Names need not be unique. The table of slabinfo and all
 *         tools show a byte that is not visible ASCII, a blank too, as `?`.
 * @size   bytes of an object, 1 .. KMALLOC_MAX_SIZE.
 * @align  a power of two, or 0 for a pointer's alignment. Who wants whole pages says so: objects of
 *         half a page, a page, or two otherwise lie a cache line further apart.
 * @ctor   runs once per object when its slab is made, not at each allocation; an
 *         object must be in constructed state when it is freed. May be NULL.
 * Returns a cache; or NULL with errno EINVAL (an argument is out of range), E2BIG
 *         (no layout fits) or ENOMEM, and one line in the log. With SLAB_PANIC it
 *         aborts instead. An alike cache may be shared (merged), see
 *         docs/tuning.md; then the same pointer is returned and counted.
 * Cost    O(CPUs + nodes). No slab is made before the first allocation.
 * Signals never from a handler.
 */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
		unsigned int align, slab_flags_t flags, void (*ctor)(void *object));

/*
 * kmem_cache_create_usercopy - the same, with a window of each object, @useroffset
 * and @usersize bytes, that may be copied to and from the outside. A window that
 * does not fit in the object is logged and taken as empty. Never merged.
 */
struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
		unsigned int align, slab_flags_t flags, unsigned int useroffset,
		unsigned int usersize, void (*ctor)(void *object));

/*
 * kmem_cache_create_args - the same from a struct, as Linux 6.12 and later have it.
 *
 * @args is copied; NULL is all zeroes. In C11 kmem_cache_create takes either form:
 *
 *     kmem_cache_create("node", 256, &(struct kmem_cache_args){ .align = 256 }, flags);
 *
 * (A literal with several members stands in parentheses of its own: it is a macro.)
 *
 * Misuse  a source that is not registered is EINVAL. use_freeptr_offset with an offset outside the object, or not aligned to a
 *         pointer, is EINVAL. (Our free lists never lie in a free object of a cache
 *         that has a constructor or is SLAB_TYPESAFE_BY_RCU, so a good one is met.)
 */
struct kmem_source;
struct kmem_cache_args {
	unsigned int align;
	unsigned int useroffset, usersize;      /* as kmem_cache_create_usercopy */
	unsigned int freeptr_offset;
	bool use_freeptr_offset;
	void (*ctor)(void *object);
	unsigned int sheaf_capacity;            /* a CPU's array holds at least this many;
						   such a cache is never merged */
	struct kmem_source *source;             /* whose pages (<ukmem/source.h>); never
						   merged. NULL: the system's */
};
struct kmem_cache *kmem_cache_create_args(const char *name, unsigned int size,
		const struct kmem_cache_args *args, slab_flags_t flags);

#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define kmem_cache_create(name, size, third, ...)                               \
	_Generic((third),                                                       \
		struct kmem_cache_args *: kmem_cache_create_args,               \
		const struct kmem_cache_args *: kmem_cache_create_args,         \
		void *: kmem_cache_create_args,                                 \
		default: kmem_cache_create)((name), (size), (third), __VA_ARGS__)
#endif
#ifdef __cplusplus
extern "C++" {
/* That form in C++. */
inline struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
		const struct kmem_cache_args *args, slab_flags_t flags)
{
	return kmem_cache_create_args(name, size, args, flags);
}
}
#endif

/* KMEM_CACHE - a cache for objects of `struct s`, named and aligned like it. */
#define KMEM_CACHE(s, flags) \
	kmem_cache_create(#s, sizeof(struct s), __alignof__(struct s), (flags), NULL)

/*
 * kmem_cache_alloc - take one object.
 *
 * Returns an object, its contents as @ctor or its last owner left them (cleared
 *         with __GFP_ZERO); NULL with errno ENOMEM when the system refuses.
 * Cost    hit: one restartable sequence; no lock, no atomic operation, no call.
 *         miss: one batch under a lock. grow: one slab of pages.
 * Signals with GFP_ATOMIC or GFP_NOWAIT.
 */
UKMEM_HOT void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);

/*
 * ukmem_alloc_uncleared - the same for a gfp without __GFP_ZERO and __GFP_ACCOUNT, two
 * instructions shorter.
 * Calls of kmem_cache_alloc whose gfp is such a constant become this by themselves.
 */
UKMEM_HOT void *ukmem_alloc_uncleared(struct kmem_cache *cache, gfp_t gfp);

/* kmem_cache_zalloc - the same, cleared. */
UKMEM_HOT void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp);

/*
 * kmem_cache_alloc_node - take an object of NUMA node @node (NUMA_NO_NODE: any).
 * Another node serves when it can't, unless @gfp has __GFP_THISNODE: then the object's
 * pages are touched and lie on that node (move_pages(2), a system call each time), or
 * it is ENOMEM. A node that does not exist is EINVAL.
 */
UKMEM_HOT void *kmem_cache_alloc_node(struct kmem_cache *cache, gfp_t gfp, int node);

/*
 * kmem_cache_free - give an object back. NULL does nothing. Keeps errno.
 *
 * Cost    as kmem_cache_alloc. An object of another node goes to an alien cache.
 * Misuse  a pointer outside all slabs aborts with a report when it is seen on the
 *         slow path; an object of another cache, or freed twice, is undefined.
 */
UKMEM_HOT void kmem_cache_free(struct kmem_cache *cache, void *object);

/*
 * kmem_cache_alloc_bulk - take @count objects into @objects, as so many single calls would.
 *
 * Returns @count, or 0 with errno ENOMEM and nothing taken.
 * Cost    what the CPU's array has is copied in one restartable sequence, at most 256 objects
 *         at a time; about half the time of single calls at 32. Free likewise.
 */
int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t count,
		void **objects);

/*
 * kmem_cache_free_bulk - free @count objects of one cache; NULLs are skipped. @cache NULL:
 * of any caches and of kmalloc, as kfree_bulk.
 */
void kmem_cache_free_bulk(struct kmem_cache *cache, size_t count, void **objects);

/*
 * kmem_cache_shrink - empty all arrays and give all free slabs back to the OS.
 *
 * Returns 0 when no object is left out, 1 when some are; -EINVAL for NULL.
 * Cost    a membarrier and the locks of all nodes; for idle moments.
 */
int kmem_cache_shrink(struct kmem_cache *cache);

/*
 * kmem_cache_destroy - give the cache up. NULL does nothing.
 *
 * The last of several merged users tears it down. If objects are still out, their
 * number is logged and the cache is kept, so that they stay valid.
 * Threads nobody may use the cache any more.
 * Misuse  what is no cache (any more) aborts with a report.
 */
void kmem_cache_destroy(struct kmem_cache *cache);

/*
 * kmem_cache_tune - new array sizes, while other threads go on.
 *
 * @limit       objects a CPU's array holds, 1 .. 65535
 * @batchcount  objects moved at once, 1 .. limit
 * @shared      the node's shared array holds shared * batchcount; 0: none
 * Returns 0; -EINVAL or -ENOMEM with everything as it was; -EBUSY while the program is
 *         recorded (ukmem record --trace).
 */
int kmem_cache_tune(struct kmem_cache *cache, int limit, int batchcount, int shared);

/* The size the creator asked for (the larger one of merged caches); 0 for NULL. */
unsigned int kmem_cache_size(struct kmem_cache *cache);

/* The name given by the first creator; NULL for NULL. */
const char *kmem_cache_name(struct kmem_cache *cache);

/* ---- Objects by size ------------------------------------------------------- */

/*
 * kmalloc - take at least @size bytes, from the cache of the next size up.
 *
 * The sizes are 32, 64, 96, 128, 192, 256, 512, 1 KiB and on in powers of two to
 * 4 MiB. A power of two is aligned to itself.
 * Returns memory; ZERO_SIZE_PTR for 0; NULL with errno ENOMEM above 4 MiB or when
 *         the system refuses.
 */
UKMEM_HOT void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void *kmalloc_node(size_t size, gfp_t gfp, int node);
void *kzalloc_node(size_t size, gfp_t gfp, int node);

/* Arrays; NULL with errno ENOMEM when @n * @size overflows. */
void *kmalloc_array(size_t n, size_t size, gfp_t gfp);
void *kcalloc(size_t n, size_t size, gfp_t gfp);
void *krealloc_array(void *object, size_t n, size_t size, gfp_t gfp);

/*
 * krealloc - resize; contents are kept up to the smaller size. krealloc(NULL, n)
 * allocates; krealloc(p, 0) frees p and returns ZERO_SIZE_PTR. On failure the old
 * object stays as it is. Memory that was had with __GFP_ZERO, and is always resized with
 * it, is zero wherever it grows.
 */
void *krealloc(const void *object, size_t size, gfp_t gfp);

/*
 * krealloc_node_align - the same on a multiple of @align, a power of two (0, 1: any). It
 * moves if it is not there yet, and to @node (NUMA_NO_NODE: any) only with __GFP_THISNODE.
 */
void *krealloc_node_align(const void *object, size_t size, size_t align, gfp_t gfp, int node);

/* Copies: of bytes, of a text, of at most @max bytes of a text and a NUL. */
void *kmemdup(const void *from, size_t size, gfp_t gfp);
char *kstrdup(const char *from, gfp_t gfp);              /* NULL gives NULL */
char *kstrndup(const char *from, size_t max, gfp_t gfp); /* NULL gives NULL */

/*
 * ksize - bytes usable at @object: at least what was asked for. 0 for NULL and zero size.
 *
 * Misuse  as kfree: what kvmalloc took from elsewhere is in no slab.
 */
size_t ksize(const void *object);

/*
 * kfree - free memory of kmalloc or of a kmem_cache. NULL and ZERO_SIZE_PTR do
 * nothing. Keeps errno.
 *
 * Misuse  a pointer that is in no slab aborts with a report.
 */
UKMEM_HOT void kfree(const void *object);
void kfree_bulk(size_t count, void **objects);
void kfree_sensitive(const void *object);                /* cleared first */

/* The bytes kmalloc(@size) would make usable; @size itself for 0 and above 4 MiB. */
size_t kmalloc_size_roundup(size_t size);

/*
 * kmalloc_nolock - take memory in any context, a signal handler above all.
 *
 * It never waits and makes no system call; it fails when all it could do is wait.
 * Of @gfp only __GFP_ZERO and __GFP_ACCOUNT count. @node may be NUMA_NO_NODE.
 * Returns as kmalloc.
 */
void *kmalloc_nolock(size_t size, gfp_t gfp, int node);

/*
 * kfree_nolock - free memory of kmalloc or kmalloc_nolock in any context.
 *
 * What can't go at once, because the code that was interrupted holds the lock, waits
 * in a list; the next miss, shrink or round of the reaper frees it.
 * Misuse  a pointer that is in no slab, and an object of a cache with a constructor,
 *         abort with a report.
 */
void kfree_nolock(const void *object);

/*
 * kvmalloc - kmalloc, or whole pages of their own above its reach and where it has no room; any
 * size. Not for __GFP_DMA, and within kmalloc's reach not for what is charged to a group: those
 * are refused instead.
 */
void *kvmalloc(size_t size, gfp_t gfp);
void *kvzalloc(size_t size, gfp_t gfp);
void *kvmalloc_node(size_t size, gfp_t gfp, int node);
void *kvmalloc_array(size_t n, size_t size, gfp_t gfp);
void *kvcalloc(size_t n, size_t size, gfp_t gfp);
void kvfree(const void *object);

/* On a multiple of @align. Above 4 MiB a page's is the most: more is EINVAL. */
void *kvmalloc_node_align(size_t size, size_t align, gfp_t gfp, int node);

/* kvrealloc - as krealloc, of any size; kvrealloc(p, 0) returns NULL or ZERO_SIZE_PTR. */
void *kvrealloc(const void *object, size_t size, gfp_t gfp);
void *kvrealloc_node_align(const void *object, size_t size, size_t align, gfp_t gfp, int node);

/* ---- Seeing and steering ---------------------------------------------------- */

/*
 * slabinfo_read - the table of all caches as /proc/slabinfo prints it (version
 * 2.1), at most @size bytes and a NUL.
 *
 * Returns the length of the whole text, like snprintf.
 */
size_t slabinfo_read(char *buffer, size_t size);

/*
 * slabinfo_write - the write form: "name limit batchcount shared".
 *
 * The name is the one that slabinfo_read shows, of several such the newest cache's.
 * Returns @length; -EINVAL (not such a line, no such cache, out of range) or
 * -ENOMEM with nothing changed. As in Linux, numbers that cannot be tunables
 * (limit below 1, batchcount out of 1..limit, shared below 0) are accepted and
 * ignored: the line counts as written and nothing changes.
 */
ssize_t slabinfo_write(const char *text, size_t length);

/*
 * kmem_dump_obj - one line on stderr that says what @address is in: the cache, where
 * the object begins, how far inside it @address is.
 *
 * Returns false, with nothing said, for an address that is in no object.
 */
bool kmem_dump_obj(const void *address);

/*
 * kmem_vfork_guard - keep this thread off the per-CPU arrays while @on.
 *
 * A child of vfork or clone(CLONE_VM) runs on this thread's thread-local memory
 * without the kernel's restart promise. POSIX forbids it to allocate; call
 * kmem_vfork_guard(true) before such a call and (false) in the parent after it,
 * and allocation works in the child too, under locks. See docs/rseq.md.
 */
void kmem_vfork_guard(bool on);

#ifdef __cplusplus
}
#endif

#ifndef UKMEM_INLINE_HITS
#include <ukmem/call.h>
#endif

#endif
