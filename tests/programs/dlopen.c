/*
 * dlopen.c LIBRARY: a process on glibc's malloc opens the drop-in and closes it, a hundred
 * times, beside threads; its heap is one of its own. Status 0 when all goes well.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef void *malloc_function(size_t size);
typedef void free_function(void *block);

static void *one_round(void *name)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	malloc_function *allocate;
	free_function *release;
	void *block;

	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return NULL;
	}
	*(void **)&allocate = dlsym(library, "malloc");
	*(void **)&release = dlsym(library, "free");
	block = allocate(1000);
	memset(block, 1, 1000);
	release(block);
	dlclose(library);
	return name;
}

int main(int count, char **arguments)
{
	for (int round = 0; count == 2 && round < 100; round++) {
		pthread_t thread;
		void *result = NULL;

		if (pthread_create(&thread, NULL, one_round, arguments[1]) != 0 ||
		    pthread_join(thread, &result) != 0 || result == NULL ||
		    one_round(arguments[1]) == NULL)
			return 1;
	}
	return count != 2;
}
