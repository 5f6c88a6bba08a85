/*
 * alien.c: objects on their way home.
 *
 * A thread on node 1 frees an object whose memory is on node 0. Keeping it here would
 * hand node 1 a slow object next time. Taking node 0's lock for each such free would
 * make two nodes fight over one line, object by object.
 *
 * So each node keeps, for every other node, a small array of that node's objects.
 * When it fills they go home together, into the shared array first: one foreign lock
 * per batch, not per object. The reaper sends the stragglers.
 *
 * Cost: nodes * (nodes - 1) arrays for each cache, with up to ALIEN_LIMIT (12) objects
 * in each that are free and yet can't be allocated. One-node machines build none.
 * Refused: a lock-free list per slab for remote frees. It saves this array, but every
 * take from a slab would then have to look in two places.
 * Next: cpu/flush.c decides that an object is foreign; node.c takes it in.
 */
#include "node/node.h"

/* Objects go into the home node's shared array while it has room, else into slabs. */
static void send_home(struct kmem_cache_node *home, struct array_cache *array,
		      struct list *surplus)
{
	if (array->avail == 0)
		return;
	lock_take(&home->list_lock);
	if (home->shared != NULL)
		array_transfer(home->shared, array, array->limit);
	node_give(home, array->entry, array->avail, surplus);
	array->avail = 0;
	lock_drop(&home->list_lock);
}

void alien_drain(struct kmem_cache_node *const *nodes, struct kmem_cache_node *n,
		 unsigned home)
{
	struct alien_cache *alien = &n->alien[home];
	struct list surplus;

	list_init(&surplus);
	lock_take(&alien->lock);
	if (alien->array != NULL)
		send_home(nodes[home], alien->array, &surplus);
	lock_drop(&alien->lock);
	slabs_release(&surplus);
}

static void send_one_home(struct kmem_cache_node *home, void *object)
{
	struct list surplus;

	list_init(&surplus);
	lock_take(&home->list_lock);
	node_give(home, &object, 1, &surplus);
	lock_drop(&home->list_lock);
	slabs_release(&surplus);
}

/* False when the array is gone: the node has lost its last CPU. */
static bool park_object(struct alien_cache *alien, struct kmem_cache_node *home,
			void *object, struct list *surplus)
{
	struct array_cache *array;

	list_init(surplus);
	lock_take(&alien->lock);
	array = alien->array;
	if (array != NULL) {
		if (array->avail == array->limit) {
			shared_ensure(home);
			send_home(home, array, surplus);
		}
		array->entry[array->avail++] = object;
	}
	lock_drop(&alien->lock);
	return array != NULL;
}

void alien_push(struct kmem_cache_node *const *nodes, struct kmem_cache_node *n,
		unsigned home, void *object)
{
	struct list surplus;

	if (n->alien == NULL || !park_object(&n->alien[home], nodes[home], object, &surplus))
		send_one_home(nodes[home], object);
	else
		slabs_release(&surplus);
}
