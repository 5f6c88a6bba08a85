#include "harness/fake_os.h"

#include <errno.h>
#include <stdatomic.h>

#include "os/ops.h"

static struct os_ops real;
static atomic_uint counts[FAKE_ENTRIES];
static atomic_uint requests, refusals;
static atomic_uint first_refused, last_refused;
static atomic_bool memory_refused;

static bool is_memory(enum fake_os_entry entry)
{
	return entry == FAKE_RESERVE || entry == FAKE_COMMIT || entry == FAKE_MAP ||
	       entry == FAKE_LOCK || entry == FAKE_MAP_HUGE || entry == FAKE_FILL_SHARED;
}

/* Count, and tell whether this one is refused. */
static bool refused(enum fake_os_entry entry)
{
	unsigned number = atomic_fetch_add(&requests, 1) + 1;

	atomic_fetch_add(&counts[entry], 1);
	if ((number < first_refused || number > last_refused) &&
	    !(memory_refused && is_memory(entry)))
		return false;
	atomic_fetch_add(&refusals, 1);
	errno = EXFULL;         /* a system call says why there, too */
	return true;
}

static int fake_reserve(void *hint, size_t bytes, void **out)
{
	return refused(FAKE_RESERVE) ? -ENOMEM : real.reserve(hint, bytes, out);
}

static int fake_unreserve(void *address, size_t bytes)
{
	return refused(FAKE_UNRESERVE) ? -ENOMEM : real.unreserve(address, bytes);
}

static int fake_commit(void *address, size_t bytes)
{
	return refused(FAKE_COMMIT) ? -ENOMEM : real.commit(address, bytes);
}

static int fake_purge(void *address, size_t bytes)
{
	return refused(FAKE_PURGE) ? -EINVAL : real.purge(address, bytes);
}

static int fake_bind(void *address, size_t bytes, int node)
{
	return refused(FAKE_BIND) ? -EPERM : real.bind(address, bytes, node);
}

static int fake_settle(void *address, size_t bytes, int node)
{
	return refused(FAKE_SETTLE) ? -ENOMEM : real.settle(address, bytes, node);
}

static int fake_map(size_t bytes, void **out)
{
	return refused(FAKE_MAP) ? -ENOMEM : real.map(bytes, out);
}

static int fake_unmap(void *address, size_t bytes)
{
	return refused(FAKE_UNMAP) ? -ENOMEM : real.unmap(address, bytes);
}

static int fake_remap(void *address, size_t old_bytes, size_t bytes, void **out)
{
	return refused(FAKE_REMAP) ? -ENOMEM : real.remap(address, old_bytes, bytes, out);
}

static int fake_lock(void *address, size_t bytes)
{
	return refused(FAKE_LOCK) ? -ENOMEM : real.lock(address, bytes);
}

static int fake_unlock(void *address, size_t bytes)
{
	return refused(FAKE_UNLOCK) ? -ENOMEM : real.unlock(address, bytes);
}

static int fake_map_huge(void *address, size_t bytes)
{
	return refused(FAKE_MAP_HUGE) ? -ENOMEM : real.map_huge(address, bytes);
}

static int fake_unmap_huge(void *address, size_t bytes)
{
	return refused(FAKE_UNMAP_HUGE) ? -ENOMEM : real.unmap_huge(address, bytes);
}

static int fake_open_shared(const char *name, size_t bytes, int *fd)
{
	return refused(FAKE_OPEN_SHARED) ? -ENOMEM : real.open_shared(name, bytes, fd);
}

static int fake_map_shared(void *address, size_t bytes, int fd)
{
	return refused(FAKE_MAP_SHARED) ? -ENOMEM : real.map_shared(address, bytes, fd);
}

static int fake_fill_shared(int fd, size_t offset, size_t bytes)
{
	return refused(FAKE_FILL_SHARED) ? -ENOSPC : real.fill_shared(fd, offset, bytes);
}

static int fake_punch_shared(int fd, size_t offset, size_t bytes)
{
	return refused(FAKE_PUNCH_SHARED) ? -EIO : real.punch_shared(fd, offset, bytes);
}

static int fake_punch_mapped(void *address, size_t bytes)
{
	return refused(FAKE_PUNCH_MAPPED) ? -EIO : real.punch_mapped(address, bytes);
}

static int fake_start_thread(void *(*body)(void *), void *argument)
{
	return refused(FAKE_START_THREAD) ? -EAGAIN : real.start_thread(body, argument);
}

void fake_os_install(void)
{
	real = os_ops;
	os_ops = (struct os_ops){
		.reserve = fake_reserve,
		.unreserve = fake_unreserve,
		.commit = fake_commit,
		.purge = fake_purge,
		.bind = fake_bind,
		.settle = fake_settle,
		.map = fake_map,
		.unmap = fake_unmap,
		.remap = fake_remap,
		.lock = fake_lock,
		.unlock = fake_unlock,
		.map_huge = fake_map_huge,
		.unmap_huge = fake_unmap_huge,
		.open_shared = fake_open_shared,
		.map_shared = fake_map_shared,
		.fill_shared = fake_fill_shared,
		.punch_shared = fake_punch_shared,
		.punch_mapped = fake_punch_mapped,
		.start_thread = fake_start_thread,
	};
	fake_os_refuse(0);
}

static void refuse_between(unsigned first, unsigned last)
{
	atomic_store(&memory_refused, false);
	atomic_store(&first_refused, first);
	atomic_store(&last_refused, last);
	atomic_store(&refusals, 0);
	atomic_store(&requests, 0);
}

void fake_os_refuse(unsigned k)
{
	refuse_between(k != 0 ? k : ~0u, k);
}

void fake_os_refuse_from(unsigned k)
{
	refuse_between(k, ~0u);
}

void fake_os_refuse_memory(void)
{
	fake_os_refuse(0);
	atomic_store(&memory_refused, true);
}

bool fake_os_has_refused(void)
{
	return atomic_load(&refusals) != 0;
}

unsigned fake_os_requests(void)
{
	return atomic_load(&requests);
}

unsigned fake_os_requests_of(enum fake_os_entry entry)
{
	return atomic_load(&counts[entry]);
}
