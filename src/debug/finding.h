/*
 * finding.h: one shape for every finding: what, which object, the bytes, who and when.
 *
 *     ukmem: write past the end of 0x7f01c0, a live object of cache box (64 bytes)
 *       byte 64 is 0x41, should be 0xcc; object 3 of slab 0x7f0000
 *         +48 | 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
 *         +64 | 41 cc cc cc cc cc cc cc bb bb bb bb bb bb bb bb
 *       found by thread 17, CPU 0:
 *         #0 /tmp/program+0x11f3
 *       allocated by thread 17, CPU 0, 12 ms ago:
 *         #0 /tmp/program+0x11d0
 *
 * "program+0x11f3" is what `ukmem symbolize` and addr2line -e turn into function, file
 * and line: the program itself does not look symbols up, since its heap is broken.
 * Written by one write(2); then the process aborts, or goes on with debug_abort:no.
 */
#ifndef DEBUG_FINDING_H
#define DEBUG_FINDING_H

#include "base/counter.h"
#include "debug/table.h"

/* The text is not on the stack: a fault is told of on the program's alternate one, of 8 KiB. */
struct finding {
	size_t length;
	char *text;
};

/* The first line. */
void finding_begin(struct finding *finding, const char *format, ...) PRINTF(2, 3);
void finding_add(struct finding *finding, const char *format, ...) PRINTF(2, 3);

/* " 0x..., a live object of cache box (64 bytes)" and the line's end. */
void finding_object(struct finding *finding, const struct object *object);

/* Where @bad, which is not @wanted, lies in the object, and the bytes around it. */
void finding_bytes(struct finding *finding, const struct object *object, const uint8_t *bad,
		  uint8_t wanted);

/* This thread's stack, and with SLAB_STORE_USER who had the object. */
void finding_tracks(struct finding *finding, const struct object *object, const void *caller);

/* One of these. */
void finding_track(struct finding *finding, const char *what, const struct track *track);

/* "  #0 module+0x..." for each frame. */
void finding_frames(struct finding *finding, const uintptr_t *frames, unsigned count);

/* Write it; it is gone then. */
void finding_print(struct finding *finding);

/* The same; abort unless the options say to go on. */
void finding_end(struct finding *finding);

/* How many there were: more than 0 only when they don't abort. */
extern counter_t reports;

#endif
