/*
 * shared.c: two processes and one heap.
 *
 * The first makes a source of shared memory and a cache in it, starts a second program,
 * and passes it the memory's file; from then on only offsets go between them. The second
 * has the file at an address of its own. It reads and writes objects; it allocates and
 * frees none: an object goes home by its offset.
 *
 *     cc -o shared shared.c $(pkg-config --cflags --libs ukmem) && ./shared
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <ukmem/source.h>
#include <unistd.h>

struct order {
	unsigned number, price, pieces;
	unsigned total;                 /* the second process's answer */
	char text[48];
};

enum { ORDERS = 10000, UNDERWAY = 100 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- The second process ------------------------------------------------------------- */

static int serve(int memory, int channel)
{
	struct stat file;
	size_t offset;
	char *base;

	if (fstat(memory, &file) != 0)
		die("fstat");
	base = mmap(NULL, (size_t)file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (base == MAP_FAILED)
		die("mmap");
	while (read(channel, &offset, sizeof(offset)) == sizeof(offset)) {
		struct order *order = (struct order *)(void *)(base + offset);

		order->total = order->price * order->pieces;
		snprintf(order->text, sizeof(order->text), "order %u, seen by %d",
			 order->number, (int)getpid());
		if (write(channel, &offset, sizeof(offset)) != sizeof(offset))
			die("write");
	}
	return 0;
}

static pid_t start(const char *program, int memory, int channel)
{
	char memory_text[16], channel_text[16];
	pid_t child = fork();

	if (child != 0)
		return child;
	/* Close-on-exec, as it should be; this one program shall have a copy. */
	snprintf(memory_text, sizeof(memory_text), "%d", dup(memory));
	snprintf(channel_text, sizeof(channel_text), "%d", dup(channel));
	execl(program, program, memory_text, channel_text, (char *)NULL);
	die(program);
	return -1;
}

/* ---- The first ------------------------------------------------------------------------ */

static struct kmem_source *source;
static struct kmem_cache *orders;

static void send_order(int channel, unsigned number)
{
	struct order *order = kmem_cache_alloc(orders, GFP_KERNEL);
	size_t offset;

	if (order == NULL)
		die("kmem_cache_alloc");
	*order = (struct order){ .number = number, .price = number % 97, .pieces = 3 };
	offset = (size_t)((char *)order - (char *)source->base);
	if (write(channel, &offset, sizeof(offset)) != sizeof(offset))
		die("write");
}

/* Returns whether the answer is right. */
static int receive_order(int channel, pid_t other)
{
	struct order *order;
	char expected[48];
	size_t offset;
	int right;

	if (read(channel, &offset, sizeof(offset)) != sizeof(offset))
		die("read");
	order = (struct order *)(void *)((char *)source->base + offset);
	snprintf(expected, sizeof(expected), "order %u, seen by %d", order->number, (int)other);
	right = order->total == order->number % 97 * 3 && strcmp(order->text, expected) == 0;
	kmem_cache_free(orders, order);
	return right;
}

static unsigned trade(int channel, pid_t other)
{
	unsigned right = 0;

	for (unsigned number = 0; number < ORDERS + UNDERWAY; number++) {
		if (number >= UNDERWAY)
			right += receive_order(channel, other);
		if (number < ORDERS)
			send_order(channel, number);
	}
	return right;
}

int main(int argc, char **argv)
{
	int channel[2], status;
	unsigned right;
	pid_t other;

	if (argc == 3)
		return serve(atoi(argv[1]), atoi(argv[2]));
	source = kmem_source_shared(16 << 20);
	if (source == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
		die("shared");
	orders = kmem_cache_create("order", sizeof(struct order),
			&(struct kmem_cache_args){ .source = source }, SLAB_HWCACHE_ALIGN);
	other = start(argv[0], kmem_source_fd(source), channel[1]);
	close(channel[1]);
	right = trade(channel[0], other);
	close(channel[0]);
	waitpid(other, &status, 0);
	kmem_cache_destroy(orders);
	printf("%u of %d orders answered by another process, %zu bytes in use afterwards\n",
	       right, ORDERS, kmem_source_used(source));
	return right != ORDERS || status != 0 || kmem_source_destroy(source) != 0;
}
