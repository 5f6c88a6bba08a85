/*
 * slabinfo.c: all caches as /proc/slabinfo prints them, and its write form.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cache/cache.h"

/* A bounded text that keeps counting where it no longer writes. */
struct text {
	char *buffer;
	size_t size, length;
};

static PRINTF(2, 3) void append(struct text *text, const char *format, ...)
{
	size_t room = text->length < text->size ? text->size - text->length : 0;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(room != 0 ? text->buffer + text->length : NULL, room, format, arguments);
	va_end(arguments);
	text->length += length > 0 ? (size_t)length : 0;
}

struct slabinfo {
	size_t slabs, active_slabs, objects, active_objects, shared_avail;
};

static struct slabinfo sum_nodes(struct kmem_cache_node *const *nodes, unsigned num)
{
	struct slabinfo info = { 0 };

	for (unsigned node = 0; node < topology.nodes; node++) {
		struct kmem_cache_node *n = nodes[node];

		lock_take(&n->list_lock);
		info.slabs += n->total_slabs;
		info.active_slabs += n->total_slabs - n->free_slabs;
		info.active_objects += n->total_slabs * num - n->free_objects;
		info.shared_avail += n->shared != NULL ? n->shared->avail : 0;
		lock_drop(&n->list_lock);
	}
	info.objects = info.slabs * num;
	return info;
}

static void print_line(struct text *text, const char *name, const struct slab_layout *layout,
		       const struct cpu_arrays *cpu, struct kmem_cache_node *const *nodes)
{
	struct slabinfo info = sum_nodes(nodes, layout->num);
	char name_shown[NAME_BYTES];

	strcpy(name_shown, name);
	append(text, "%-17s %6zu %6zu %6u %4u %4u", shown(name_shown), info.active_objects,
	       info.objects, layout->size, layout->num, 1u << layout->gfporder);
	append(text, " : tunables %4u %4u %4u", cpu != NULL ? cpu_limit(cpu) : 0,
	       cpu != NULL ? cpu_batchcount(cpu) : 0, cpu != NULL ? cpu->shared : 0);
	append(text, " : slabdata %6zu %6zu %6zu\n", info.active_slabs, info.slabs,
	       info.shared_avail);
}

PUBLIC size_t slabinfo_read(char *buffer, size_t size)
{
	struct text text = { .buffer = buffer, .size = buffer != NULL ? size : 0 };

	append(&text, "slabinfo - version: 2.1\n"
	       "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
	       " : tunables <limit> <batchcount> <sharedfactor>"
	       " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	if (boot_ensure() != 0 && !booted)
		return text.length;
	lock_take(&registry_lock);
	for_each_cache(cache)
		print_line(&text, cache->name, &cache->layout, &cache->cpu, cache_nodes(cache));
	for (unsigned kind = META_KINDS; kind-- > 0;)
		print_line(&text, meta_caches[kind].name, &meta_caches[kind].layout, NULL,
			   meta_caches[kind].nodes);
	lock_drop(&registry_lock);
	return text.length;
}

enum { WRITE_MAX = 256 };

/*
 * Linux's rules: the name ends at the first blank and must be there; then at least
 * three decimal numbers; whatever follows is ignored.
 */
static bool parse_write(const char *line, size_t *name_length, int *numbers)
{
	const char *blank = strchr(line, ' ');

	if (blank == NULL || blank == line)
		return false;
	*name_length = (size_t)(blank - line);
	return sscanf(blank, " %d %d %d", &numbers[0], &numbers[1], &numbers[2]) == 3;
}

/* Numbers that can't be tunables count as written, and change nothing. */
static int apply(struct kmem_cache *cache, const int *numbers)
{
	int limit = numbers[0], batchcount = numbers[1], shared = numbers[2];

	if (limit < 1 || batchcount < 1 || batchcount > limit || shared < 0)
		return 0;
	if (limit > ARRAY_LIMIT_MAX || (int64_t)shared * batchcount > ARRAY_LIMIT_MAX)
		return -EINVAL;
	return do_tune_cpucache(cache, (unsigned)limit, (unsigned)batchcount, (unsigned)shared);
}

PUBLIC ssize_t slabinfo_write(const char *text, size_t length)
{
	char line[WRITE_MAX];
	size_t name_length;
	int numbers[3], error = -EINVAL;
	struct kmem_cache *cache;

	if (text == NULL || length >= WRITE_MAX)
		return -EINVAL;
	memcpy(line, text, length);
	line[length] = '\0';
	if (!parse_write(line, &name_length, numbers) || boot_ensure() != 0)
		return -EINVAL;
	lock_take(&registry_lock);
	cache = find_by_name(line, name_length);
	if (cache != NULL)
		error = apply(cache, numbers);
	lock_drop(&registry_lock);
	return error == 0 ? (ssize_t)length : error;
}
