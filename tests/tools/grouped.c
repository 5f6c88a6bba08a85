/*
 * grouped.c: a program with accounting groups: "top" holds 10 objects of kmalloc(1000),
 * "top/mail" 20 letters of 256 bytes, which is its limit; "top/gone" is destroyed and had
 * 30 letters, which are top's now.
 */
#include <stdio.h>
#include <ukmem/group.h>
#include <unistd.h>

static void hold(struct kmem_group *group, struct kmem_cache *cache, int count)
{
	struct kmem_group *before = kmem_group_enter(group);

	while (count-- > 0)
		if ((cache != NULL ? kmem_cache_alloc(cache, GFP_KERNEL) :
		     kmalloc(1000, GFP_KERNEL_ACCOUNT)) == NULL)
			break;
	kmem_group_leave(before);
}

int main(void)
{
	struct kmem_cache *letters = kmem_cache_create("letters", 256, 0, SLAB_ACCOUNT, NULL);
	struct kmem_group *top = kmem_group_create("top", NULL, KMEM_GROUP_UNLIMITED);
	struct kmem_group *mail = kmem_group_create("mail", top, 20 * 256);
	struct kmem_group *gone = kmem_group_create("gone", top, KMEM_GROUP_UNLIMITED);
	char byte;

	hold(top, NULL, 10);
	hold(mail, letters, 21);
	hold(gone, letters, 30);
	kmem_group_destroy(gone);
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
