#include "harness/look.h"

#include <string.h>

#include "harness/test.h"

void run_on_cpu(int cpu)
{
	if (!booted)
		threads_all_pretend();
	EXPECT_EQ(boot_ensure(), 0);
	thread_pretend_cpu(cpu);
}

/* A usercopy window of one byte keeps every other cache from sharing. */
struct kmem_cache *cache_of(const char *name, unsigned size)
{
	struct kmem_cache *cache = kmem_cache_create_usercopy(name, size, 0, 0, 0, 1, NULL);

	EXPECT_NE(cache, NULL);
	return cache;
}

struct kmem_cache_node *node_of(struct kmem_cache *cache, unsigned node)
{
	return cache_nodes(cache)[node];
}

struct array_cache *array_of(struct kmem_cache *cache, unsigned cpu)
{
	return cache->cpu.slot[cpu];
}

unsigned alien_count(struct kmem_cache *cache, unsigned node, unsigned home)
{
	return node_of(cache, node)->alien[home].array->avail;
}

size_t slabs_of(struct kmem_cache *cache)
{
	size_t slabs = 0;

	for (unsigned node = 0; node < topology.nodes; node++)
		slabs += node_of(cache, node)->total_slabs;
	return slabs;
}

struct page *slab_of_object(const void *object)
{
	struct page *slab = virt_to_head_page(object);

	EXPECT(slab != NULL && slab->state == PAGE_SLAB);
	return slab;
}

unsigned node_of_address(const void *address)
{
	EXPECT_NE(zone_of(address), NULL);
	return zone_of(address)->node;
}

size_t meta_active_objects(void)
{
	size_t active = 0;

	for (unsigned kind = 0; kind < META_KINDS; kind++)
		for (unsigned node = 0; node < topology.nodes; node++) {
			struct kmem_cache_node *n = meta_caches[kind].nodes[node];

			active += n->total_slabs * n->layout->num - n->free_objects;
		}
	return active;
}

void check_everything(void)
{
	lock_take(&registry_lock);
	for_each_cache(cache) {
		cache_check(cache);
		EXPECT(cpu_class_is_mirrored(&cache->cpu));                             /* C4 */
	}
	lock_drop(&registry_lock);
	for (unsigned kind = 0; kind < META_KINDS; kind++)
		for (unsigned node = 0; node < topology.nodes; node++)
			node_check(meta_caches[kind].nodes[node]);
	for (unsigned number = 0; number < zones_count; number++)
		zone_check(&zones[number]);
}

void take_objects(struct kmem_cache *cache, void **objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_NE(objects[i], NULL);
	}
}

void give_objects(struct kmem_cache *cache, void **objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		kmem_cache_free(cache, objects[i]);
}

const char *slabinfo_line(const char *name)
{
	static char text[64 << 10];
	size_t length = strlen(name);

	EXPECT(slabinfo_read(text, sizeof(text)) < sizeof(text));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (strncmp(line, name, length) == 0 && line[length] == ' ')
			return line;
	return NULL;
}
