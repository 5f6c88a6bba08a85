/*
 * list.h: a doubly linked ring of nodes that live in what they link.
 *
 * An empty list, and a node on no list, points at itself.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/check.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *list)
{
	list->next = list->prev = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

static inline void list_insert(struct list *node, struct list *prev, struct list *next)
{
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

static inline void list_add_head(struct list *list, struct list *node)
{
	list_insert(node, list, list->next);
}

static inline void list_add_tail(struct list *list, struct list *node)
{
	list_insert(node, list->prev, list);
}

/* Links that were overwritten are not followed: an unlink is how attacks write. */
static inline void list_remove(struct list *node)
{
	slab_assert(node->prev->next == node && node->next->prev == node);
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

static inline struct list *list_pop_head(struct list *list)
{
	struct list *node = list->next;

	if (node == list)
		return NULL;
	list_remove(node);
	return node;
}

/* Everything on @from goes to the tail of @to. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#define list_entry(node, type, member) container_of(node, type, member)

#define list_for_each(node, head) \
	for (struct list *node = (head)->next; node != (head); node = node->next)

#define list_for_each_safe(node, head)                                          \
	for (struct list *node = (head)->next, *node##_next = node->next;       \
	     node != (head); node = node##_next, node##_next = node->next)

#endif
