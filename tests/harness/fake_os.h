/*
 * fake_os.h: an operating system that refuses when it is told to.
 *
 * Stands in for os_ops (os/ops.h) and forwards to the real entries. Every request is
 * counted, over all entries; requests may come from several threads.
 */
#ifndef HARNESS_FAKE_OS_H
#define HARNESS_FAKE_OS_H

#include <stdbool.h>

enum fake_os_entry {
	FAKE_RESERVE, FAKE_UNRESERVE, FAKE_COMMIT, FAKE_PURGE, FAKE_BIND, FAKE_SETTLE,
	FAKE_MAP, FAKE_UNMAP, FAKE_REMAP, FAKE_LOCK, FAKE_UNLOCK, FAKE_MAP_HUGE, FAKE_UNMAP_HUGE,
	FAKE_OPEN_SHARED, FAKE_MAP_SHARED, FAKE_FILL_SHARED, FAKE_PUNCH_SHARED,
	FAKE_PUNCH_MAPPED, FAKE_START_THREAD, FAKE_ENTRIES
};

/* Before the first call into the library. */
void fake_os_install(void);

/* The @k-th request from now on (1: the next one) is refused; 0: none. Resets the count. */
void fake_os_refuse(unsigned k);

/* The @k-th request and all after it, until fake_os_refuse() is called again. */
void fake_os_refuse_from(unsigned k);

/* Every request for memory, likewise. */
void fake_os_refuse_memory(void);

/* Since the last fake_os_refuse: was any request refused, and how many were there? */
bool fake_os_has_refused(void);
unsigned fake_os_requests(void);

/* Requests to one entry since fake_os_install. */
unsigned fake_os_requests_of(enum fake_os_entry entry);

#endif
