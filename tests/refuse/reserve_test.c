/*
 * Setting a reserve aside, with every request to the OS refused in turn.
 */
#include <ukmem/reserve.h>

#include "harness/refuse.h"

static bool set_aside(void)
{
	int error = kmem_reserve_pages(20);

	EXPECT(error == 0 || error == -ENOMEM);
	EXPECT_EQ(kmem_reserve_free(), error == 0 ? 20 : 0);
	return error == 0;
}

static void give_up(void)
{
	EXPECT_EQ(kmem_reserve_pages(0), 0);
}

REFUSE(a_reserve, .call = set_aside, .undo = give_up)
