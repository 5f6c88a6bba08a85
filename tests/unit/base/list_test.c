#include "base/list.h"

#include "harness/test.h"

struct item {
	int number;
	struct list link;
};

/* The numbers on @list, forwards, as the digits of one number; checks the way back. */
static int digits(const struct list *list)
{
	int forwards = 0, length = 0, back = 0;

	list_for_each(node, list) {
		forwards = forwards * 10 + list_entry(node, struct item, link)->number;
		EXPECT_EQ(node->next->prev, node);
		length++;
	}
	for (const struct list *node = list->prev; node != list; node = node->prev)
		back++;
	EXPECT_EQ(back, length);
	return forwards;
}

TEST(a_new_list_is_empty)
{
	struct list list;

	list_init(&list);
	EXPECT(list_empty(&list));
	EXPECT_NULL(list_pop_head(&list));
	EXPECT_EQ(digits(&list), 0);
}

TEST(head_and_tail_are_the_two_ends)
{
	struct list list;
	struct item a = { .number = 1 }, b = { .number = 2 }, c = { .number = 3 };

	list_init(&list);
	list_add_head(&list, &b.link);
	list_add_head(&list, &a.link);
	list_add_tail(&list, &c.link);
	EXPECT_EQ(digits(&list), 123);
	EXPECT_EQ(list_pop_head(&list), &a.link);
	EXPECT_EQ(digits(&list), 23);
}

TEST(a_removed_node_points_at_itself)
{
	struct list list;
	struct item a = { .number = 1 }, b = { .number = 2 };

	list_init(&list);
	list_add_tail(&list, &a.link);
	list_add_tail(&list, &b.link);
	list_remove(&a.link);
	EXPECT(list_empty(&a.link));
	EXPECT_EQ(digits(&list), 2);
	list_remove(&a.link);           /* on no list: nothing happens */
	EXPECT_EQ(digits(&list), 2);
}

TEST(a_list_is_spliced_onto_the_tail_of_another)
{
	struct list to, from;
	struct item item[5];

	list_init(&to);
	list_init(&from);
	list_splice_tail(&to, &from);
	EXPECT(list_empty(&to));
	for (int i = 0; i < 5; i++) {
		item[i].number = i + 1;
		list_add_tail(i < 2 ? &to : &from, &item[i].link);
	}
	list_splice_tail(&to, &from);
	EXPECT_EQ(digits(&to), 12345);
	EXPECT(list_empty(&from));
	list_splice_tail(&from, &to);
	EXPECT_EQ(digits(&from), 12345);
	EXPECT(list_empty(&to));
}

TEST(the_safe_walk_survives_removal_of_what_it_visits)
{
	struct list list;
	struct item item[5];

	list_init(&list);
	for (int i = 0; i < 5; i++) {
		item[i].number = i + 1;
		list_add_tail(&list, &item[i].link);
	}
	list_for_each_safe(node, &list)
		if (list_entry(node, struct item, link)->number % 2 == 0)
			list_remove(node);
	EXPECT_EQ(digits(&list), 135);
}
