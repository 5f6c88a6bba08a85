/*
 * place.c: ask the kernel where memory lies, and have it moved.
 *
 * Zones are bound with MPOL_PREFERRED, so a node without memory borrows silently from
 * its neighbours: what most callers want. Who insists on a node (__GFP_THISNODE) must
 * get a refusal instead. MPOL_BIND would make it the kernel's out-of-memory killer; so
 * the page is touched, looked at, and if need be moved while there is still somebody
 * to say no to.
 */
#include "os/place.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bits.h"
#include "os/ops.h"
#include "os/topology.h"

enum { AT_ONCE = 64, MOVE_OURS = 1 << 1 };      /* MPOL_MF_MOVE: pages of this process only */

struct places {
	void *page[AT_ONCE];
	int wanted[AT_ONCE], found[AT_ONCE];
	unsigned long count;
};

/* A write that changes nothing, even if another thread changes the byte meanwhile. */
static void touch(void *page)
{
	__atomic_fetch_or((volatile char *)page, 0, __ATOMIC_RELAXED);
}

static bool all_found(const struct places *places)
{
	for (unsigned long i = 0; i < places->count; i++)
		if (places->found[i] != places->wanted[i])
			return false;
	return true;
}

/* With nodes the kernel moves, without it only tells. Negative: it does neither. */
static long find(struct places *places, const int *nodes)
{
	return syscall(SYS_move_pages, 0, places->count, places->page, nodes, places->found,
		       MOVE_OURS);
}

static bool settle(struct places *places)
{
	if (find(places, NULL) < 0 || all_found(places))
		return true;
	find(places, places->wanted);
	return find(places, NULL) == 0 && all_found(places);
}

bool lies_on_node(void *address, size_t bytes, unsigned node)
{
	return topology.nodes == 1 || topology.fake ||
	       os_ops.settle(address, bytes, topology.os_node[node]) == 0;
}

int settle_memory(void *address, size_t bytes, int os_node)
{
	char *at = (char *)align_down((size_t)address, PAGE_BYTES), *end = (char *)address + bytes;
	int kept_errno = errno;
	bool settled = true;

	while (settled && at < end) {
		struct places places = { .count = 0 };

		for (; places.count < AT_ONCE && at < end; at += PAGE_BYTES) {
			touch(at);
			places.page[places.count] = at;
			places.wanted[places.count++] = os_node;
		}
		settled = settle(&places);
	}
	errno = kept_errno;
	return settled ? 0 : -ENOMEM;
}
