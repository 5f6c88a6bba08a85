/*
 * output.c: see output.h.
 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../say.h"

static bool is_something_else(const char *path)
{
	struct stat there;

	return lstat(path, &there) == 0 && !S_ISREG(there.st_mode);
}

bool output_open(struct output *output, const char *path)
{
	static const char suffix[] = ".part";

	*output = (struct output){ .path = path };
	if (!is_something_else(path)) {
		if (strlen(path) + sizeof(suffix) > sizeof(output->part)) {
			say("%s: %s", path, strerror(ENAMETOOLONG));
			return false;
		}
		strcat(strcpy(output->part, path), suffix);
	}
	output->file = fopen(*output->part != '\0' ? output->part : path, "we");
	if (output->file == NULL)
		say("%s: %s", path, strerror(errno));
	return output->file != NULL;
}

int output_close(struct output *output, bool good)
{
	good = fclose(output->file) == 0 && good;
	if (good && (*output->part == '\0' || rename(output->part, output->path) == 0))
		return 0;
	say("%s: %s", output->path, strerror(errno));
	if (*output->part != '\0')
		unlink(output->part);
	return EXIT_FAILURE;
}

void output_drop(struct output *output)
{
	fclose(output->file);
	if (*output->part != '\0')
		unlink(output->part);
}
