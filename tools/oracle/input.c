/*
 * input.c: see input.h.
 */
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "text.h"

struct bytes {
	char *data;
	size_t length, room;
};

static void make_room(struct bytes *bytes, size_t more)
{
	if (bytes->length + more + 1 <= bytes->room)
		return;
	bytes->room = (bytes->length + more + 1) * 2;
	bytes->data = must_allocate(bytes->data, bytes->room);
}

static bool read_all(const char *path, struct bytes *bytes, const char **why)
{
	enum { PIECE = 1 << 16 };
	FILE *file = fopen(path, "rb");
	size_t got;
	bool good;

	if (file == NULL) {
		*why = strerror(errno);
		return false;
	}
	do {
		make_room(bytes, PIECE);
		got = fread(bytes->data + bytes->length, 1, PIECE, file);
		bytes->length += got;
	} while (got != 0);
	good = !ferror(file);
	if (!good)
		*why = strerror(errno);
	fclose(file);
	return good;
}

/* A file may hold several frames, and need not say how large it is unpacked. */
static bool unpack(const struct bytes *packed, struct bytes *plain, const char **why)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = { packed->data, packed->length, 0 };
	size_t left = 1;

	if (stream == NULL) {
		*why = "out of memory";
		return false;
	}
	for (;;) {
		ZSTD_outBuffer out;

		make_room(plain, ZSTD_DStreamOutSize());
		out = (ZSTD_outBuffer){ plain->data + plain->length,
					plain->room - plain->length - 1, 0 };
		left = ZSTD_decompressStream(stream, &out, &in);
		if (ZSTD_isError(left))
			break;
		plain->length += out.pos;
		if (in.pos == in.size && out.pos < out.size)
			break;
	}
	ZSTD_freeDStream(stream);
	if (left != 0)
		*why = ZSTD_isError(left) ? ZSTD_getErrorName(left) : "the file ends too early";
	return left == 0;
}

static char *terminated(struct bytes *bytes, const char **why)
{
	make_room(bytes, 0);
	bytes->data[bytes->length] = '\0';
	if (strlen(bytes->data) == bytes->length)
		return bytes->data;
	*why = "not a text";
	free(bytes->data);
	return NULL;
}

char *input_read(const char *path, const char **why)
{
	struct bytes packed = { 0 }, plain = { 0 };
	bool good;

	if (!read_all(path, &packed, why)) {
		free(packed.data);
		return NULL;
	}
	if (!name_ends_in(path, ".zst"))
		return terminated(&packed, why);
	good = unpack(&packed, &plain, why);
	free(packed.data);
	if (good)
		return terminated(&plain, why);
	free(plain.data);
	return NULL;
}

bool name_ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);

	return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}
