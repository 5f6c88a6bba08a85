/*
 * places.c: see places.h.
 */
#include "places.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __aarch64__
#define MACHINE "aarch64"
#else
#define MACHINE "x86_64"
#endif

static bool is_there(char *path, size_t size, int mode, const char *first, const char *second,
		     const char *folder, const char *name)
{
	int length = snprintf(path, size, "%s%s/%s%s", first, second, folder, name);

	return length > 0 && (size_t)length < size && access(path, mode) == 0;
}

bool place_of(const char *folder, const char *name, int mode, char *path, size_t size)
{
	static const char *const places[] = { "/../lib", "/../lib64", "/../lib/" MACHINE "-linux-gnu" };
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length <= 0)
		return false;
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	if (is_there(path, size, mode, self, "", "", name))
		return true;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (is_there(path, size, mode, self, places[i], folder, name))
			return true;
	return false;
}
