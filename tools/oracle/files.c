/*
 * files.c: see files.h.
 */
#include "files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input.h"
#include "text.h"

static void add_one(struct files *files, const char *path, bool asked)
{
	if (files->count + 2 > files->room) {
		files->room = files->room * 2 + 64;
		files->path = must_allocate(files->path, files->room * sizeof(*files->path));
		files->asked = must_allocate(files->asked, files->room * sizeof(*files->asked));
	}
	files->path[files->count] = strdup(path);
	files->asked[files->count++] = asked;
	files->path[files->count] = NULL;
}

/* Tables and scripts; a folder also holds texts and programs for people. */
static bool is_candidate(const char *name)
{
	return name_ends_in(name, ".csv") || name_ends_in(name, ".csv.zst") ||
	       name_ends_in(name, ".txt") || name_ends_in(name, ".txt.zst");
}

static bool add_any(struct files *files, const char *path, bool asked);

static bool add_folder(struct files *files, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	bool good = count >= 0;

	for (int i = 0; i < count; i++) {
		struct text path = { 0 };

		text_add(&path, "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			good &= add_any(files, path.data, false);
		text_free(&path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return good;
}

static bool add_any(struct files *files, const char *path, bool asked)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	if (S_ISDIR(status.st_mode))
		return add_folder(files, path);
	if (asked || is_candidate(path))
		add_one(files, path, asked);
	return true;
}

bool files_add(struct files *files, const char *path)
{
	return add_any(files, path, true);
}
