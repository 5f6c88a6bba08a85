/*
 * owners.c: see owners.h.
 *
 * A descriptor has no room for the vector's address, so a table beside the zone has it,
 * with an entry for each page: addresses only, until a slab in those 2 MiB is charged.
 */
#include "account/owners.h"

#include <errno.h>
#include <string.h>

#include "os/ops.h"
#include "os/topology.h"

static uint16_t **table_of(const struct zone *zone)
{
	return __atomic_load_n(&zone->owners, __ATOMIC_ACQUIRE);
}

static size_t entry_of(const struct page *slab)
{
	return page_number(page_zone(slab), slab);
}

uint16_t *owners_of(const struct page *slab)
{
	uint16_t **table = table_of(page_zone(slab));

	return table != NULL ? __atomic_load_n(&table[entry_of(slab)], __ATOMIC_ACQUIRE) : NULL;
}

/* Others may bring one at the same time; the first stays. 0 or -ENOMEM. */
static int make_table(struct zone *zone)
{
	uint16_t **none = NULL;
	void *table;
	int error = os_ops.map(zone_owners_bytes(zone), &table);

	if (error == 0 && !__atomic_compare_exchange_n(&zone->owners, &none, table, false,
			__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		os_ops.unmap(table, zone_owners_bytes(zone));
	return error;
}

static enum meta_kind kind_of(const struct slab_layout *layout)
{
	return layout->num * sizeof(uint16_t) <= OWNERS_BYTES ? META_OWNERS : META_OWNERS_MANY;
}

static uint16_t *make_owners(const struct page *slab, bool may_block)
{
	struct zone *zone = page_zone(slab);
	enum meta_kind kind = kind_of(slab->layout);
	uint16_t *vector, *none = NULL;

	if (table_of(zone) == NULL && (!may_block || make_table(zone) != 0))
		return NULL;
	vector = meta_alloc(kind, page_node(slab), may_block);
	if (vector == NULL)
		return NULL;
	memset(vector, 0, slab->layout->num * sizeof(*vector));
	if (!__atomic_compare_exchange_n(&table_of(zone)[entry_of(slab)], &none, vector, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		(may_block ? meta_free : meta_keep)(kind, vector);
	return owners_of(slab);
}

static unsigned index_of(const struct page *slab, const void *object)
{
	return obj_to_index(slab->layout, slab, object);
}

bool owner_set(const struct page *slab, const void *object, uint16_t number, bool may_block)
{
	uint16_t *vector = owners_of(slab);

	if (vector == NULL)
		vector = make_owners(slab, may_block);
	if (vector == NULL)
		return false;
	vector[index_of(slab, object)] = number;
	return true;
}

uint16_t owner_take(const struct page *slab, const void *object)
{
	uint16_t *vector = owners_of(slab), number = 0;
	unsigned index = index_of(slab, object);

	if (vector != NULL && index < slab->layout->num) {
		number = vector[index];
		vector[index] = 0;
	}
	return number;
}

static void drop_owners(struct page *slab)
{
	uint16_t *vector = owners_of(slab);

	if (vector == NULL)
		return;
	table_of(page_zone(slab))[entry_of(slab)] = NULL;
	meta_free(kind_of(slab->layout), vector);
}

int owners_init(void)
{
	int error = 0;

	slab_owners_hook = drop_owners;
	for (unsigned node = 0; node < topology.nodes && error == 0; node++)
		if (zones[node].owners == NULL)
			error = make_table(&zones[node]);
	return error;
}
