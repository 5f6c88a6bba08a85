#include "debug/record.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/counter.h"
#include "debug/watch.h"
#include "os/event_file.h"
#include "os/options.h"
#include "os/thread.h"

/* Chosen: 1 MiB of blocks at once, so one system call in 65536 events. */
enum { CHUNK_BYTES = 1 << 20 };

static struct event_file file;
static struct record_head *_Atomic head;        /* NULL: nothing is recorded */
static _Atomic unsigned writers;                /* who may have looked before it became NULL */
static _Atomic size_t blocks_end;               /* stores below can't fail */
static bool was_refused, is_named;

/* Several may ask for the same blocks at once: the system gives them once. */
static COLD bool more_blocks(size_t end)
{
	size_t from = atomic_load_explicit(&blocks_end, memory_order_relaxed);

	while (from < end) {
		if (event_file_extend(&file, from, CHUNK_BYTES) != 0)
			return false;
		if (atomic_compare_exchange_strong(&blocks_end, &from, from + CHUNK_BYTES))
			from += CHUNK_BYTES;
	}
	return true;
}

static void write_event(struct record_head *to, const struct slab_layout *layout,
			const void *object, size_t size, enum record_op op)
{
	struct record_event *event;

	event = &to->event[atomic_fetch_add(&to->next, 1)];
	if (unlikely((size_t)((char *)(event + 1) - file.memory) >
		     atomic_load_explicit(&blocks_end, memory_order_acquire)) &&
	    !more_blocks((size_t)((char *)(event + 1) - file.memory))) {
		atomic_fetch_add(&to->missed, 1);
		return;
	}
	event->object = (uintptr_t)object;
	event->size = (uint32_t)size;
	event->cache = layout->record_number;
	event->slot = (uint8_t)thread_slot();
	atomic_store_explicit(&event->op, op, memory_order_release);
}

static void record(const struct slab_layout *layout, const void *object, size_t size,
		   enum record_op op)
{
	struct record_head *to;

	atomic_fetch_add(&writers, 1);
	to = atomic_load(&head);
	if (to != NULL)
		write_event(to, layout, object, size, op);
	leave_counted(&writers);
}

static bool allocated(const struct slab_layout *layout, void *object,
		      const struct alloc_request *request)
{
	record(layout, object, request->size, RECORD_ALLOC);
	return true;
}

static bool may_free(const struct slab_layout *layout, void *object, const void *caller UNUSED)
{
	record(layout, object, 0, RECORD_FREE);
	return true;
}

static const struct slab_hooks hooks = {
	.new_slab = watch_new_slab,
	.may_alloc = watch_may_alloc,
	.allocated = allocated,
	.may_free = may_free,
	.usable = watch_usable,
	.resize = watch_resize,
};

/* The first blocks, and the head. */
static int begin(void)
{
	int error = event_file_extend(&file, 0, CHUNK_BYTES);

	if (error != 0) {
		event_file_close(&file);
		return error;
	}
	atomic_store(&blocks_end, CHUNK_BYTES);
	strcpy((char *)file.memory, RECORD_MAGIC);
	((struct record_head *)(void *)file.memory)->process = (uint32_t)getpid();
	atomic_store(&head, (struct record_head *)(void *)file.memory);
	return 0;
}

static bool is_recording(int there)
{
	char magic[sizeof(RECORD_MAGIC)] = "";

	syscall(SYS_pread64, there, magic, sizeof(magic), offsetof(struct record_head, magic));
	return memcmp(magic, RECORD_MAGIC, sizeof(magic)) == 0;
}

/*
 * trace_first: a recording that is there is of the program that this process was before, and goes;
 * or another process's, whose reader learns that there are more. True when it went.
 */
static bool take_over(void)
{
	static const uint32_t some = 1;
	uint32_t process = 0;
	int there = uncancelled_open(options.trace, O_RDWR | O_CLOEXEC);
	bool went = false;

	if (is_recording(there)) {
		syscall(SYS_pread64, there, &process, sizeof(process), offsetof(struct record_head, process));
		went = process == (uint32_t)getpid() && unlink(options.trace) == 0;
		if (!went)
			syscall(SYS_pwrite64, there, &some, sizeof(some), offsetof(struct record_head, others));
	}
	uncancelled_close(there);
	return went;
}

static int create_named(void)
{
	int error = event_file_create(&file, options.trace);

	if (error == -EEXIST && options.trace_first && take_over())
		error = event_file_create(&file, options.trace);
	return error;
}

/* One that is there already is another process's, perhaps our parent's. */
static bool open_named(void)
{
	int error = create_named();

	if (error == 0) {
		error = begin();
		if (error != 0)
			unlink(options.trace);
	}
	is_named = error == 0;
	was_refused = !is_named;
	if (was_refused && !(error == -EEXIST && options.trace_first))
		slab_log("trace:%s: not recorded: %s", options.trace, strerrordesc_np(-error));
	return is_named;
}

int record_open(void)
{
	int error;

	if (file.memory != NULL)
		return -EBUSY;
	error = event_file_unnamed(&file);
	if (error == 0)
		error = begin();
	return error != 0 ? error : file.file;
}

bool record_is_awaited(void)
{
	return event_file_is_locked(&file);
}

const struct slab_hooks *record_hooks(struct slab_layout *layout)
{
	struct record_head *to;

	if (file.memory == NULL && (was_refused || options.trace[0] == '\0' || !open_named()))
		return NULL;
	to = atomic_load(&head);
	if (to == NULL || to->caches == RECORD_CACHES)
		return NULL;
	layout->record_number = (uint16_t)to->caches;
	strncpy(to->cache[to->caches].name, layout->name, RECORD_NAME_BYTES - 1);
	to->cache[to->caches++].object_size = layout->object_size;
	return &hooks;
}

/*
 * Whoever writes is a few instructions from his end, unless he is stopped there, by a
 * debugger or a signal: then the file stays mapped, for good.
 */
void record_close(void)
{
	enum { PATIENCE_MS = 1000 };

	atomic_store(&head, NULL);
	if (await_none(&writers, PATIENCE_MS) && !is_named)
		event_file_close(&file);
}

void record_abandon(void)
{
	atomic_store(&head, NULL);
	atomic_store(&writers, 0);
	if (file.memory != NULL && !is_named)
		event_file_close(&file);
}
