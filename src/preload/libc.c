/*
 * libc.c: what glibc's <malloc.h> offers besides allocation.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/uncancelled.h"
#include "malloc/heap.h"
#include "preload/preload.h"

/*
 * arena: bytes taken from the OS for classes and runs, free ones counted; hblks and
 * hblkhd: mappings. uordblks + fordblks is arena + hblkhd, as in glibc's own sum.
 */
PUBLIC struct mallinfo2 mallinfo2(void)
{
	struct heap_totals totals;
	struct mallinfo2 info = { 0 };
	size_t free_pages;

	heap_read_totals(&totals);
	free_pages = pages_free_count() << PAGE_SHIFT;
	info.hblks = totals.mappings;
	info.hblkhd = totals.mapping_bytes;
	info.uordblks = totals.class_bytes + totals.run_bytes + totals.mapping_bytes;
	info.fordblks = totals.class_free_bytes + free_pages;
	info.arena = totals.class_bytes + totals.run_bytes + info.fordblks;
	info.keepcost = free_pages;
	return info;
}

static int as_int(size_t n)
{
	return n > INT32_MAX ? INT32_MAX : (int)n;
}

PUBLIC struct mallinfo mallinfo(void)
{
	struct mallinfo2 wide = mallinfo2();

	return (struct mallinfo){
		.arena = as_int(wide.arena), .hblks = as_int(wide.hblks),
		.hblkhd = as_int(wide.hblkhd), .uordblks = as_int(wide.uordblks),
		.fordblks = as_int(wide.fordblks), .keepcost = as_int(wide.keepcost),
	};
}

/* All that is free goes back, whatever @pad. 1 if any page went. */
PUBLIC int malloc_trim(size_t pad UNUSED)
{
	if (heap_boot() != 0)
		return 0;
	reclaim();
	return holes_purge_now() + pages_purge(0) != 0;
}

/* The sums as glibc words them. */
static size_t print_sums(char *text, size_t size)
{
	struct mallinfo2 info = mallinfo2();

	return (size_t)snprintf(text, size, "Total (incl. mmap):\n"
		"system bytes     = %10zu\nin use bytes     = %10zu\n"
		"max mmap regions = %10zu\nmax mmap bytes   = %10zu\n",
		info.arena + info.hblkhd, info.uordblks, info.hblks, info.hblkhd);
}

/* The table of slabinfo and the sums on stderr. */
PUBLIC void malloc_stats(void)
{
	char text[512];
	size_t length = print_sums(text, sizeof(text));

	if (!table_write(STDERR_FILENO) || uncancelled_write(STDERR_FILENO, text, length) < 0) {
		/* Nobody is listening. */
	}
}

/* jemalloc's: the same, in words of ours whatever @how says, to who listens. */
PUBLIC void malloc_stats_print(tell_function *tell, void *to, const char *how UNUSED)
{
	char text[512];

	if (tell == NULL) {
		malloc_stats();
		return;
	}
	table_tell(tell, to);
	print_sums(text, sizeof(text));
	tell(to, text);
}

/* glibc's parameters mean nothing here: accepted. */
PUBLIC int mallopt(int parameter UNUSED, int value UNUSED)
{
	return 1;
}

PUBLIC int malloc_info(int options, FILE *stream)
{
	struct mallinfo2 info = mallinfo2();

	if (options != 0)
		return EINVAL;
	fprintf(stream, "<malloc version=\"1\">\n"
		"<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n"
		"<system type=\"current\" size=\"%zu\"/>\n"
		"<system type=\"max\" size=\"%zu\"/>\n"
		"</malloc>\n", info.hblks, info.hblkhd, info.arena, info.arena);
	return 0;
}
