/*
 * The whole of a structure is cleared where its pointer's size was allocated.
 *
 * Report: ukmem: write past the end of 0x*, a live object of cache kmalloc-32 (8 bytes)
 */
#include <string.h>

#include <ukmem/slab.h>

struct session {
	char name[24];
};

int main(void)
{
	struct session *session = kmalloc(sizeof(session), GFP_KERNEL);

	memset(session, 0, sizeof(*session));
	kfree(session);
	return 0;
}
