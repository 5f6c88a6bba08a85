#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ukmem/pages.h>
#include <unistd.h>

#include "harness/books.h"
#include "harness/test.h"
#include "os/ops.h"

static void *objects[20000];

/* ---- gfp zones --------------------------------------------------------------------------- */

static bool is_low(const void *object)
{
	return (size_t)object >> 32 == 0;
}

TEST(dma32_is_memory_below_4_gib)
{
	struct kmem_cache *cache = kmem_cache_create("ring", 256, 0, SLAB_CACHE_DMA32, NULL);
	struct page *page = alloc_pages(GFP_KERNEL | GFP_DMA32, 4);

	EXPECT_NE(cache, NULL);
	take_objects(cache, objects, 5000);
	for (unsigned i = 0; i < 5000; i++)
		EXPECT(is_low(memset(objects[i], 1, 256)));
	EXPECT(is_low(memset(kmem_page_address(page), 1, PAGE_BYTES << 4)));
	EXPECT(!is_low(kmalloc(256, GFP_KERNEL | __GFP_DMA)));
	give_objects(cache, objects, 5000);
	kmem_cache_free(cache, NULL);
	__free_pages(page, 4);
	EXPECT_EQ(kmem_cache_create("ring2", 256, 0, SLAB_CACHE_DMA32, NULL), cache);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	check_everything();
}

TEST(an_application_says_whose_pages_a_gfp_zone_gets)
{
	struct kmem_source *source = bookkeeper(16 * MIB, 65536);
	struct kmem_cache *cache;

	EXPECT_EQ(kmem_source_serve(source, __GFP_DMA), 0);
	EXPECT(is_inside(source, kmalloc(100, GFP_KERNEL | __GFP_DMA)));
	EXPECT(is_inside(source, kmem_page_address(alloc_pages(GFP_KERNEL | __GFP_DMA, 0))));
	EXPECT(!is_inside(source, kmalloc(100, GFP_KERNEL)));
	EXPECT_EQ(kmem_source_serve(source, __GFP_DMA32), 0);
	cache = kmem_cache_create("ring", 256, 0, SLAB_CACHE_DMA32, NULL);
	EXPECT(is_inside(source, kmem_cache_alloc(cache, GFP_KERNEL)));
	EXPECT_EQ(kmem_source_unregister(source), -EBUSY);
	EXPECT_EQ(kmem_source_serve(NULL, __GFP_DMA32), 0);
	cache = kmem_cache_create("ring", 256, 0, SLAB_CACHE_DMA32, NULL);
	EXPECT(is_low(kmem_cache_alloc(cache, GFP_KERNEL)));
	EXPECT_EQ(kmem_source_serve(source, GFP_KERNEL), -EINVAL);
	kfree(kmalloc(100, GFP_KERNEL | __GFP_DMA));
	check_everything();
}

/* A mapping is memory of another kind. */
TEST(when_a_sources_memory_is_used_up_kvmalloc_refuses)
{
	struct kmem_source *source = bookkeeper(4 * MIB, 65536);
	void *object;

	EXPECT_EQ(kmem_source_serve(source, __GFP_DMA), 0);
	object = kvmalloc(4 * MIB, GFP_KERNEL | __GFP_DMA);
	EXPECT(is_inside(source, object));
	EXPECT_REFUSED(kvmalloc(100000, GFP_KERNEL | __GFP_DMA), ENOMEM);
	EXPECT_REFUSED(kvrealloc(NULL, 100000, GFP_KERNEL | __GFP_DMA), ENOMEM);
	EXPECT_REFUSED(kvmalloc(5 * MIB, GFP_KERNEL | __GFP_DMA), ENOMEM);
	EXPECT_REFUSED(kvrealloc(object, 5 * MIB, GFP_KERNEL | __GFP_DMA), ENOMEM);
	kvfree(object);
}

TEST(pages_whose_free_had_to_wait_are_no_reason_not_to_end_a_source)
{
	struct kmem_source *source = kmem_source_low(4 * MIB);
	struct zone *zone = source->zone;
	struct page *page;

	EXPECT_EQ(kmem_source_serve(source, __GFP_DMA), 0);
	page = alloc_pages(GFP_KERNEL | __GFP_DMA, 0);
	lock_take(&zone->lock);
	free_pages_nolock(page, 0);
	lock_drop(&zone->lock);
	EXPECT_EQ(kmem_source_serve(NULL, __GFP_DMA), 0);
	EXPECT_EQ(kmem_source_destroy(source), 0);
}

TEST(the_whole_range_can_be_had_up_to_an_odd_end)
{
	struct kmem_source *source = bookkeeper(9 * MIB + 5 * PAGE_BYTES, PAGE_BYTES);
	unsigned count = 0;

	EXPECT_EQ(kmem_source_serve(source, __GFP_DMA), 0);
	while ((objects[count] = alloc_page(GFP_KERNEL | __GFP_DMA)) != NULL)
		count++;
	EXPECT_EQ(count, 9 * 256 + 5);
	EXPECT_EQ(kmem_source_used(source), source->bytes);
	EXPECT_EQ(kmem_source_serve(NULL, __GFP_DMA), 0);
	EXPECT_EQ(kmem_source_unregister(source), -EBUSY);
	while (count-- > 0)
		__free_page(objects[count]);
	EXPECT_EQ(kmem_source_unregister(source), 0);
}

/* ---- Four that come with the library --------------------------------------------------------- */

static void use_up_and_destroy(struct kmem_source *source, unsigned most)
{
	struct kmem_cache *cache;
	unsigned count;

	EXPECT_NE(source, NULL);
	cache = cache_from(source, 2048);
	count = take_all(cache, objects, most);
	EXPECT(count != 0);
	for (unsigned i = 0; i < count; i++) {
		EXPECT(is_inside(source, objects[i]));
		memset(objects[i], 1, 2048);
	}
	EXPECT_EQ(kmem_source_destroy(source), -EBUSY);
	give_objects(cache, objects, count);
	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_destroy(source), 0);
	check_everything();
}

TEST(a_low_source_is_below_4_gib)
{
	struct kmem_source *source = kmem_source_low(64 * MIB);

	EXPECT(is_low((char *)source->base + source->bytes - 1));
	use_up_and_destroy(source, 10000);
}

/* "VmLck:     123 kB" of this process. */
static size_t locked_kib(void)
{
	char line[200];
	size_t kib = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), status) != NULL)
		sscanf(line, "VmLck: %zu", &kib);
	fclose(status);
	return kib;
}

TEST(a_locked_source_is_locked_as_far_as_it_is_used)
{
	size_t before = locked_kib();
	struct kmem_source *source = kmem_source_locked(4 * MIB);
	struct kmem_cache *cache = cache_from(source, 2048);

	if (take_all(cache, objects, 256) < 256)
		test_skip("RLIMIT_MEMLOCK is too low");
	EXPECT(locked_kib() - before >= 512);
	EXPECT_EQ(kmem_source_present(source) >> 10, locked_kib() - before);
	give_objects(cache, objects, 256);
	kmem_cache_shrink(cache);
	kmem_cache_destroy(cache);
	EXPECT_EQ(locked_kib(), before);
	EXPECT_EQ(kmem_source_destroy(source), 0);
}

TEST(beyond_rlimit_memlock_a_locked_source_refuses)
{
	struct rlimit limit_kib = { 512 << 10, 512 << 10 };
	struct kmem_source *source = kmem_source_locked(4 * MIB);

	EXPECT_EQ(setrlimit(RLIMIT_MEMLOCK, &limit_kib), 0);
	if (setuid(65534) != 0 && geteuid() == 0)
		test_skip("can't cease to be root");
	EXPECT_EQ(take_all(cache_from(source, 4096), objects, 2000), (512 << 10) / 4096);
	EXPECT_EQ(errno, ENOMEM);
	check_everything();
}

TEST(huge_pages_are_refused_clearly_or_work)
{
	struct kmem_source *source;
	const char *said;

	log_begin();
	source = kmem_source_huge(64 * MIB);
	said = log_end();
	if (source == NULL) {
		EXPECT_EQ(errno, ENOMEM);
		EXPECT_CONTAINS(said, "no huge pages of 2 MiB are reserved and free");
		test_skip("no huge pages are reserved");
	}
	use_up_and_destroy(source, 4000);
}

/* Other threads' mappings would come to lie in a hole, and be ours to overwrite later. */
TEST(where_huge_pages_are_refused_the_addresses_stay_reserved)
{
	const size_t bytes = (size_t)64 << 30;          /* more than are reserved anywhere near */
	char *base = addresses(bytes, 0);

	if (os_ops.map_huge(base, bytes) == 0)
		test_skip("so many huge pages are reserved");
	for (char *at = base; at < base + bytes; at += bytes / 8)
		EXPECT_EQ(mmap(at, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
			       MAP_FIXED_NOREPLACE, -1, 0), MAP_FAILED);
}

static int not_to_be_moved(void *address, size_t bytes)
{
	return address != NULL && bytes != 0 ? -EOPNOTSUPP : 0;
}

TEST(the_log_says_that_huge_pages_need_a_linux_that_moves_them)
{
	EXPECT_EQ(kmem_source_destroy(kmem_source_shared(4 * MIB)), 0);
	os_ops.map_huge = not_to_be_moved;
	log_begin();
	EXPECT_REFUSED(kmem_source_huge(4 * MIB), EOPNOTSUPP);
	EXPECT_CONTAINS(log_end(), "Linux 5.16): Operation not supported");
}

TEST(another_process_finds_shared_objects_by_offset)
{
	struct kmem_source *source = kmem_source_shared(16 * MIB);
	struct kmem_cache *cache = cache_from(source, 100);
	int status;

	take_objects(cache, objects, 1000);
	for (unsigned i = 0; i < 1000; i++)
		snprintf(objects[i], 100, "object %u", i);
	if (fork() == 0) {
		char *base = mmap(NULL, source->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
				  kmem_source_fd(source), 0), text[100];
		bool equal = base != MAP_FAILED && (void *)base != source->base;

		for (unsigned i = 0; i < 1000 && equal; i++) {
			char *object = base + ((char *)objects[i] - (char *)source->base);

			snprintf(text, sizeof(text), "object %u", i);
			equal = strcmp(object, text) == 0;
			strcpy(object, "seen");
		}
		_exit(!equal);
	}
	wait(&status);
	EXPECT_EQ(status, 0);
	for (unsigned i = 0; i < 1000; i++)
		EXPECT_STR(objects[i], "seen");
	use_up_and_destroy(kmem_source_shared(4 * MIB), 10000);
}

TEST(a_fork_child_takes_nothing_from_its_parents_shared_memory)
{
	struct kmem_source *source = kmem_source_shared(16 * MIB);
	struct kmem_cache *cache = cache_from(source, 100);
	int status;

	take_objects(cache, objects, 1000);
	kmem_cache_free(cache, objects[999]);
	if (fork() == 0) {
		struct kmem_cache *another;

		EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
		give_objects(cache, objects, 100);
		kfree(objects[100]);
		EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
		check_everything();
		EXPECT_EQ(kmem_cache_shrink(cache), 0);
		kmem_cache_destroy(cache);
		EXPECT_EQ(kmem_source_destroy(source), 0);
		another = cache_from(kmem_source_shared(4 * MIB), 100);
		EXPECT_NE(kmem_cache_alloc(another, GFP_KERNEL), NULL);
		kmem_cache_free(another, kmem_cache_alloc(another, GFP_KERNEL));
		check_everything();
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(status, 0);
	take_objects(cache, &objects[999], 1);          /* perhaps on another CPU by now */
	give_objects(cache, objects, 1000);
	check_everything();
	kmem_cache_destroy(cache);
	EXPECT_EQ(kmem_source_destroy(source), 0);
}

/* Also by the ways that are not a plain free or allocation. */
TEST(a_fork_child_leaves_its_parents_shared_memory_alone)
{
	struct kmem_source *source = kmem_source_shared(16 * MIB);
	struct kmem_cache *cache = cache_from(source, 100);
	struct page *page;
	int status;

	EXPECT_EQ(kmem_source_serve(source, __GFP_DMA), 0);
	page = alloc_pages(GFP_KERNEL | __GFP_DMA, 2);
	EXPECT(is_inside(source, kmem_page_address(page)));
	take_objects(cache, objects, 300);
	for (unsigned i = 0; i < 300; i++)
		memset(objects[i], 7, 100);
	if (fork() == 0) {
		kfree_nolock(objects[0]);
		kfree_sensitive(objects[1]);
		EXPECT_EQ(kmem_cache_tune(cache, 50, 25, 0), 0);
		EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
		give_objects(cache, objects + 2, 298);
		EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
		__free_pages(page, 2);
		EXPECT_REFUSED(alloc_pages(GFP_KERNEL | __GFP_DMA, 0), ENOMEM);
		check_everything();
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(status, 0);
	for (unsigned i = 0; i < 300; i++)
		for (unsigned byte = 0; byte < 100; byte++)
			EXPECT_EQ(((char *)objects[i])[byte], 7);
	give_objects(cache, objects, 300);
	__free_pages(page, 2);
	check_everything();
}

TEST(a_fork_child_goes_on_with_private_memory)
{
	struct kmem_cache *cache = cache_from(kmem_source_low(16 * MIB), 100);
	int status;

	take_objects(cache, objects, 1000);
	if (fork() == 0) {
		memset(objects[0], 7, 100);
		give_objects(cache, objects, 1000);
		take_objects(cache, objects, 5000);
		check_everything();
		_exit(0);
	}
	wait(&status);
	EXPECT_EQ(status, 0);
	give_objects(cache, objects, 1000);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
}

/* A handler's, that interrupted somebody: the recording's end is left to a round of the child's. */
TEST(a_fork_child_leaves_it_alone_too_when_a_recording_ends)
{
	struct kmem_cache *cache = cache_from(kmem_source_shared(16 * MIB), 100);
	int status;

	take_objects(cache, objects, 10);
	EXPECT(recorder_start() >= 0);
	EXPECT(cpu_is_closed_for_now(&cache->cpu));
	lock_take(&leaf_lock);
	if (fork() == 0) {
		lock_drop(&leaf_lock);
		recorder_stop();
		EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
		give_objects(cache, objects, 10);
		EXPECT_REFUSED(kmem_cache_alloc(cache, GFP_KERNEL), ENOMEM);
		_exit(0);
	}
	lock_drop(&leaf_lock);
	wait(&status);
	EXPECT_EQ(status, 0);
}

TEST(a_file_that_took_the_number_of_a_closed_one_is_left_alone)
{
	struct kmem_source *source = kmem_source_shared(16 * MIB);
	struct kmem_cache *cache = cache_from(source, 100);
	char path[] = "/tmp/ukmem-own-XXXXXX";
	int file = mkstemp(path), own = kmem_source_fd(source);

	take_objects(cache, objects, 1000);
	unlink(path);
	EXPECT_EQ(dup2(file, own), own);
	close(file);
	EXPECT_EQ(write(own, path, sizeof(path)), sizeof(path));
	for (unsigned i = 1000; i < 3000; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	give_objects(cache, objects, 3000);
	kmem_cache_shrink(cache);
	EXPECT_EQ(pread(own, objects, 1, 0), 1);
	EXPECT_EQ(*(char *)objects, '/');
	EXPECT_EQ(lseek(own, 0, SEEK_END), sizeof(path));
}

/* A file of the program's gets @own, with a byte on each page of the source. */
static void take_the_number(int own, size_t bytes)
{
	char path[] = "/tmp/ukmem-own-XXXXXX";
	int file = mkstemp(path);

	unlink(path);
	for (size_t at = 0; at < bytes; at += PAGE_BYTES)
		EXPECT_EQ(pwrite(file, "/", 1, (off_t)at), 1);
	EXPECT_EQ(dup2(file, own), own);
	close(file);
}

TEST(nothing_of_it_is_punched)
{
	struct kmem_source *source = kmem_source_shared(4 * MIB);
	struct kmem_cache *cache = cache_from(source, 100);
	int own = kmem_source_fd(source);
	char byte = 0;

	take_objects(cache, objects, 1000);
	take_the_number(own, source->bytes);
	give_objects(cache, objects, 1000);
	kmem_cache_destroy(cache);
	pages_purge(0);
	for (size_t at = 0; at < source->bytes; at += PAGE_BYTES) {
		EXPECT_EQ(pread(own, &byte, 1, (off_t)at), 1);
		EXPECT_EQ(byte, '/');
	}
}

TEST(nor_is_it_closed)
{
	struct kmem_source *source = kmem_source_shared(4 * MIB);
	int own = kmem_source_fd(source);

	take_the_number(own, PAGE_BYTES);
	EXPECT_EQ(kmem_source_destroy(source), 0);
	EXPECT_EQ(lseek(own, 0, SEEK_END), 1);
}

/* What it had in use goes back by the mapping; there is no more to be had. */
TEST(a_source_whose_file_the_program_closed_can_be_ended)
{
	struct kmem_source *source = kmem_source_shared(4 * MIB);
	struct kmem_cache *cache = cache_from(source, 4096);
	int own = kmem_source_fd(source), another = dup(own);
	struct stat stat;
	unsigned more;

	EXPECT_EQ(take_all(cache, objects, 100), 100);
	close(own);
	more = take_all(cache, objects + 100, 1000);
	EXPECT(more < 100);
	give_objects(cache, objects, 100 + more);
	kmem_cache_destroy(cache);
	while (kmem_source_present(source) != 0 && pages_purge(0) != 0)
		;
	EXPECT_EQ(kmem_source_destroy(source), 0);
	EXPECT_EQ(fstat(another, &stat), 0);
	EXPECT_EQ(stat.st_blocks, 0);
	check_everything();
}
