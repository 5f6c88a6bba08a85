/*
 * A b-tree whose nodes come from a mempool over a cache: insertions go on while the
 * system refuses memory, as far as the kept nodes reach, and no further than a refusal.
 */
#include <linux/mempool.h>
#include <linux/slab.h>

#include "harness/test.h"

/* ---- The kernel's part ------------------------------------------------------------------ */

enum { KEYS = 7, NODE_BYTES = 128 };    /* 2 * 64: two cache lines a node */

struct btree_node {
	unsigned int count;
	int leaf;
	unsigned long key[KEYS];
	void *child[KEYS + 1];          /* in a leaf: values */
};

struct btree_head {
	struct btree_node *root;
	mempool_t *mempool;
};

static struct kmem_cache *btree_cachep;

static void *btree_alloc(gfp_t gfp, void *pool_data)
{
	(void)pool_data;
	return kmem_cache_alloc(btree_cachep, gfp);
}

static void btree_free(void *element, void *pool_data)
{
	(void)pool_data;
	kmem_cache_free(btree_cachep, element);
}

static struct btree_node *node_alloc(struct btree_head *head, int leaf, gfp_t gfp)
{
	struct btree_node *node = mempool_alloc(head->mempool, gfp);

	if (node)
		*node = (struct btree_node){ .leaf = leaf };
	return node;
}

static int btree_init(struct btree_head *head)
{
	head->root = NULL;
	head->mempool = mempool_create(4, btree_alloc, btree_free, NULL);
	return head->mempool ? 0 : -12;
}

static void node_destroy(struct btree_head *head, struct btree_node *node)
{
	for (unsigned int i = 0; !node->leaf && i <= node->count; i++)
		node_destroy(head, node->child[i]);
	mempool_free(node, head->mempool);
}

static void btree_destroy(struct btree_head *head)
{
	if (head->root)
		node_destroy(head, head->root);
	mempool_destroy(head->mempool);
}

static unsigned int position(const struct btree_node *node, unsigned long key)
{
	unsigned int i = 0;

	while (i < node->count && key >= node->key[i] + (node->leaf ? 1 : 0))
		i++;
	return i;
}

static void *btree_lookup(struct btree_head *head, unsigned long key)
{
	struct btree_node *node = head->root;
	unsigned int i;

	if (!node)
		return NULL;
	while (!node->leaf)
		node = node->child[position(node, key)];
	i = position(node, key);
	return i < node->count && node->key[i] == key ? node->child[i] : NULL;
}

/* Full children are split on the way down, so a refusal leaves a good tree. */
static int split_child(struct btree_head *head, struct btree_node *parent, unsigned int at,
		       gfp_t gfp)
{
	struct btree_node *left = parent->child[at], *right = node_alloc(head, left->leaf, gfp);
	unsigned int half = KEYS / 2, from = left->leaf ? half : half + 1;
	unsigned long middle = left->key[half];

	if (!right)
		return -12;
	right->count = KEYS - from;
	for (unsigned int i = 0; i < right->count; i++)
		right->key[i] = left->key[from + i];
	for (unsigned int i = 0; i < right->count + (left->leaf ? 0 : 1); i++)
		right->child[i] = left->child[from + i];
	left->count = half;
	for (unsigned int i = parent->count; i > at; i--) {
		parent->key[i] = parent->key[i - 1];
		parent->child[i + 1] = parent->child[i];
	}
	parent->key[at] = middle;
	parent->child[at + 1] = right;
	parent->count++;
	return 0;
}

static int grow_root(struct btree_head *head, gfp_t gfp)
{
	struct btree_node *root = node_alloc(head, head->root == NULL, gfp);

	if (!root)
		return -12;
	root->child[0] = head->root;
	if (head->root && split_child(head, root, 0, gfp)) {
		mempool_free(root, head->mempool);
		return -12;
	}
	head->root = root;
	return 0;
}

static int btree_insert(struct btree_head *head, unsigned long key, void *value, gfp_t gfp)
{
	struct btree_node *node;
	unsigned int i;

	if ((!head->root || head->root->count == KEYS) && grow_root(head, gfp))
		return -12;
	for (node = head->root; !node->leaf; node = node->child[position(node, key)]) {
		struct btree_node *child = node->child[position(node, key)];

		if (child->count == KEYS && split_child(head, node, position(node, key), gfp))
			return -12;
	}
	i = position(node, key);
	for (unsigned int k = node->count; k > i; k--) {
		node->key[k] = node->key[k - 1];
		node->child[k] = node->child[k - 1];
	}
	node->key[i] = key;
	node->child[i] = value;
	node->count++;
	return 0;
}

/* ---- What must hold ----------------------------------------------------------------------- */

static void make_cache(void)
{
	btree_cachep = kmem_cache_create("btree_node", sizeof(struct btree_node), NODE_BYTES,
					 SLAB_PANIC | SLAB_NO_MERGE, NULL);
}

static unsigned long nth_key(unsigned long i)
{
	return i * 2654435761u % 1000003;
}

TEST(what_was_inserted_is_found_and_nothing_else)
{
	struct btree_head head;

	make_cache();
	EXPECT_EQ(btree_init(&head), 0);
	for (unsigned long i = 0; i < 20000; i++)
		EXPECT_EQ(btree_insert(&head, nth_key(i), (void *)(i + 1), GFP_KERNEL), 0);
	for (unsigned long i = 0; i < 20000; i++)
		EXPECT_EQ(btree_lookup(&head, nth_key(i)), i + 1);
	EXPECT_NULL(btree_lookup(&head, nth_key(20001)));
	btree_destroy(&head);
	EXPECT_EQ(kmem_cache_shrink(btree_cachep), 0);
}

static int refusing;

static void *refusing_alloc(gfp_t gfp, void *pool_data)
{
	return refusing ? NULL : btree_alloc(gfp, pool_data);
}

TEST(insertions_go_on_over_the_kept_nodes_and_a_refusal_breaks_nothing)
{
	struct btree_head head = { .root = NULL };
	unsigned long done = 1000;

	make_cache();
	head.mempool = mempool_create(4, refusing_alloc, btree_free, NULL);
	for (unsigned long i = 0; i < done; i++)
		EXPECT_EQ(btree_insert(&head, nth_key(i), (void *)(i + 1), GFP_KERNEL), 0);
	refusing = 1;
	while (btree_insert(&head, nth_key(done), (void *)(done + 1), GFP_ATOMIC) == 0)
		done++;
	EXPECT(done >= 1004);                   /* four splits were served from the pool */
	EXPECT_EQ(head.mempool->curr_nr, 0);
	for (unsigned long i = 0; i < done; i++)
		EXPECT_EQ(btree_lookup(&head, nth_key(i)), i + 1);
	refusing = 0;
	EXPECT_EQ(btree_insert(&head, nth_key(done), (void *)(done + 1), GFP_KERNEL), 0);
	EXPECT_EQ(btree_lookup(&head, nth_key(done)), done + 1);
	btree_destroy(&head);
	EXPECT_EQ(kmem_cache_shrink(btree_cachep), 0);
}
