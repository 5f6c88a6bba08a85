/*
 * names.c: a program whose names are those that the library's files know each other by.
 * Linked statically, it must have its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <ukmem/slab.h>

int options = 1, groups = 2, zones = 3, registry = 4, shadow = 5, reports = 6;

int reclaim(void);
int boot(void);
int fence(void);
int fill(void);

int reclaim(void) { return 10; }
int boot(void) { return 20; }
int fence(void) { return 30; }
int fill(void) { return 40; }

int main(void)
{
	void *volatile object = kzalloc(100, GFP_KERNEL), *volatile block = malloc(100);

	free(block);
	kfree(object);
	printf("%d\n", options + groups + zones + registry + shadow + reports + reclaim() +
	       boot() + fence() + fill());
	return object == NULL;
}
