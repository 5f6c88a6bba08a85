/*
 * limit.c: RLIMIT_AS.
 *
 * What is reserved at boot fits in the limit of that moment. When a program sets one later
 * and we are told (the drop-in's setrlimit), reserved addresses go back, so that the program
 * can still map; if we are not, the kernel can't apply it to addresses we have already, so
 * we do: committed memory
 * then grows by no more than what the limit left when it was first seen. A limit below
 * our very reservation is taken as if only committed memory were in use.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "os/file.h"
#include "os/topology.h"
#include "pages/pages.h"

static _Atomic size_t limit_seen = SIZE_MAX;    /* that the reservation or allowance fits */
static _Atomic size_t allowance = SIZE_MAX;     /* committed bytes at most */

/* A page that is reserved, its descriptor and its class byte. */
enum { BYTES_A_PAGE = PAGE_BYTES + sizeof(struct page) + 1 };

static size_t current_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return SIZE_MAX;
	return limit.rlim_cur;
}

/* Address space this process uses now, in bytes. */
static size_t used_bytes(void)
{
	char text[64];

	if (!read_file("/proc/self/statm", text, sizeof(text)))
		return 0;
	return strtoul(text, NULL, 10) << PAGE_SHIFT;
}

static size_t above(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

size_t limit_left(void)
{
	limit_seen = current_limit();
	return limit_seen == SIZE_MAX ? SIZE_MAX : above(limit_seen, used_bytes());
}

static void limit_changed(size_t limit)
{
	size_t used = used_bytes(), committed = pages_committed() << PAGE_SHIFT, reserved = 0;

	for (unsigned node = 0; node < topology.nodes; node++)
		reserved += zones[node].reserved_pages * BYTES_A_PAGE;
	limit_seen = limit;
	if (limit == SIZE_MAX)
		allowance = SIZE_MAX;
	else if (limit >= used)
		allowance = committed + (limit - used);
	else
		allowance = committed + above(limit, above(used, reserved) + committed);
}

bool limit_allows(size_t bytes)
{
	size_t limit = current_limit();

	if (limit != limit_seen)
		limit_changed(limit);
	return allowance == SIZE_MAX || (pages_committed() << PAGE_SHIFT) + bytes <= allowance;
}

void pages_fit_limit(void)
{
	size_t limit = current_limit(), spare = 0, left;

	if (zones_count == 0 || limit == SIZE_MAX)
		return;
	for (unsigned node = 0; node < topology.nodes; node++)
		spare += zones[node].reserved_pages - zones[node].committed_pages;
	left = above(limit, above(used_bytes(), spare * BYTES_A_PAGE));
	for (unsigned node = 0; node < topology.nodes; node++)
		zone_give_back_reserve(&zones[node], left / 2 / topology.nodes / BYTES_A_PAGE);
	limit_seen = limit;
	allowance = SIZE_MAX;
}
