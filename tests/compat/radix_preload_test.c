/*
 * A radix tree that is filled under a spin lock: nodes are preloaded before the lock is
 * taken, since under it nothing may wait; twice, by hand and with a sheaf.
 */
#include <linux/gfp.h>
#include <linux/slab.h>

#include "compat/port.h"
#include "harness/test.h"

/* ---- The kernel's part ------------------------------------------------------------------ */

enum { SHIFT = 6, SLOTS = 1 << SHIFT, HEIGHT = 4, PRELOAD = HEIGHT };

struct radix_node {
	unsigned int count;
	struct radix_node *parent;      /* or, in the pool, the next */
	void *slots[SLOTS];
};

struct radix_root {
	struct radix_node *node;
	spinlock_t lock;
};

struct preload {
	unsigned int nr;
	struct radix_node *nodes;
};

static struct kmem_cache *node_cachep;
static __thread struct preload preloads;        /* a kernel's is per CPU */

static void node_ctor(void *object)
{
	memset(object, 0, sizeof(struct radix_node));
}

/* Nodes in hand are given back as they were constructed. */
static void node_free(struct radix_node *node)
{
	node->parent = NULL;
	kmem_cache_free(node_cachep, node);
}

static int radix_preload(gfp_t gfp)
{
	while (preloads.nr < PRELOAD) {
		struct radix_node *node = kmem_cache_alloc(node_cachep, gfp);

		if (!node)
			return -12;
		node->parent = preloads.nodes;
		preloads.nodes = node;
		preloads.nr++;
	}
	return 0;
}

static struct radix_node *from_preload(void)
{
	struct radix_node *node = preloads.nodes;

	if (!node)
		return NULL;
	preloads.nodes = node->parent;
	preloads.nr--;
	node->parent = NULL;
	return node;
}

static struct slab_sheaf *current_sheaf;

static struct radix_node *node_alloc(void)
{
	struct radix_node *node;

	if (current_sheaf)
		return kmem_cache_alloc_from_sheaf(node_cachep, GFP_NOWAIT, current_sheaf);
	node = kmem_cache_alloc(node_cachep, GFP_NOWAIT | __GFP_NOWARN);
	return node ? node : from_preload();
}

/* Under the lock. */
static int radix_insert(struct radix_root *root, unsigned long index, void *item)
{
	struct radix_node *node = root->node;

	if (!node)
		node = root->node = node_alloc();
	for (int level = HEIGHT - 1; node && level > 0; level--) {
		void **slot = &node->slots[index >> (SHIFT * level) & (SLOTS - 1)];

		if (!*slot) {
			struct radix_node *child = node_alloc();

			if (!child)
				return -12;
			child->parent = node;
			*slot = child;
			node->count++;
		}
		node = *slot;
	}
	if (!node)
		return -12;
	node->slots[index & (SLOTS - 1)] = item;
	node->count++;
	return 0;
}

static void *radix_lookup(struct radix_root *root, unsigned long index)
{
	struct radix_node *node = root->node;

	for (int level = HEIGHT - 1; node && level > 0; level--)
		node = node->slots[index >> (SHIFT * level) & (SLOTS - 1)];
	return node ? node->slots[index & (SLOTS - 1)] : NULL;
}

static void radix_destroy(struct radix_node *node, int level)
{
	for (int i = 0; i < SLOTS; i++) {
		if (level > 0 && node->slots[i])
			radix_destroy(node->slots[i], level - 1);
		node->slots[i] = NULL;
	}
	node->count = 0;
	node_free(node);
}

static void drop_preloads(void)
{
	for (struct radix_node *node = from_preload(); node; node = from_preload())
		node_free(node);
}

/* ---- What must hold ----------------------------------------------------------------------- */

static struct radix_root root;

static void init_tree(void)
{
	node_cachep = kmem_cache_create("radix_node", sizeof(struct radix_node), 0,
			SLAB_PANIC | SLAB_RECLAIM_ACCOUNT, node_ctor);
	spin_lock_init(&root.lock);
}

static void insert_preloaded(unsigned number)
{
	uint64_t random = number + 1;

	for (int i = 0; i < 5000; i++) {
		unsigned long index = random_next(&random) % (1ul << (SHIFT * HEIGHT));

		EXPECT_EQ(radix_preload(GFP_KERNEL), 0);
		spin_lock(&root.lock);
		EXPECT_EQ(radix_insert(&root, index, &root), 0);
		EXPECT_EQ(radix_lookup(&root, index), &root);
		spin_unlock(&root.lock);
	}
	drop_preloads();
}

TEST(a_preloaded_insertion_never_fails_under_the_lock)
{
	init_tree();
	in_threads(4, insert_preloaded);
	radix_destroy(root.node, HEIGHT - 1);
	EXPECT_EQ(kmem_cache_shrink(node_cachep), 0);
}

TEST(a_sheaf_does_what_preloading_does)
{
	init_tree();
	for (unsigned long index = 0; index < 1ul << (SHIFT * HEIGHT); index += 7919) {
		if (!current_sheaf)
			current_sheaf = kmem_cache_prefill_sheaf(node_cachep, GFP_KERNEL, HEIGHT);
		else
			EXPECT_EQ(kmem_cache_refill_sheaf(node_cachep, GFP_KERNEL,
							  &current_sheaf, HEIGHT), 0);
		spin_lock(&root.lock);
		EXPECT_EQ(radix_insert(&root, index, &root), 0);
		spin_unlock(&root.lock);
		EXPECT_EQ(radix_lookup(&root, index), &root);
	}
	kmem_cache_return_sheaf(node_cachep, GFP_KERNEL, current_sheaf);
	radix_destroy(root.node, HEIGHT - 1);
	EXPECT_EQ(kmem_cache_shrink(node_cachep), 0);
}
