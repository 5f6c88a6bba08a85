/*
 * secure.c: does a setuid program listen to the environment? Linked statically with the
 * drop-in, run with UKMEM_OPTIONS that would be complained of. Status 0: it was started
 * as a setuid program (AT_SECURE); 77: the system did not make it one.
 */
#include <stdlib.h>
#include <sys/auxv.h>

int main(void)
{
	void *volatile block = malloc(100);

	free(block);
	return getauxval(AT_SECURE) ? 0 : 77;
}
