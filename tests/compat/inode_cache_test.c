/*
 * A file system's inodes, as kernel code keeps them: a typed cache with a constructor, a
 * hash to find them by number, a list of those that nobody uses, a shrinker over it.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/port.h"
#include "harness/test.h"

/* ---- The kernel's part ------------------------------------------------------------------ */

enum { HASH_SIZE = 256 };

struct inode {
	struct list_head i_lru;
	struct inode *i_hash_next;
	unsigned long i_ino;
	unsigned int i_count;
	char *i_link;
	char i_data[300];
};

static struct kmem_cache *inode_cachep;
static struct inode *inode_hashtable[HASH_SIZE];
static LIST_HEAD(inode_lru);
static DEFINE_SPINLOCK(inode_lock);
static unsigned long nr_unused, nr_inodes;

/* What is the same in each new inode is done once, when its slab is made. */
static void init_once(void *object)
{
	struct inode *inode = object;

	memset(inode, 0, sizeof(*inode));
	INIT_LIST_HEAD(&inode->i_lru);
}

static struct inode **bucket(unsigned long ino)
{
	return &inode_hashtable[ino % HASH_SIZE];
}

static struct inode *find_inode(unsigned long ino)
{
	struct inode *inode = *bucket(ino);

	while (inode && inode->i_ino != ino)
		inode = inode->i_hash_next;
	return inode;
}

static void grab(struct inode *inode)
{
	if (inode->i_count++ == 0 && !list_empty(&inode->i_lru)) {
		list_del_init(&inode->i_lru);
		nr_unused--;
	}
}

static struct inode *alloc_inode(unsigned long ino)
{
	struct inode *inode = kmem_cache_alloc_lru(inode_cachep, (struct list_lru *)NULL, GFP_NOFS);

	if (!inode)
		return NULL;
	inode->i_link = kstrdup("a link's text", GFP_NOFS);
	if (!inode->i_link) {
		kmem_cache_free(inode_cachep, inode);
		return NULL;
	}
	inode->i_ino = ino;
	return inode;
}

/* Back to the constructed state, as the cache wants it. */
static void free_inode(struct inode *inode)
{
	kfree(inode->i_link);
	inode->i_link = NULL;
	kmem_cache_free(inode_cachep, inode);
}

static struct inode *iget(unsigned long ino)
{
	struct inode *inode, *new = NULL;

	spin_lock(&inode_lock);
	inode = find_inode(ino);
	if (!inode) {
		spin_unlock(&inode_lock);
		new = alloc_inode(ino);
		if (!new)
			return NULL;
		spin_lock(&inode_lock);
		inode = find_inode(ino);
		if (!inode) {
			new->i_hash_next = *bucket(ino);
			*bucket(ino) = inode = new;
			nr_inodes++;
			new = NULL;
		}
	}
	grab(inode);
	spin_unlock(&inode_lock);
	if (new)
		free_inode(new);
	return inode;
}

static void iput(struct inode *inode)
{
	spin_lock(&inode_lock);
	if (--inode->i_count == 0) {
		list_add(&inode->i_lru, &inode_lru);
		nr_unused++;
	}
	spin_unlock(&inode_lock);
}

static void unhash(struct inode *inode)
{
	struct inode **link = bucket(inode->i_ino);

	while (*link != inode)
		link = &(*link)->i_hash_next;
	*link = inode->i_hash_next;
	inode->i_hash_next = NULL;
}

static unsigned long inode_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	(void)shrinker;
	(void)sc;
	return nr_unused ? nr_unused : SHRINK_EMPTY;
}

static unsigned long prune_icache(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long freed = 0;

	(void)shrinker;
	for (; freed < sc->nr_to_scan; freed++) {
		struct inode *inode = NULL;

		spin_lock(&inode_lock);
		if (!list_empty(&inode_lru)) {
			inode = list_last_entry(&inode_lru, struct inode, i_lru);
			list_del_init(&inode->i_lru);
			unhash(inode);
			nr_unused--;
			nr_inodes--;
		}
		spin_unlock(&inode_lock);
		if (!inode)
			break;
		free_inode(inode);
	}
	return freed;
}

static struct shrinker *inode_shrinker;

static void inode_init(void)
{
	inode_cachep = kmem_cache_create("inode_cache", sizeof(struct inode), 0,
			SLAB_RECLAIM_ACCOUNT | SLAB_PANIC | SLAB_ACCOUNT, init_once);
	inode_shrinker = shrinker_alloc(0, "inodes");
	inode_shrinker->count_objects = inode_count;
	inode_shrinker->scan_objects = prune_icache;
	shrinker_register(inode_shrinker);
}

static void inode_exit(void)
{
	while (nr_unused)
		kmem_reclaim(GFP_KERNEL);
	shrinker_free(inode_shrinker);
	EXPECT_EQ(kmem_cache_shrink(inode_cachep), 0);
	kmem_cache_destroy(inode_cachep);
}

/* ---- What must hold ----------------------------------------------------------------------- */

TEST(an_inode_that_is_used_is_found_again)
{
	struct inode *inode;

	inode_init();
	inode = iget(7);
	EXPECT_EQ(iget(7), inode);
	EXPECT_EQ(inode->i_count, 2);
	EXPECT_STR(inode->i_link, "a link's text");
	iput(inode);
	iput(inode);
	EXPECT_EQ(iget(7), inode);              /* unused, and still there */
	iput(inode);
	inode_exit();
}

TEST(pressure_takes_the_unused_ones_oldest_first)
{
	struct inode *used;

	inode_init();
	used = iget(1000000);
	for (unsigned long ino = 0; ino < 1000; ino++)
		iput(iget(ino));
	EXPECT_EQ(nr_unused, 1000);
	kmem_reclaim(GFP_KERNEL);
	EXPECT_EQ(nr_unused, 750);
	EXPECT_EQ(find_inode(0), NULL);
	EXPECT_NE(find_inode(999), NULL);
	EXPECT_EQ(find_inode(1000000), used);
	iput(used);
	inode_exit();
}

static void use_inodes(unsigned number)
{
	uint64_t random = number + 1;

	for (int i = 0; i < 20000; i++) {
		struct inode *inode = iget(random_next(&random) % 3000);

		EXPECT_EQ(inode->i_data[299], 0);
		iput(inode);
		if (i % 500 == 0)
			kmem_reclaim(GFP_KERNEL);
	}
}

TEST(threads_may_look_up_while_the_shrinker_frees)
{
	inode_init();
	in_threads(4, use_inodes);
	EXPECT_EQ(nr_unused, nr_inodes);
	inode_exit();
}
