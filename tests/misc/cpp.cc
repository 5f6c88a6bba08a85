// A C++ program uses the headers and the shared library.
#include <cstring>

#include <ukmem/slab.h>
#include <ukmem/stats.h>

struct point {
	double x, y;
};

int main()
{
	kmem_cache *cache = KMEM_CACHE(point, SLAB_HWCACHE_ALIGN);
	auto *object = static_cast<point *>(kmem_cache_zalloc(cache, GFP_KERNEL));
	ukmem_stats stats;

	if (object == nullptr || object->x != 0 || std::strcmp(kmem_cache_name(cache), "point") != 0)
		return 1;
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	kfree(krealloc(kmalloc(10, GFP_KERNEL), 100, GFP_KERNEL));
	ukmem_stats_read(&stats);
	return stats.caches == 0;
}
