/*
 * sources.c: page sources, the application's and four that come with the library.
 */
#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "base/check.h"
#include "base/uncancelled.h"
#include "cache/cache.h"
#include "debug/shadow.h"
#include "os/file.h"
#include "os/ops.h"
#include "pages/source.h"

enum { RUN_BYTES_MAX = RUN_PAGES_MAX << PAGE_SHIFT };

/* Where the windows of the hit paths end. */
#define USER_ADDRESSES ((size_t)WINDOWS << WINDOW_SHIFT)

/* ---- The application's ---------------------------------------------------------------- */

static bool is_in_order(const struct kmem_source *source)
{
	size_t start = (size_t)source->base;

	return source->name != NULL && source->zone == NULL && source->bytes != 0 &&
	       start != 0 && start % RUN_BYTES_MAX == 0 &&
	       start + source->bytes > start && start + source->bytes <= USER_ADDRESSES &&
	       source->bytes <= (size_t)1 << 40 && source->bytes % source->unit == 0 &&
	       (source->node == NUMA_NO_NODE || node_exists(source->node));
}

PUBLIC int kmem_source_register(struct kmem_source *source)
{
	int kept_errno = errno, error = boot_ensure();

	if (source->unit == 0)
		source->unit = PAGE_BYTES;
	if (source->unit < PAGE_BYTES || source->unit > RUN_BYTES_MAX ||
	    !is_power_of_two(source->unit))
		return -EINVAL;
	if (error == 0 && !is_in_order(source))
		error = -EINVAL;
	if (error == 0) {
		lock_take(&registry_lock);
		error = source_begin(source);
		lock_drop(&registry_lock);
	}
	if (error == 0)
		shadow_follow(source->base, source->bytes);
	errno = kept_errno;
	return error;
}

PUBLIC int kmem_source_unregister(struct kmem_source *source)
{
	struct zone *zone = source->zone;
	int kept_errno = errno, error;

	if (zone == NULL)
		return -EINVAL;
	deferred_settle();
	zone_purge(zone, 0);
	zone_purge_wait(zone);
	lock_take(&registry_lock);
	error = gfp_zone_is(zone) ? -EBUSY : source_end(source);
	lock_drop(&registry_lock);
	if (error == 0)
		shadow_forget(source->base, source->bytes);
	errno = kept_errno;
	return error;
}

PUBLIC int kmem_source_serve(struct kmem_source *source, gfp_t gfp)
{
	if ((gfp != __GFP_DMA && gfp != __GFP_DMA32) || (source != NULL && source->zone == NULL))
		return -EINVAL;
	lock_take(&registry_lock);
	gfp_zone_set(gfp, source != NULL ? source->zone : NULL);
	lock_drop(&registry_lock);
	return 0;
}

/* ---- How much is there ------------------------------------------------------------------ */

static size_t bytes_here(struct zone *zone, bool free_too)
{
	size_t pages;

	if (zone == NULL)
		return 0;
	lock_take(&zone->lock);
	pages = zone->reserved_pages - zone->from->away_pages - (free_too ? 0 : zone->free_pages);
	lock_drop(&zone->lock);
	return pages << PAGE_SHIFT;
}

PUBLIC size_t kmem_source_present(struct kmem_source *source)
{
	return bytes_here(source->zone, true);
}

PUBLIC size_t kmem_source_used(struct kmem_source *source)
{
	return bytes_here(source->zone, false);
}

/* ---- Four that come with the library ------------------------------------------------------ */

struct own_source {
	struct kmem_source source;      /* first */
	void *range;
	size_t range_bytes;
	int fd;
	struct file_identity file;
};

static struct own_source *own(struct kmem_source *source)
{
	return container_of(source, struct own_source, source);
}

static int purge(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return os_ops.purge(address, bytes);
}

static int lock_part(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	int error = os_ops.lock(address, bytes);

	if (error != 0) {               /* a part of it may be locked */
		os_ops.unlock(address, bytes);
		os_ops.purge(address, bytes);
	}
	return error;
}

/* What is locked can't be purged. */
static int unlock_part(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	int error = os_ops.unlock(address, bytes);

	return error != 0 ? error : os_ops.purge(address, bytes);
}

static int map_huge_part(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return os_ops.map_huge(address, bytes);
}

static int unmap_huge_part(struct kmem_source *source UNUSED, void *address, size_t bytes)
{
	return os_ops.unmap_huge(address, bytes);
}

static size_t offset_in(const struct kmem_source *source, const void *address)
{
	return (size_t)((const char *)address - (const char *)source->base);
}

static bool has_its_file(const struct own_source *it)
{
	return file_is(it->fd, &it->file);
}

static int fill_part(struct kmem_source *source, void *address, size_t bytes)
{
	return !has_its_file(own(source)) ? -EBADF :
	       os_ops.fill_shared(own(source)->fd, offset_in(source, address), bytes);
}

static int punch_part(struct kmem_source *source, void *address, size_t bytes)
{
	return !has_its_file(own(source)) ? os_ops.punch_mapped(address, bytes) :
	       os_ops.punch_shared(own(source)->fd, offset_in(source, address), bytes);
}

/* Addresses anywhere, on the boundary that a base must be on. */
static int find_range(struct own_source *it)
{
	it->range_bytes = it->source.bytes + RUN_BYTES_MAX;
	if (os_ops.reserve(NULL, it->range_bytes, &it->range) != 0)
		return -ENOMEM;
	it->source.base = (void *)align_up((size_t)it->range, RUN_BYTES_MAX);
	return 0;
}

static int find_low_range(struct own_source *it)
{
	int error = low_range(&it->source, it->source.bytes);

	it->range = it->source.base;
	it->range_bytes = it->source.bytes;
	return error;
}

static int find_usable_range(struct own_source *it)
{
	int error = find_range(it);

	return error != 0 ? error : os_ops.commit(it->source.base, it->source.bytes);
}

/* So that a machine without any is told at once. */
static int find_huge_range(struct own_source *it)
{
	int error = find_range(it);

	if (error != 0)
		return error;
	error = os_ops.map_huge(it->source.base, it->source.unit);
	return error != 0 ? error : os_ops.unmap_huge(it->source.base, it->source.unit);
}

static int find_shared_range(struct own_source *it)
{
	int error = find_range(it);

	if (error == 0)
		error = os_ops.open_shared(it->source.name, it->source.bytes, &it->fd);
	if (error != 0)
		return error;
	file_identify(it->fd, &it->file);
	return os_ops.map_shared(it->source.base, it->source.bytes, it->fd);
}

static void give_up(struct own_source *it)
{
	if (it->range != NULL)
		os_ops.unreserve(it->range, it->range_bytes);
	if (has_its_file(it))
		uncancelled_close(it->fd);
	kfree(it);
}

/* @what is lacking, if it is not to be had. */
static struct kmem_source *make(const struct kmem_source *like, size_t bytes,
				int (*find)(struct own_source *it), const char *what)
{
	struct own_source *it = kzalloc(sizeof(*it), GFP_KERNEL);
	int kept_errno = errno, error = 0;

	if (it == NULL)
		return NULL;
	it->source = *like;
	it->source.bytes = align_up(bytes, RUN_BYTES_MAX);
	it->fd = -1;
	if (bytes == 0 || it->source.bytes < bytes || it->source.bytes > (size_t)1 << 40)
		error = -EINVAL;
	if (error == 0)
		error = find(it);
	if (error == 0)
		error = kmem_source_register(&it->source);
	errno = kept_errno;
	if (error == 0)
		return &it->source;
	give_up(it);
	slab_log("kmem_source_%s(%zu): no %s: %s", like->name, bytes, what,
		 strerrordesc_np(-error));
	errno = -error;
	return NULL;
}

/* Chosen: 64 KiB, so that a slab is not a system call each. */
enum { UNIT_BYTES = 64 << 10, HUGE_BYTES = 2 << 20 };

PUBLIC struct kmem_source *kmem_source_low(size_t bytes)
{
	static const struct kmem_source low = {
		.name = "low", .unit = PAGE_BYTES, .node = NUMA_NO_NODE, .zeroed = true,
		.free = purge,
	};

	return make(&low, bytes, find_low_range, "addresses below 4 GiB");
}

PUBLIC struct kmem_source *kmem_source_locked(size_t bytes)
{
	static const struct kmem_source locked = {
		.name = "locked", .unit = UNIT_BYTES, .node = NUMA_NO_NODE, .zeroed = true,
		.alloc = lock_part, .free = unlock_part,
	};

	return make(&locked, bytes, find_usable_range, "addresses");
}

PUBLIC struct kmem_source *kmem_source_huge(size_t bytes)
{
	static const struct kmem_source huge = {
		.name = "huge", .unit = HUGE_BYTES, .node = NUMA_NO_NODE, .zeroed = true,
		.alloc = map_huge_part, .free = unmap_huge_part,
	};

	return make(&huge, bytes, find_huge_range,
		    "huge pages of 2 MiB are reserved and free (vm.nr_hugepages; Linux 5.16)");
}

PUBLIC struct kmem_source *kmem_source_shared(size_t bytes)
{
	static const struct kmem_source shared = {
		.name = "shared", .unit = UNIT_BYTES, .node = NUMA_NO_NODE, .zeroed = true,
		.shared = true, .alloc = fill_part, .free = punch_part,
	};

	return make(&shared, bytes, find_shared_range, "memory file");
}

static bool is_own(const struct kmem_source *source)
{
	return source->alloc == fill_part || source->alloc == lock_part ||
	       source->alloc == map_huge_part || source->free == purge;
}

PUBLIC int kmem_source_fd(const struct kmem_source *source)
{
	return source->alloc == fill_part ? container_of(source, const struct own_source,
							 source)->fd : -1;
}

PUBLIC int kmem_source_destroy(struct kmem_source *source)
{
	int error;

	if (source == NULL)
		return 0;
	if (!is_own(source))
		return -EINVAL;
	error = kmem_source_unregister(source);
	if (error == 0)
		give_up(own(source));
	return error;
}
