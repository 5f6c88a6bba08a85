/* The program of a user, as the README's first example: built against what was installed. */
#include <stdio.h>

#include <ukmem/slab.h>

int main(void)
{
	char *text = kstrdup("hello from ukmem", GFP_KERNEL);

	puts(text);
	kfree(text);
	return 0;
}
