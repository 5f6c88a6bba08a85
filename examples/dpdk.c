/*
 * dpdk.c: objects in memory that DPDK knows.
 *
 * A memory zone of DPDK's is the source: devices may read and write the objects, and
 * each has an address that a device understands (rte_mem_virt2iova). Memory that RDMA
 * registered (ibv_reg_mr) is used the same way: one range, one registration, no functions.
 *
 *     cc -o dpdk dpdk.c $(pkg-config --cflags --libs ukmem libdpdk) && ./dpdk
 *
 * --no-huge and --no-pci make it run anywhere; a program that drives devices leaves
 * them out.
 */
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_memzone.h>
#include <stdio.h>
#include <ukmem/source.h>

enum { BYTES = 16 << 20, BOUNDARY = 4 << 20, HELD = 4000 };

struct packet {
	struct packet *next;
	char data[2040];
};

static int make_source(struct kmem_source *source)
{
	const struct rte_memzone *zone = rte_memzone_reserve_aligned("ukmem", BYTES, SOCKET_ID_ANY,
								     0, BOUNDARY);

	if (zone == NULL) {
		fprintf(stderr, "dpdk: no memory zone: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	*source = (struct kmem_source){
		.name = "dpdk",
		.base = zone->addr,
		.bytes = zone->len & ~(size_t)4095,
		.node = NUMA_NO_NODE,
		.data = (void *)zone,
	};
	return kmem_source_register(source);
}

/* Both must say that the object is DPDK's. */
static int is_known(const void *object)
{
	return rte_mem_virt2memseg_list(object) != NULL && rte_mem_virt2iova(object) != RTE_BAD_IOVA;
}

static unsigned use(struct kmem_cache *packets)
{
	struct packet *first = NULL;
	unsigned known = 0;

	for (unsigned i = 0; i < HELD; i++) {
		struct packet *one = kmem_cache_alloc(packets, GFP_KERNEL);

		if (one == NULL)
			break;
		known += (unsigned)is_known(one);
		one->next = first;
		first = one;
	}
	while (first != NULL) {
		struct packet *next = first->next;

		kmem_cache_free(packets, first);
		first = next;
	}
	return known;
}

int main(void)
{
	static char *words[] = { "dpdk", "--no-huge", "--no-pci", "-m", "64", "-l", "0",
				 "--no-telemetry", "--log-level=error", NULL };
	struct kmem_source source;
	struct kmem_cache *packets;
	unsigned known;

	if (rte_eal_init(9, words) < 0 || make_source(&source) != 0)
		return 1;
	packets = kmem_cache_create("packet", sizeof(struct packet),
			&(struct kmem_cache_args){ .source = &source }, SLAB_HWCACHE_ALIGN);
	known = use(packets);
	kmem_cache_destroy(packets);
	printf("%u of %d objects in DPDK's memory, %zu bytes in use afterwards\n", known, HELD,
	       kmem_source_used(&source));
	if (known != HELD || kmem_source_unregister(&source) != 0)
		return 1;
	rte_memzone_free(source.data);
	return rte_eal_cleanup() != 0;
}
