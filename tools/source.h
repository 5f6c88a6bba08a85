/*
 * source.h: the bytes of one input file, plain or zstd, counted.
 *
 * Whether a file is compressed is told by its first bytes, never by its name. The
 * offset is that of the uncompressed stream, so a complaint names the same byte for
 * a trace and for its compressed copy; only what the decompressor itself refuses is
 * counted in the compressed file.
 */
#ifndef TOOLS_SOURCE_H
#define TOOLS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

struct source {
	const char *path;        /* as given; "-" is standard input */
	int file;
	bool failed;             /* a line about this file has been printed */
	bool at_end;             /* the file itself has no more bytes */
	bool frame_open;         /* in the middle of a zstd frame */
	ZSTD_DStream *zstd;      /* NULL: plain */
	uint64_t raw_bytes;      /* read from the file so far */
	ZSTD_inBuffer raw;       /* the file's bytes not yet decompressed */
	uint64_t offset;         /* uncompressed bytes handed out so far */
	char *next, *end;        /* uncompressed bytes not yet handed out */
	char *raw_buffer, *plain_buffer;
};

/* Returns false after one line on stderr. Close it in both cases. */
bool source_open(struct source *source, const char *path);
void source_close(struct source *source);

/* Returns how many bytes there were, at most @size; fewer only at the end, or when failed. */
size_t source_read(struct source *source, void *buffer, size_t size);

/* The next byte; -1 at the end, or when failed. */
int source_byte(struct source *source);

/* Print "ukmem: FILE: byte OFFSET: what" unless this file already has its line. Returns false. */
bool source_bad(struct source *source, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
