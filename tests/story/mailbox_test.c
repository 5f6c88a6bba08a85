/*
 * What a tool writes into the mailbox from outside is done when the helper looks.
 */
#include <errno.h>
#include <string.h>

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
