/*
 * What a tool writes into the mailbox from outside is done when the helper looks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/cache.h"
#include "harness/look.h"
#include "harness/test.h"
#include "observe/mailbox.h"

static void post(uint32_t kind, const char *text)
{
	mailbox.kind = kind;
	memset(mailbox.text, 'x', sizeof(mailbox.text));
	strcpy(mailbox.text, text);
	mailbox.request = mailbox.done + 1;
}

TEST_ON(FOUR_CPUS, an_empty_mailbox_is_passed_by)
{
	cache_of("story", 64);
	EXPECT(!mailbox_serve());
}

TEST_ON(FOUR_CPUS, a_tune_request_is_done_once)
{
	struct kmem_cache *cache = cache_of("story", 64);

	post(MAIL_TUNE, "story 30 15 2");
	EXPECT(mailbox_serve());
	EXPECT_EQ(mailbox.result, 0);
	EXPECT_EQ(mailbox.done, mailbox.request);
	EXPECT_EQ(cache->cpu.limit, 30);
	EXPECT(!mailbox_serve());
}

TEST_ON(FOUR_CPUS, a_shrink_request_empties_the_arrays_of_one_cache)
{
	struct kmem_cache *cache = cache_of("story", 64);
	void *object;

	run_on_cpu(0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	EXPECT(cache_nodes(cache)[0]->total_slabs != 0);
	post(MAIL_SHRINK, "story");
	EXPECT(mailbox_serve());
	EXPECT_EQ(mailbox.result, 0);
	EXPECT_EQ(cache_nodes(cache)[0]->total_slabs, 0);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, object);
	post(MAIL_SHRINK_ALL, "");
	EXPECT(mailbox_serve());
	EXPECT_EQ(cache_nodes(cache)[0]->total_slabs, 0);
}

TEST_ON(FOUR_CPUS, nonsense_is_answered_with_an_error)
{
	cache_of("story", 64);
	post(99, "");
	EXPECT(mailbox_serve());
	EXPECT_EQ(mailbox.result, -EOPNOTSUPP);
	post(MAIL_SHRINK, "nosuch");
	mailbox_serve();
	EXPECT_EQ(mailbox.result, -ENOENT);
	post(MAIL_TUNE, "nosuch 1 1 1");
	mailbox_serve();
	EXPECT_EQ(mailbox.result, -EINVAL);
}

TEST_ON(FOUR_CPUS, a_text_without_an_end_is_cut)
{
	cache_of("story", 64);
	memset(mailbox.text, 'x', sizeof(mailbox.text));
	mailbox.kind = MAIL_SHRINK;
	mailbox.request = mailbox.done + 1;
	EXPECT(mailbox_serve());
	EXPECT_EQ(mailbox.result, -ENOENT);
}

/* Where a program does not know of us and little memory is idle there is none else. */
TEST_ON("reap_ms:10", a_miss_starts_the_helper_that_a_tool_waits_for)
{
	enum { PATIENCE_MS = 10000 };
	struct kmem_cache *cache;
	void *objects[300];

	reaper_lazy = true;
	cache = cache_of("story", 64);
	take_objects(cache, objects, 300);
	EXPECT_EQ(reaper_helper, HELPER_NONE);
	post(MAIL_TUNE, "story 30 15 2");
	give_objects(cache, objects, 300);
	for (int ms = 0; mailbox.done != mailbox.request && ms < PATIENCE_MS; ms++)
		usleep(1000);
	EXPECT_EQ(reaper_helper, HELPER_RUNS);
	EXPECT_EQ(cache->cpu.limit, 30);
}

/* What was asked of the parent is not done by the child too. */
TEST_ON(FOUR_CPUS, a_fork_child_does_not_inherit_a_request)
{
	struct kmem_cache *cache = cache_of("story", 64);
	int status;
	pid_t child;

	post(MAIL_TUNE, "story 30 15 2");
	child = fork();
	if (child == 0)
		_exit(mailbox_serve() ? 1 : 0);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
	EXPECT(mailbox_serve());
	EXPECT_EQ(cache->cpu.limit, 30);
}

/* ---- A recording: the file is awaited by whoever has a lock on it. */

static int open_again(int file)
{
	char path[64];
	int mine;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	mine = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(flock(mine, LOCK_SH), 0);
	return mine;
}

TEST_ON(FOUR_CPUS, a_recording_takes_the_arrays_and_gives_them_back)
{
	struct kmem_cache *cache = cache_of("story", 64);
	unsigned limit = cache->cpu.limit;
	void *before, *during;
	int mine;

	run_on_cpu(0);
	before = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT(array_of(cache, 0)->avail != 0);
	post(MAIL_RECORD, "");
	EXPECT(mailbox_serve());
	EXPECT(mailbox.result >= 0);
	mine = open_again(mailbox.result);
	EXPECT_EQ(array_of(cache, 0)->avail, 0);
	EXPECT_EQ(cache->cpu.limit, 0);
	EXPECT_EQ(kmem_cache_tune(cache, 10, 5, 1), -EBUSY);
	during = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, before);
	EXPECT_EQ(cache_active_objects(cache), 1);
	EXPECT(recorder_round());

	post(MAIL_RECORD, "");
	EXPECT(mailbox_serve());
	EXPECT_EQ(mailbox.result, -EBUSY);
	close(mine);
	EXPECT(!recorder_round());
	EXPECT_EQ(cache->cpu.limit, limit);
	kmem_cache_free(cache, during);
	EXPECT(array_of(cache, 0)->avail != 0);
	EXPECT_EQ(kmem_cache_tune(cache, 10, 5, 1), 0);
	check_everything();
}

TEST_ON(FOUR_CPUS, a_cache_that_is_made_meanwhile_is_recorded_too)
{
	struct kmem_cache *later, *rcl;
	void *object;

	cache_of("story", 64);
	post(MAIL_RECORD, "");
	EXPECT(mailbox_serve());
	later = cache_of("later", 128);
	EXPECT_EQ(later->cpu.limit, 0);
	object = kmalloc(100, GFP_KERNEL | __GFP_RECLAIMABLE);
	rcl = find_by_name("kmalloc-rcl-128", strlen("kmalloc-rcl-128"));
	EXPECT_EQ(rcl->cpu.limit, 0);
	post(MAIL_RECORD_END, "");
	EXPECT(mailbox_serve());
	EXPECT_EQ(mailbox.result, 0);
	EXPECT(later->cpu.limit != 0);
	run_on_cpu(0);
	kfree(object);
	EXPECT_EQ(array_of(rcl, 0)->avail, 1);
}

TEST_ON(FOUR_CPUS, a_fork_child_is_not_recorded_and_has_its_arrays)
{
	struct kmem_cache *cache = cache_of("story", 64);
	unsigned limit = cache->cpu.limit;
	int status;
	pid_t child;

	post(MAIL_RECORD, "");
	EXPECT(mailbox_serve());
	child = fork();
	if (child == 0) {
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
		_exit(cache->cpu.limit == limit && !recorder_round() ? 0 : 1);
	}
	EXPECT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(cache->cpu.limit, 0);
}
