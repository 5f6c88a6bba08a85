/*
 * port.h: what kernel code gets from its kernel besides memory, and a port brings along:
 * rings of list_head, a spin lock, container_of. As little as the demonstrations need.
 */
#ifndef COMPAT_PORT_H
#define COMPAT_PORT_H

#include <pthread.h>
#include <stddef.h>

#ifndef container_of
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#endif

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline int list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add(struct list_head *new, struct list_head *head)
{
	new->next = head->next;
	new->prev = head;
	head->next->prev = new;
	head->next = new;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

#define list_last_entry(head, type, member) container_of((head)->prev, type, member)

typedef pthread_mutex_t spinlock_t;
#define DEFINE_SPINLOCK(name) spinlock_t name = PTHREAD_MUTEX_INITIALIZER
#define spin_lock_init(lock)  pthread_mutex_init((lock), NULL)
#define spin_lock(lock)       pthread_mutex_lock(lock)
#define spin_unlock(lock)     pthread_mutex_unlock(lock)

#endif
