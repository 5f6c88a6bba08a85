/*
 * track.h: this thread, now, here.
 */
#ifndef DEBUG_TRACK_H
#define DEBUG_TRACK_H

#include "debug/table.h"

/*
 * Fill *@track in; frames are noted from the one behind @caller on. From signal handlers
 * too. Where the same call was made before it costs a third of what it does else.
 */
void track_now(struct track *track, const void *caller);

/* The forking thread has another number in the child. */
void track_after_fork(void);

#endif
