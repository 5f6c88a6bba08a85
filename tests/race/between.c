/*
 * between.c: whatever another thread does to a cache may fall between any two instructions of a
 * call, as far as no lock is held there.
 *
 * Allocations from an empty array and frees into a full one are stepped, and at each instruction
 * (here and there, in make check) the cache is drained, tuned, closed and opened, reaped,
 * shrunk, its CPU switched off and on, or used by another thread of this CPU. Afterwards each
 * object is where it was put: held once, in an array, or in its slab; and no CPU is left with
 * an array that can't hold anything.
 */
#include "step.h"

#include <ukmem/group.h>

#include "cache/cache.h"
#include "malloc/heap.h"

enum { MOST = 4000, OTHERS = 300, ENOUGH = 1100 /* fills any array */ };

static struct kmem_cache *cache;
static struct stamp *held[MOST];
static unsigned held_count;
static uint64_t dice = 88172645463325252u;
static bool is_closed;

static struct array_cache *array(void)
{
	return cache->cpu.slot[thread_slot()];
}

/* ---- The call ------------------------------------------------------------------------------ */

static void take(void)
{
	struct stamp *stamp = kmem_cache_alloc(cache, GFP_KERNEL);

	if (stamp == NULL)
		broken("an allocation was refused");
	stamp_take(stamp, 1);
	held[held_count++] = stamp;
}

static void give(void)
{
	struct stamp *stamp = held[--held_count];

	stamp_drop(stamp, 1);
	kmem_cache_free(cache, stamp);
}

static void make_empty(void)
{
	while (held_count > ENOUGH)
		give();
	while (array()->avail != 0)
		take();
}

static void make_full(void)
{
	while (held_count < ENOUGH)
		take();
	while (array()->avail < array()->limit)
		give();
}

/* ---- What comes in between ------------------------------------------------------------------ */

static void drain(void)
{
	cpu_drain_all(&cache->cpu);
}

static void tune(void)
{
	int limit = 20 + (int)(next_random(&dice) % 400);

	if (kmem_cache_tune(cache, limit, (limit + 1) / 2, next_random(&dice) % 2 * 8) != 0)
		broken("a tune was refused");
}

static void close_for_now(void)
{
	is_closed = cpu_close_for_now(&cache->cpu) == 0;
}

static void close_and_open(void)
{
	close_for_now();
	cpu_open(&cache->cpu);
	is_closed = false;
}

static void reap(void)
{
	for (unsigned i = 0; i < 2; i++)
		cache_reap_cpu(cache, thread_slot(), 0, UINT64_MAX / 2);
}

static void shrink(void)
{
	kmem_cache_shrink(cache);
}

static void go_and_come(void)
{
	cpu_went_offline(thread_slot());
	if (cpu_came_online(thread_slot()) != 0)
		broken("a CPU came back without its arrays");
}

static void use(void)
{
	static struct stamp *objects[OTHERS];

	for (unsigned i = 0; i < OTHERS; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		stamp_take(objects[i], 2);
	}
	for (unsigned i = 0; i < OTHERS; i++) {
		stamp_drop(objects[i], 2);
		kmem_cache_free(cache, objects[i]);
	}
}

/* Another thread would wait for the lock. */
static void (*work)(void);
static bool is_done;

static void do_work(void)
{
	is_done = lock_depth == 0;
	if (is_done)
		work();
}

/* ---- Afterwards ------------------------------------------------------------------------------ */

static void look_at_slot(unsigned slot, size_t *free_objects, unsigned step)
{
	struct array_cache *of = cache->cpu.slot[slot];

	if (of == &array_none)
		return;
	if (of == &array_parked || of->limit == 0)
		broken("at instruction %u slot %u was left without room", step, slot);
	*free_objects += of->avail;
}

static void look(unsigned step)
{
	size_t free_objects = 0;

	cache_check(cache);
	for (unsigned slot = 0; slot < topology.slots; slot++)
		look_at_slot(slot, &free_objects, step);
	if (cache_nodes(cache)[0]->shared != NULL)
		free_objects += cache_nodes(cache)[0]->shared->avail;
	if (cache_active_objects(cache) != free_objects + held_count)
		broken("at instruction %u: %zu objects out, %u held, %zu in arrays", step,
		       cache_active_objects(cache), held_count, free_objects);
}

/* In make check only the first instructions are tried, most of them here and there. */
enum { FIRST = 400 };
static bool looks_closely;

static unsigned stride(void)
{
	return race_factor() > 1 || looks_closely ? 1 : 1 + next_random(&dice) % 20;
}

static bool goes_on(unsigned step)
{
	return race_factor() > 1 || step < FIRST;
}

static unsigned try_all(void (*ready)(void), void (*call)(void), void (*between)(void))
{
	unsigned done = 0;
	bool reached = true;

	work = between;
	for (unsigned step = 1; reached && goes_on(step); step += stride()) {
		ready();
		reached = step_through(call, step, do_work);
		done += reached && is_done;
		if (is_closed)
			cpu_open(&cache->cpu);
		is_closed = false;
		look(step);
	}
	return done;
}

static void interleave(const char *what, void (*between)(void))
{
	unsigned done = 0;

	for (unsigned i = 0; i < OTHERS; i++)
		take();
	done += try_all(make_empty, take, between);
	done += try_all(make_full, give, between);
	while (held_count != 0)
		give();
	verdict(done > 20, what, "at %u instructions of a refill and a flush", done);
}

/* ---- A page that changes hands while it is looked at --------------------------------------- */

/*
 * A slab on its way out of one cache becomes another's, whose objects are charged, while the
 * first one's usage is counted: at each instruction from where its descriptor is first read.
 */
static struct kmem_cache *counted, *charged;
static struct page *changing;
static struct list leaving;
static unsigned steps_from_fault;

enum { LOOK_STEPS = 60, SOME = 1000 };

static void protect_descriptor(int protection)
{
	mprotect(changing, PAGE_BYTES, protection);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	protect_descriptor(PROT_READ | PROT_WRITE);
	steps_left = steps_from_fault;
	STEP_BEGIN(context);
}

static struct kmem_group *group;
static void *of_charged[SOME];
static unsigned charged_count;

static void change_hands(void)
{
	struct kmem_group *before = kmem_group_enter(group);

	slabs_release(&leaving);
	do
		of_charged[charged_count] = kmem_cache_alloc(charged, GFP_KERNEL);
	while (virt_to_head_page(of_charged[charged_count++]) != changing && charged_count < SOME);
	kmem_group_leave(before);
}

/* A slab without objects, off all lists, as by a flush that has not released it yet. */
static void let_one_leave(void)
{
	static void *objects[SOME];
	struct kmem_cache_node *n = cache_nodes(counted)[0];
	unsigned count = 0;

	n->free_limit = SIZE_MAX;
	list_init(&leaving);
	do {            /* its descriptor shall be the first on its page */
		objects[count] = kmem_cache_alloc(counted, GFP_KERNEL);
		changing = virt_to_head_page(objects[count++]);
	} while (count < SOME && (uintptr_t)changing % PAGE_BYTES != 0);
	while (count != 0)
		kmem_cache_free(counted, objects[--count]);
	lock_take(&n->list_lock);
	list_remove(&changing->list);
	list_add_tail(&leaving, &changing->list);
	n->free_slabs--;
	n->total_slabs--;
	n->free_objects -= n->layout->num;
	lock_drop(&n->list_lock);
	kmem_cache_shrink(counted);
}

static bool look_at_usage(unsigned step)
{
	bool took_it = true;

	let_one_leave();
	steps_from_fault = step;
	protect_descriptor(PROT_NONE);
	if (kmem_group_cache_usage(group, counted) != 0)
		broken("at instruction %u another cache's object was counted", step);
	STEP_OFF;
	if (steps_left != 0) {
		steps_left = 0;
		change_hands();
		took_it = false;
	}
	took_it &= charged_count < SOME;
	while (charged_count != 0)
		kmem_cache_free(charged, of_charged[--charged_count]);
	kmem_cache_shrink(charged);
	return took_it;
}

static void count_while_a_page_changes_hands(void)
{
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct sigaction trap = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };
	unsigned done = 0;

	group = kmem_group_create("group", NULL, KMEM_GROUP_UNLIMITED);
	counted = kmem_cache_create("counted", 1000, 0, SLAB_ACCOUNT, NULL);
	charged = kmem_cache_create("charged", 1100, 0, SLAB_ACCOUNT, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGTRAP, &trap, NULL);
	do_at_step = change_hands;
	for (unsigned step = 1; step <= LOOK_STEPS; step++)
		done += look_at_usage(step);
	verdict(done > LOOK_STEPS / 2, "a page may become another cache's while a group's objects are counted",
		"at %u instructions", done);
}

/* ---- A class of kmalloc's while it is made --------------------------------------------------- */

/*
 * The first request of a kind makes its class. At each instruction another thread, which may not
 * block, asks for the same: it gets a normal object, until it finds the class. Its pages have
 * their byte by then.
 */
enum { CLASS_BYTES = 64, CLASS_GFP = __GFP_RECLAIMABLE };

static unsigned asked, found;

/* At the next instruction again. The registry's lock alone he does not wait for. */
static bool may_ask(void)
{
	steps_left = 1;
	if (lock_depth > 1)
		return false;
	asked++;
	return true;
}

static void ask_too(void)
{
	void *object;
	struct page *slab;

	if (!may_ask())
		return;
	object = kmalloc(CLASS_BYTES, GFP_NOWAIT | CLASS_GFP);
	slab = virt_to_head_page(object);
	slab_check(slab);
	found += strcmp(slab->layout->name, "kmalloc-rcl-64") == 0;
	kfree(object);
}

static void make_class(void)
{
	kfree(kmalloc(CLASS_BYTES, GFP_KERNEL | CLASS_GFP));
}

/*
 * Of malloc's, a thread waits until the class is to be found. Who finds it gets a block that has
 * its pages' byte: realloc and free know it by that.
 */
static const unsigned of_malloc = HEAP_CLASS_FIRST + CLASS_BYTES / HEAP_GRAIN - 1;

static void ask_malloc_too(void)
{
	void *block;

	if (!may_ask() || heap_of_id[of_malloc] == heap_of_id[HEAP_NOTHING])
		return;
	found++;
	block = heap_alloc(CLASS_BYTES);
	slab_check(virt_to_head_page(block));
	if (heap_id_of(block) != of_malloc)
		broken("a block of a class that is just made has the byte %u", heap_id_of(block));
	heap_free(heap_realloc(block, CLASS_BYTES - 1, NULL));
}

static void make_class_of_malloc(void)
{
	heap_free(heap_alloc(CLASS_BYTES));
}

static void ask_while_a_class_is_made(const char *what, void (*make)(void), void (*ask)(void))
{
	asked = found = 0;
	steps_go_on = true;
	step_through(make, 1, ask);
	steps_go_on = false;
	steps_left = 0;
	verdict(asked > found && found > 20, what, "at %u instructions, at %u of them it was there",
		asked, found);
}

int boot_heap(void)
{
	return heap_init();
}

int main(void)
{
	find_cpus();
	pin(0, 0);
	/* A stepped sequence never commits: what is behind them is seen without. */
	setenv("UKMEM_OPTIONS", "reaper:off reap_ms:1000000 backend:locked", 1);
	cache = stamped_cache("between", 64);
	use();
	if (!STEP_CAN) {
		printf("skipped what another thread does: no trap flag here\n");
		return 0;
	}
	interleave("a drain may come in between", drain);
	interleave("a tune may come in between", tune);
	ask_while_a_class_is_made("a class may be asked for while it is made", make_class, ask_too);
	ask_while_a_class_is_made("so may one of malloc's", make_class_of_malloc, ask_malloc_too);
	looks_closely = true;
	interleave("the beginning of a recording may come in between", close_for_now);
	looks_closely = false;
	interleave("a recording's beginning and end may come in between", close_and_open);
	interleave("a reaper may come in between", reap);
	interleave("a shrink may come in between", shrink);
	interleave("a CPU may go and come in between", go_and_come);
	interleave("another thread of the CPU may come in between", use);
	count_while_a_page_changes_hands();
	return race_failures != 0;
}
