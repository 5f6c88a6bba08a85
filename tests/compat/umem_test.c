#include <sys/wait.h>
#include <umem.h>
#include <unistd.h>

#include "harness/fake_os.h"
#include "harness/test.h"

static int constructed, destroyed, reclaimed;

static int construct(void *object, void *private_data, int flags)
{
	EXPECT_EQ(private_data, &constructed);
	*(int *)object = 42;
	constructed++;
	return flags == UMEM_DEFAULT && constructed == 3;       /* the third one refuses */
}

static void destruct(void *object, void *private_data)
{
	EXPECT_EQ(private_data, &constructed);
	EXPECT_EQ(*(int *)object, 42);
	destroyed++;
}

static void reclaim(void *private_data)
{
	EXPECT_EQ(private_data, &constructed);
	reclaimed++;
}

TEST(a_cache_constructs_at_each_allocation_and_destructs_at_each_free)
{
	umem_cache_t *cache = umem_cache_create("zio", 200, 64, construct, destruct, reclaim,
						&constructed, NULL, UMC_NODEBUG);
	void *one = umem_cache_alloc(cache, UMEM_NOFAIL), *two = umem_cache_alloc(cache, 0);

	EXPECT_EQ((size_t)one % 64, 0);
	EXPECT_EQ(*(int *)two, 42);
	EXPECT_NULL(umem_cache_alloc(cache, UMEM_DEFAULT));
	umem_cache_free(cache, one);
	umem_cache_free(cache, two);
	EXPECT_EQ(constructed, 3);
	EXPECT_EQ(destroyed, 2);
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(reclaimed, 1);
	umem_cache_reap_now(cache);
	umem_cache_destroy(cache);
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(reclaimed, 1);
	EXPECT_NULL(umem_cache_create("", 8, 0, NULL, NULL, NULL, NULL, NULL, 0));
}

TEST(a_caches_objects_may_be_larger_than_any_slab)
{
	umem_cache_t *cache = umem_cache_create("zio_buf_16777216", 16 << 20, 4096, construct, destruct,
						NULL, &constructed, NULL, 0);
	void *one = umem_cache_alloc(cache, UMEM_NOFAIL), *two = umem_cache_alloc(cache, 0);

	EXPECT_EQ((size_t)one % 4096, 0);
	memset((char *)one + 4, 1, (16 << 20) - 4);
	EXPECT_EQ(*(int *)two, 42);
	EXPECT_NULL(umem_cache_alloc(cache, UMEM_DEFAULT));
	umem_cache_free(cache, one);
	umem_cache_free(cache, two);
	EXPECT_EQ(destroyed, 2);
	umem_cache_reap_now(cache);
	umem_cache_destroy(cache);
	EXPECT_NULL(umem_cache_create("huge", 16 << 20, 1 << 20, NULL, NULL, NULL, NULL, NULL, 0));
}

TEST(memory_by_size_is_cleared_or_aligned_on_demand)
{
	static const size_t sizes[] = { 1, 100, 5000, 5 << 20 };

	for (size_t i = 0; i < 4; i++) {
		unsigned char *object = umem_alloc(sizes[i], UMEM_DEFAULT);

		memset(object, 0xff, sizes[i]);
		umem_free(object, sizes[i]);
		object = umem_zalloc(sizes[i], UMEM_NOFAIL);
		EXPECT_EQ(object[0] | object[sizes[i] - 1], 0);
		umem_free(object, sizes[i]);
		for (size_t align = 8; align <= 4096; align *= 2) {
			object = umem_alloc_aligned(sizes[i], align, UMEM_DEFAULT);
			EXPECT_EQ((size_t)object % align, 0);
			umem_free_aligned(object, sizes[i]);
		}
	}
	EXPECT_NULL(umem_alloc_aligned(100, 3, UMEM_DEFAULT));
	EXPECT_NULL(umem_alloc_aligned(5 << 20, 8192, UMEM_DEFAULT));
	EXPECT_NE(umem_alloc(0, UMEM_DEFAULT), NULL);
	umem_free(umem_zalloc(0, UMEM_NOFAIL), 0);
	umem_free(NULL, 0);
}

static int calls;

static int again_twice(void)
{
	if (++calls == 3)
		fake_os_refuse(0);
	return UMEM_CALLBACK_RETRY;
}

TEST(who_may_not_fail_asks_the_callback)
{
	int status;

	fake_os_install();
	umem_free(umem_alloc(100, UMEM_DEFAULT), 100);
	umem_nofail_callback(again_twice);
	fake_os_refuse_memory();
	EXPECT_NULL(umem_alloc(10 << 20, UMEM_DEFAULT));
	EXPECT_NE(umem_alloc(10 << 20, UMEM_NOFAIL), NULL);
	EXPECT_EQ(calls, 3);
	umem_nofail_callback(NULL);
	if (fork() == 0) {
		fake_os_refuse_memory();
		umem_alloc(10 << 20, UMEM_NOFAIL);
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(WEXITSTATUS(status), 255);
}
