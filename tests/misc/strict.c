/* Macros of the headers in a caller's own code, for a compiler that knows only the standard. */
#include <ukmem/obj.h>

struct point {
	int x, y;
};

int main(void)
{
	struct kmem_cache *cache = KMEM_CACHE(point, 0);
	struct point *one = kmalloc_obj(struct point), *two = kzalloc_objs(struct point, 2);
	struct point *three = kzalloc_objs(*three, 3, GFP_ATOMIC);
	int all_cleared = two[1].x == 0 && three[2].y == 0;

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	kmem_cache_destroy(cache);
	kfree(one);
	kfree(two);
	kfree(three);
	return !all_cleared;
}
