#include "debug/strict.h"

#include <string.h>

#include "base/check.h"
#include "debug/poison.h"

void strict_attach(struct slab_layout *layout)
{
	if (layout->placement != FREELIST_MAP)
		return;
	layout->seal = random_number() | 1;
	layout->clears = layout->ctor == NULL && !layout->late_readers;
}

/* Its lowest byte, the first behind the object, is not the 0 that ends a text. */
static uint64_t seal_of(const struct slab_layout *layout, const char *object)
{
	return (layout->seal ^ (uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15)) | 1;
}

static void set_seal(const struct slab_layout *layout, char *object)
{
	uint64_t seal = seal_of(layout, object);

	memcpy(object + layout->object_size, &seal, sizeof(seal));
	memcpy(object + layout->object_size + sizeof(seal), &seal, sizeof(seal));
}

static bool is_sealed(const struct slab_layout *layout, const char *object)
{
	uint64_t seal = seal_of(layout, object), found[2];

	memcpy(found, object + layout->object_size, sizeof(found));
	return found[0] == seal && found[1] == seal;
}

/* Many may be cold: on their way before the first is waited for. */
void strict_taken(const struct slab_layout *layout, void *const *objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		__builtin_prefetch(objects[i], 1);
	for (unsigned i = 0; i < count; i++) {
		if (layout->clears && first_other(objects[i], layout->object_size, 0) != NULL)
			slab_panic("write after free of %p, an object of cache %s", objects[i],
				   layout->name);
		set_seal(layout, objects[i]);
	}
}

void strict_check(const struct slab_layout *layout, void *object)
{
	const struct page *slab = virt_to_head_page(object);
	size_t offset = (size_t)((char *)object - (char *)page_address(slab));
	unsigned index = obj_to_index(layout, slab, object);

	if (index >= layout->num || index_to_obj(layout, slab, index) != object)
		slab_bad_free(slab, offset, "is no object's start");
	if (!is_sealed(layout, object))
		slab_panic("write past the end of %p, an object of cache %s, %u bytes", object,
			   layout->name, layout->object_size);
	if (layout->clears)
		memset(object, 0, layout->object_size);
}
