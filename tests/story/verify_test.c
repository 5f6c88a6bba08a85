/*
 * kmem_cache_verify looks at objects while other threads go on with them.
 */
#include <ukmem/debug.h>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bits.h"
#include "harness/look.h"
#include "harness/test.h"
#include "slab/hooks.h"

static struct kmem_cache *box(unsigned bytes, slab_flags_t checks)
{
	return kmem_cache_create("box", bytes, 0, SLAB_CONSISTENCY_CHECKS | checks, NULL);
}

static struct kmem_cache *shared_by_threads;

static void churn(unsigned number)
{
	void *objects[20];

	for (int round = 0; round < 500; round++) {
		take_objects(shared_by_threads, objects, 20);
		for (int i = 0; i < 20; i++)
			memset(objects[i], (int)number, 64);
		give_objects(shared_by_threads, objects, 20);
	}
}

static _Atomic unsigned at_work;

static void churn_or_verify(unsigned number)
{
	if (number != 0) {
		churn(number);
		atomic_fetch_sub(&at_work, 1);
	}
	while (number == 0 && atomic_load(&at_work) != 0) {
		EXPECT_EQ(kmem_cache_verify(shared_by_threads), 0);
		usleep(100);            /* else it has the locks nearly all the time */
	}
}

TEST(threads_may_use_it_while_it_is_verified)
{
	shared_by_threads = box(64, SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER);
	at_work = 3;
	in_threads(4, churn_or_verify);
	EXPECT_EQ(kmem_cache_shrink(shared_by_threads), 0);
}

/*
 * What another thread does between two looks of the verifier, to an object it is about to
 * read: the verifier faults on the object's page, then on the table's, and the handler acts.
 */
static struct {
	struct slab_layout *layout;
	char *object, *page, *table;
	void (*act[2])(void);
	unsigned acts;
} other;

enum { OTHER_BYTES = 3 * PAGE_BYTES };

static void protect(char *page, int protection)
{
	EXPECT_EQ(mprotect(page, PAGE_BYTES, protection), 0);
}

static void act(int signal_number UNUSED)
{
	EXPECT(other.acts < 2);
	protect(other.page, PROT_READ | PROT_WRITE);
	protect(other.table, PROT_READ | PROT_WRITE);
	other.act[other.acts]();
	if (other.acts++ == 0)
		protect(other.table, PROT_NONE);
}

static void watch(struct kmem_cache *cache, void *object)
{
	other.layout = &cache->layout;
	other.object = object;
	other.page = (char *)align_up((uintptr_t)object, PAGE_BYTES);
	other.table = page_address(virt_to_head_page(object));
	EXPECT(other.page != other.table);
}

/* Verify sees nothing wrong with the object, which others hold and use. */
static void expect_verified(void (*first)(void), void (*second)(void))
{
	other.act[0] = first;
	other.act[1] = second;
	signal(SIGSEGV, act);
	protect(other.page, PROT_NONE);
	EXPECT_EQ(kmem_cache_verify(cache_of_layout(other.layout)), 0);
	protect(other.page, PROT_READ | PROT_WRITE);
}

static void hand_out(void)
{
	const struct alloc_request request = { .size = OTHER_BYTES };

	EXPECT(other.layout->hooks->allocated(other.layout, other.object, &request));
	other.page[100] = 'x';
}

static void take_back(void)
{
	EXPECT(other.layout->hooks->may_free(other.layout, other.object, NULL));
}

TEST_ON("debug_quarantine:0", verify_passes_over_who_is_on_its_way_to_somebody_who_frees_it_meanwhile)
{
	struct kmem_cache *cache = box(OTHER_BYTES, SLAB_POISON);
	void *objects[2], *kept;        /* so the slab stays, whatever else is given back */
	struct kmem_cache_node *n;

	take_objects(cache, &kept, 1);
	n = node_of(cache, node_of_address(kept));
	take_objects(cache, objects, 2);
	give_objects(cache, objects, 2);
	lock_take(&n->list_lock);
	EXPECT_EQ(node_take(n, objects, 2), 2);
	lock_drop(&n->list_lock);
	watch(cache, objects[objects[0] < objects[1]]);
	expect_verified(hand_out, take_back);
}

static void resize(size_t bytes)
{
	size_t first = (size_t)(other.page - other.object);

	EXPECT(other.layout->hooks->resize(other.layout, other.object, first + bytes));
}

static void widen(void)
{
	resize(200);
	memset(other.page, 'x', 200);
}

static void narrow(void)
{
	resize(100);
}

TEST(verify_passes_over_who_is_resized_and_resized_back_meanwhile)
{
	struct kmem_cache *cache = box(OTHER_BYTES, SLAB_RED_ZONE);
	void *objects[2];

	take_objects(cache, objects, 2);
	watch(cache, objects[objects[0] < objects[1]]);
	narrow();
	expect_verified(widen, narrow);
	EXPECT_EQ(other.acts, 2);
}
