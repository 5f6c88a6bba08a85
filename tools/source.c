/*
 * source.c: read a file in large pieces and decompress on the way.
 *
 * One rule for errors: the first one prints the file's only line and sets `failed`;
 * after that every read finds no bytes, so callers need not ask after each one.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

enum {
	PIECE_BYTES = 128 << 10,    /* zstd's own choice of buffer; larger gains nothing */
	ZSTD_MAGIC_BYTES = 4,
};

static bool vbad(struct source *source, const char *where, uint64_t offset,
		 const char *format, va_list arguments)
{
	char what[200];

	if (source->failed)
		return false;
	vsnprintf(what, sizeof(what), format, arguments);
	say("%s: byte %llu%s: %s", source->path, (unsigned long long)offset, where, what);
	source->failed = true;
	return false;
}

bool source_bad(struct source *source, uint64_t offset, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vbad(source, "", offset, format, arguments);
	va_end(arguments);
	return false;
}

static bool bad_compressed(struct source *source, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vbad(source, " of the compressed file",
	     source->raw_bytes - (source->raw.size - source->raw.pos), format, arguments);
	va_end(arguments);
	return false;
}

static bool system_refused(struct source *source)
{
	if (!source->failed)
		say("%s: %s", source->path, strerror(errno));
	source->failed = true;
	return false;
}

/* Read until @size bytes are there or the file ends. */
static size_t read_file(struct source *source, char *buffer, size_t size)
{
	size_t have = 0;

	while (have < size && !source->at_end && !source->failed) {
		ssize_t got = read(source->file, buffer + have, size - have);

		if (got > 0)
			have += (size_t)got;
		else if (got == 0)
			source->at_end = true;
		else if (errno != EINTR)
			system_refused(source);
	}
	source->raw_bytes += have;
	return have;
}

static bool zstd_begin(struct source *source)
{
	source->raw_buffer = malloc(PIECE_BYTES);
	source->zstd = ZSTD_createDStream();
	if (source->raw_buffer == NULL || source->zstd == NULL)
		return system_refused(source);
	return true;
}

/* The first bytes tell what the file is; they are kept as its first piece. */
static bool look_at_magic(struct source *source)
{
	static const unsigned char magic[ZSTD_MAGIC_BYTES] = { 0x28, 0xb5, 0x2f, 0xfd };
	size_t have = read_file(source, source->plain_buffer, ZSTD_MAGIC_BYTES);

	if (source->failed)
		return false;
	source->next = source->plain_buffer;
	source->end = source->plain_buffer + have;
	if (have < ZSTD_MAGIC_BYTES || memcmp(source->plain_buffer, magic, have) != 0)
		return true;
	if (!zstd_begin(source))
		return false;
	memcpy(source->raw_buffer, magic, have);
	source->raw = (ZSTD_inBuffer){ source->raw_buffer, have, 0 };
	source->end = source->plain_buffer;
	return true;
}

bool source_open(struct source *source, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;

	*source = (struct source){ .path = path };
	source->file = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (source->file < 0)
		return system_refused(source);
	source->plain_buffer = malloc(PIECE_BYTES);
	if (source->plain_buffer == NULL)
		return system_refused(source);
	return look_at_magic(source);
}

void source_close(struct source *source)
{
	if (source->file > STDIN_FILENO)
		close(source->file);
	ZSTD_freeDStream(source->zstd);
	free(source->raw_buffer);
	free(source->plain_buffer);
}

/* More compressed bytes. At the file's end that is right only between two frames. */
static bool zstd_feed(struct source *source)
{
	size_t have = read_file(source, source->raw_buffer, PIECE_BYTES);

	source->raw = (ZSTD_inBuffer){ source->raw_buffer, have, 0 };
	if (have == 0 && source->frame_open)
		bad_compressed(source, "the compressed data ends early");
	return have > 0;
}

static size_t zstd_piece(struct source *source)
{
	ZSTD_outBuffer plain = { source->plain_buffer, PIECE_BYTES, 0 };

	while (plain.pos == 0) {
		size_t before = source->raw.pos;
		size_t left = ZSTD_decompressStream(source->zstd, &plain, &source->raw);

		if (ZSTD_isError(left)) {
			bad_compressed(source, "zstd: %s", ZSTD_getErrorName(left));
			break;
		}
		if (source->raw.pos > before || plain.pos > 0)
			source->frame_open = left != 0;
		if (plain.pos == 0 && source->raw.pos == source->raw.size && !zstd_feed(source))
			break;
	}
	return source->failed ? 0 : plain.pos;
}

static bool next_piece(struct source *source)
{
	size_t have = source->zstd != NULL
		? zstd_piece(source)
		: read_file(source, source->plain_buffer, PIECE_BYTES);

	source->next = source->plain_buffer;
	source->end = source->plain_buffer + have;
	return have > 0;
}

size_t source_read(struct source *source, void *buffer, size_t size)
{
	size_t have = 0;

	while (have < size && (source->next < source->end || next_piece(source))) {
		size_t left = (size_t)(source->end - source->next);
		size_t bytes = left < size - have ? left : size - have;

		memcpy((char *)buffer + have, source->next, bytes);
		source->next += bytes;
		have += bytes;
	}
	source->offset += have;
	return have;
}

int source_byte(struct source *source)
{
	unsigned char byte;

	return source_read(source, &byte, 1) == 1 ? byte : -1;
}
