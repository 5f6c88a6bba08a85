/*
 * ukmem_testing.h: what the tests of Linux's tools/testing expect of a slab allocator.
 *
 * Their stand-in counts what is out, for each cache and over all, and refuses an
 * allocation that may not wait unless the test allowed it. Here the allocations are
 * ukmem's; these wrappers count and refuse. Link with -lukmem-testing.
 *
 * Included by <linux/slab.h> when UKMEM_TESTING is defined.
 */
#ifndef UKMEM_TESTING_H
#define UKMEM_TESTING_H

#include <ukmem/sheaf.h>
#include <ukmem/slab.h>

/* Objects of caches that are out; bytes of kmalloc's count one each. */
extern int nr_allocated, kmalloc_nr_allocated;
extern int kmalloc_verbose, test_verbose, preempt_count;

/* The next @count allocations of @cache that may not wait succeed. */
void kmem_cache_set_non_kernel(struct kmem_cache *cache, unsigned int count);

/*
 * When an allocation that may not wait was refused, @callback(@private) is called by the
 * next allocation from this cache. A sheaf is filled by one allocation of all its objects,
 * which count as out from then on.
 */
void kmem_cache_set_callback(struct kmem_cache *cache, void (*callback)(void *));
void kmem_cache_set_private(struct kmem_cache *cache, void *private_data);

/* Bytes out, objects out, objects allocated since zero_nr_tallocated. */
unsigned long kmem_cache_get_alloc(struct kmem_cache *cache);
unsigned int kmem_cache_nr_allocated(struct kmem_cache *cache);
unsigned int kmem_cache_nr_tallocated(struct kmem_cache *cache);
void kmem_cache_zero_nr_tallocated(struct kmem_cache *cache);

/* A test of these wrappers that Linux's suite calls by this name. */
void test_kmem_cache_bulk(void);

/* Caches are counted, so none is shared. */
struct kmem_cache *ukmem_testing_create(const char *name, unsigned int size,
		unsigned int align, slab_flags_t flags, void (*ctor)(void *));
struct kmem_cache *ukmem_testing_create_args(const char *name, unsigned int size,
		const struct kmem_cache_args *args, slab_flags_t flags);
void ukmem_testing_destroy(struct kmem_cache *cache);
void *ukmem_testing_alloc(struct kmem_cache *cache, gfp_t gfp);
int ukmem_testing_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t count, void **objects);
void ukmem_testing_free(struct kmem_cache *cache, void *object);
void ukmem_testing_free_bulk(struct kmem_cache *cache, size_t count, void **objects);
struct slab_sheaf *ukmem_testing_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
		unsigned int size);
int ukmem_testing_refill_sheaf(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf **sheaf,
		unsigned int size);
void ukmem_testing_return_sheaf(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf *sheaf);
void *ukmem_testing_kmalloc(size_t size, gfp_t gfp);
void ukmem_testing_kfree(const void *object);

#ifndef UKMEM_TESTING_HOOKS
#undef kmem_cache_create
#define kmem_cache_create(name, size, third, ...)                               \
	_Generic((third),                                                       \
		struct kmem_cache_args *: ukmem_testing_create_args,            \
		void *: ukmem_testing_create_args,                              \
		default: ukmem_testing_create)((name), (size), (third), __VA_ARGS__)
#define kmem_cache_destroy              ukmem_testing_destroy
#define kmem_cache_alloc(cache, gfp)    ukmem_testing_alloc((cache), (gfp))
#define kmem_cache_zalloc(cache, gfp)   ukmem_testing_alloc((cache), (gfp) | __GFP_ZERO)
#define kmem_cache_alloc_bulk           ukmem_testing_alloc_bulk
#define kmem_cache_prefill_sheaf        ukmem_testing_prefill_sheaf
#define kmem_cache_refill_sheaf         ukmem_testing_refill_sheaf
#define kmem_cache_return_sheaf         ukmem_testing_return_sheaf
#define kmem_cache_free                 ukmem_testing_free
#define kmem_cache_free_bulk            ukmem_testing_free_bulk
#define kmalloc(size, gfp)              ukmem_testing_kmalloc((size), (gfp))
#define kzalloc(size, gfp)              ukmem_testing_kmalloc((size), (gfp) | __GFP_ZERO)
#define kzalloc_node(size, gfp, node)   ukmem_testing_kmalloc((size), (gfp) | __GFP_ZERO)
#define kmalloc_array(n, size, gfp) \
	ukmem_testing_kmalloc(ukmem_flex_bytes(0, (size), (n)), (gfp))
#define kcalloc(n, size, gfp) \
	ukmem_testing_kmalloc(ukmem_flex_bytes(0, (size), (n)), (gfp) | __GFP_ZERO)
#define kfree                           ukmem_testing_kfree
#endif

#endif
