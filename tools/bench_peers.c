/*
 * bench_peers.c: which allocators are on this machine.
 */
#include <string.h>
#include <unistd.h>

#include "bench.h"

static const char *const directories[] = {
	"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib",
	"/usr/local/lib",
};

static const struct {
	const char *name, *file, *newer;        /* @newer: what later releases have instead */
} preloads[] = {
	{ "jemalloc", "libjemalloc.so.2", NULL },
	{ "tcmalloc", "libtcmalloc_minimal.so.4", NULL },
	{ "mimalloc", "libmimalloc.so.2.0", "libmimalloc.so.3" },
};

static struct peer *add(struct bench *bench, const char *name, const char *binding)
{
	struct peer *peer = &bench->peers[bench->peers_count++];

	*peer = (struct peer){ .name = name, .binding = binding,
		.is_ours = strcmp(binding, "ukmem") == 0 || strcmp(binding, "inline") == 0,
		.counts = strcmp(binding, "malloc") == 0 };
	return peer;
}

/* Only if its worker was built. */
static void add_if_built(struct bench *bench, const char *name)
{
	char path[600];

	if (worker_path(name, path, sizeof(path)))
		add(bench, name, name);
}

static bool find_library(const char *file, char *path, size_t size)
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		snprintf(path, size, "%s/%s", directories[i], file);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

static void add_preload(struct bench *bench, const char *name, const char *file, const char *newer)
{
	char path[256];

	if (find_library(file, path, sizeof(path)) ||
	    (newer && find_library(newer, path, sizeof(path))))
		strcpy(add(bench, name, "malloc")->library, path);
	else
		fprintf(stderr, "ukmem: %s is not here (%s), it is left out\n", name, file);
}

void bench_find_peers(struct bench *bench)
{
	add(bench, "ukmem", "ukmem");
	add_if_built(bench, "inline");
	add(bench, "glibc", "malloc");
	for (size_t i = 0; i < sizeof(preloads) / sizeof(*preloads); i++)
		add_preload(bench, preloads[i].name, preloads[i].file, preloads[i].newer);
	add_if_built(bench, "dpdk");
	add(bench, "floor", "floor");
}

int bench_peer(const struct bench *bench, const char *name)
{
	for (unsigned i = 0; i < bench->peers_count; i++)
		if (strcmp(bench->peers[i].name, name) == 0)
			return (int)i;
	return -1;
}
