/*
 * A string's NUL has no room.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache kmalloc-32 (10 bytes)
 * Report:   byte 10 is 0x00, should be 0xcc; *
 */
#include <string.h>

#include <ukmem/slab.h>

int main(void)
{
	const char *text = "ten bytes.";
	char *copy = kmalloc(strlen(text), GFP_KERNEL);

	strcpy(copy, text);
	kfree(copy);
	return 0;
}
