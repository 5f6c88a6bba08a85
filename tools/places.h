/*
 * places.h: what belongs to this command, in a build tree or where it was installed.
 */
#ifndef TOOLS_PLACES_H
#define TOOLS_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The file @name beside this command, or in @folder ("": none, else with a slash at its end)
 * of ../lib or the like, which is to be used as access(2) has it in @mode.
 */
bool place_of(const char *folder, const char *name, int mode, char *path, size_t size);

#endif
