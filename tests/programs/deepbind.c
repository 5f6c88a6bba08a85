/*
 * deepbind.c: a library opened with RTLD_DEEPBIND, found by the program's own RUNPATH, frees
 * what the program allocated and the other way round. Status 0 when all goes well.
 * With -DPLUGIN it is that library.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef PLUGIN
void *plugin_exchange(void *block)
{
	free(block);
	return malloc(1000);
}
#else
typedef void *exchange_function(void *block);

int main(void)
{
	void *library = dlopen("libdeepbind.so", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
	exchange_function *exchange;

	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	*(void **)&exchange = dlsym(library, "plugin_exchange");
	for (int round = 0; round < 1000; round++) {
		void *block = malloc(1000);

		memset(block, 1, 1000);
		free(exchange(block));
	}
	return 0;
}
#endif
