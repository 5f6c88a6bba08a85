/*
 * stock.c: bytes that are charged already, for the charges to come.
 *
 * Going up the tree for each object would make all CPUs fight for the counters of a group.
 * So a charge that goes up takes STOCK_BYTES more than it needs, which this CPU's next
 * charges use up; what is freed goes into the stock first. Each CPU has stocks for three
 * groups, chosen by their number.
 *
 * A stock is guarded by a lock that is nearly always its own CPU's, and is only ever tried
 * by those who charge and uncharge, so signal handlers may: who does not get it goes up.
 *
 * The slack: usage counts what lies in stocks, at most 2 * STOCK_BYTES for each CPU and
 * group. It costs nobody an allocation, since all stocks are emptied before one is refused.
 */
#include <errno.h>

#include "account/group.h"
#include "base/bits.h"
#include "os/thread.h"
#include "os/topology.h"

enum { GROUPS_A_CPU = 3, STOCK_MAX = 2 * STOCK_BYTES };

struct stock {
	struct kmem_group *group;
	int64_t bytes;
};

struct cpu_stocks {
	alignas(CACHE_LINE_BYTES) struct lock lock;
	struct stock of[GROUPS_A_CPU];
};

static struct cpu_stocks *stocks;
static unsigned stocks_count;

int stocks_init(void)
{
	size_t bytes = topology.slots * sizeof(*stocks);
	struct page *run;

	if (stocks != NULL)
		return 0;
	run = pages_alloc_any(0, order_of(bytes), true, NULL);
	if (run == NULL)
		return -ENOMEM;
	stocks = page_address(run);
	for (unsigned slot = 0; slot < topology.slots; slot++) {
		stocks[slot] = (struct cpu_stocks){ 0 };
		lock_init(&stocks[slot].lock, LOCK_RANK_LEAF);
	}
	stocks_count = topology.slots;
	return 0;
}

/* This CPU's, locked; NULL when they are busy. */
static struct cpu_stocks *try_stocks(void)
{
	unsigned slot = thread_slot();

	if (slot >= stocks_count || !lock_try(&stocks[slot].lock))
		return NULL;
	return &stocks[slot];
}

static struct stock *stock_of(struct cpu_stocks *cpu, const struct kmem_group *group)
{
	return &cpu->of[group->number % GROUPS_A_CPU];
}

bool stock_take(struct kmem_group *group, int64_t bytes)
{
	struct cpu_stocks *cpu = try_stocks();
	struct stock *stock;
	bool enough;

	if (cpu == NULL)
		return false;
	stock = stock_of(cpu, group);
	enough = stock->group == group && stock->bytes >= bytes;
	if (enough)
		stock->bytes -= bytes;
	lock_drop(&cpu->lock);
	return enough;
}

/* What is there, which the caller takes up the tree without the lock. */
static struct stock take_out(struct stock *stock)
{
	struct stock was = *stock;

	*stock = (struct stock){ 0 };
	return was;
}

static void send_up(struct stock stock)
{
	if (stock.bytes != 0)
		group_uncharge_up(stock.group, stock.bytes);
}

/* Put it in; returns what had to go for it. */
static struct stock exchange(struct stock *stock, struct kmem_group *group, int64_t bytes)
{
	struct stock out = { 0 };

	if (stock->group != group) {
		out = take_out(stock);
		stock->group = group;
	}
	stock->bytes += bytes;
	if (out.bytes == 0 && stock->bytes > STOCK_MAX) {
		out = (struct stock){ group, stock->bytes - STOCK_BYTES };
		stock->bytes = STOCK_BYTES;
	}
	return out;
}

/* A group is marked as destroyed before its stocks are emptied: seen here, or emptied. */
void stock_give(struct kmem_group *group, int64_t bytes)
{
	struct cpu_stocks *cpu = bytes <= STOCK_BYTES ? try_stocks() : NULL;
	struct stock out = { group, bytes };

	if (cpu != NULL) {
		if (!atomic_load_explicit(&group->destroyed, memory_order_relaxed))
			out = exchange(stock_of(cpu, group), group, bytes);
		lock_drop(&cpu->lock);
	}
	send_up(out);
}

static void drain_cpu(struct cpu_stocks *cpu, const struct kmem_group *group, bool may_block)
{
	struct stock out[GROUPS_A_CPU] = { 0 };

	if (!lock_take_if(&cpu->lock, may_block))
		return;
	for (unsigned i = 0; i < GROUPS_A_CPU; i++)
		if (group == NULL || cpu->of[i].group == group)
			out[i] = take_out(&cpu->of[i]);
	lock_drop(&cpu->lock);
	for (unsigned i = 0; i < GROUPS_A_CPU; i++)
		send_up(out[i]);
}

void stocks_drain(const struct kmem_group *group, bool may_block)
{
	for (unsigned slot = 0; slot < stocks_count; slot++)
		drain_cpu(&stocks[slot], group, may_block);
}

void stocks_each_lock(void (*act)(struct lock *lock))
{
	for (unsigned slot = 0; slot < stocks_count; slot++)
		act(&stocks[slot].lock);
}
