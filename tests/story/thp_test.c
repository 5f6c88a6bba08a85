/*
 * Huge pages are asked for exactly when the option says so.
 */
#include <stdio.h>
#include <string.h>

#include "harness/look.h"
#include "harness/test.h"

/* Does the mapping of @address carry @flag, as /proc/self/smaps tells? -1: unknown. */
static int has_flag(const void *address, const char *flag)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	unsigned long start, end;
	bool inside = false;
	char line[512];
	int found = -1;

	while (maps != NULL && found < 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (unsigned long)address >= start && (unsigned long)address < end;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	if (maps != NULL)
		fclose(maps);
	return found;
}

static int object_has_flag(void)
{
	return has_flag(kmem_cache_alloc(cache_of("story", 64), GFP_KERNEL), " hg");
}

TEST_ON("thp:on " NO_REAPER, the_heap_asks_for_huge_pages)
{
	EXPECT_NE(object_has_flag(), 0);
}

TEST_ON(NO_REAPER, the_heap_does_not_ask_by_itself)
{
	EXPECT_NE(object_has_flag(), 1);
}
