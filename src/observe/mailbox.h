/*
 * mailbox.h: what a tool outside asks of this process.
 *
 * The tool, which may write here only if it could as well attach a debugger, writes
 * @kind and @text, then @request = @done + 1. The helper thread looks once a round,
 * does it, and answers with @result and @done = @request.
 */
#ifndef OBSERVE_MAILBOX_H
#define OBSERVE_MAILBOX_H

#include <stdatomic.h>

#include "base/compiler.h"

enum mail_kind {
	MAIL_TUNE = 1,          /* text: as slabinfo_write takes it */
	MAIL_SHRINK,            /* text: a cache's name */
	MAIL_SHRINK_ALL,
	MAIL_RECORD,            /* recorder_start; result: the file's descriptor */
	MAIL_RECORD_END,
	MAIL_TIME,              /* text: seconds, for timing_start */
};

enum { MAIL_TEXT_BYTES = 256 };

struct mailbox {
	_Atomic uint32_t request, done;
	int32_t result;         /* 0, a descriptor, or -errno */
	uint32_t kind;
	char text[MAIL_TEXT_BYTES];
};

extern struct mailbox mailbox;

#endif
