/*
 * With heap_sample every cache's calls are seen, and some of them noted by their stack.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "debug/sample.h"
#include "harness/fake_os.h"
#include "harness/look.h"
#include "harness/test.h"

#define SAMPLE_ALL FOUR_CPUS "heap_sample:1 "

static void sum_sites(uint64_t *allocated, uint64_t *freed)
{
	*allocated = *freed = 0;
	for (unsigned i = 0; i < SAMPLE_SITES && sampler != NULL; i++) {
		*allocated += sampler->site[i].allocated;
		*freed += sampler->site[i].freed;
	}
}

TEST_ON(SAMPLE_ALL, nearly_every_large_object_is_noted_at_one_in_a_byte)
{
	struct kmem_cache *cache;
	void *objects[1000];
	uint64_t allocated, freed;

	run_on_cpu(0);
	cache = cache_of("story", 1000);
	take_objects(cache, objects, 1000);
	sum_sites(&allocated, &freed);
	EXPECT(allocated + sampler->dropped >= 999);
	EXPECT_EQ(freed, 0);
	give_objects(cache, objects, 1000);
	sum_sites(&allocated, &freed);
	EXPECT_EQ(freed, allocated);
	check_everything();
}

TEST_ON(FOUR_CPUS, without_the_option_there_are_no_samples_and_no_hooks)
{
	struct kmem_cache *cache = cache_of("story", 64);

	EXPECT_NULL(sampler);
	EXPECT_NULL(cache->layout.hooks);
	EXPECT_NE(cache->cpu.limit, 0);
}

TEST_ON(SAMPLE_ALL, a_stack_has_one_site_for_each_size)
{
	struct kmem_cache *cache;
	unsigned sites = 0;

	run_on_cpu(0);
	cache = cache_of("story", 1000);
	for (int i = 0; i < 100; i++)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	for (unsigned i = 0; i < SAMPLE_SITES; i++)
		sites += sampler->site[i].state != 0 && sampler->site[i].size == 1000;
	EXPECT_EQ(sites, 1);
}

TEST_ON(FOUR_CPUS "heap_sample:1000000 ", few_small_objects_are_noted)
{
	struct kmem_cache *cache;
	uint64_t allocated, freed;

	run_on_cpu(0);
	cache = cache_of("story", 64);
	for (int i = 0; i < 10000; i++)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	sum_sites(&allocated, &freed);
	EXPECT(allocated < 20);
}

/* In a child: the @k-th request is refused; what can't sample must work without. */
static bool works_when_refused(unsigned k)
{
	struct kmem_cache *cache;
	void *object;

	fake_os_install();
	fake_os_refuse(k);
	cache = kmem_cache_create("story", 1000, 0, 0, NULL);
	if (cache == NULL)
		cache = kmem_cache_create("story", 1000, 0, 0, NULL);
	if (cache == NULL || (sampler == NULL && cache->layout.hooks != NULL))
		return false;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	return object != NULL;
}

TEST_ON(SAMPLE_ALL, refused_memory_for_samples_is_no_reason_to_fail)
{
	for (unsigned k = 1; k <= 12; k++) {
		int status = 1;
		pid_t child = fork();

		if (child == 0)
			_exit(!works_when_refused(k));
		EXPECT_EQ(waitpid(child, &status, 0), child);
		EXPECT_EQ(status, 0);
	}
}
