/* trace_header.h: the text part of a trace. */
#ifndef TOOLS_TRACE_HEADER_H
#define TOOLS_TRACE_HEADER_H

#include "source.h"
#include "trace.h"

/* Returns false after one line on stderr; trace->entries may be set all the same. */
bool trace_header_read(struct source *source, struct trace *trace);

#endif
