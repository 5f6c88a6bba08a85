/*
 * mailbox.c: the helper thread does what a tool asked for (ukmem tune, shrink, record).
 */
#include "observe/mailbox.h"

#include <errno.h>
#include <string.h>

#include "cache/cache.h"

static int shrink_named(const char *name)
{
	struct kmem_cache *cache;

	lock_take(&registry_lock);
	cache = find_by_name(name, strlen(name));
	if (cache != NULL)
		cache_shrink(cache);
	meta_shrink();
	lock_drop(&registry_lock);
	pages_purge(0);
	return cache != NULL ? 0 : -ENOENT;
}

static int shrink_all(void)
{
	reclaim();
	pages_purge(0);
	return 0;
}

static int tune(const char *text)
{
	ssize_t written = slabinfo_write(text, strlen(text));

	return written < 0 ? (int)written : 0;
}

static int serve(uint32_t kind, const char *text)
{
	switch (kind) {
	case MAIL_TUNE:
		return tune(text);
	case MAIL_SHRINK:
		return shrink_named(text);
	case MAIL_SHRINK_ALL:
		return shrink_all();
	case MAIL_RECORD:
		return recorder_start();
	case MAIL_RECORD_END:
		return recorder_stop();
	case MAIL_TIME:
		return timing_start(text);
	default:
		return -EOPNOTSUPP;
	}
}

bool mailbox_has_mail(void)
{
	return unlikely(atomic_load_explicit(&mailbox.request, memory_order_relaxed) !=
			atomic_load_explicit(&mailbox.done, memory_order_relaxed));
}

/* The text is copied first: it may change under us, and must end. */
bool mailbox_serve(void)
{
	char text[MAIL_TEXT_BYTES];
	uint32_t request = atomic_load(&mailbox.request);

	if (likely(request == atomic_load(&mailbox.done)))
		return false;
	memcpy(text, mailbox.text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	mailbox.result = serve(mailbox.kind, text);
	atomic_store(&mailbox.done, request);
	return true;
}

void mailbox_after_fork(void)
{
	atomic_store(&mailbox.done, atomic_load(&mailbox.request));
}
