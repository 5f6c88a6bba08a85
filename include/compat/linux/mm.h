/* linux/mm.h: pages. */
#ifndef UKMEM_COMPAT_MM_H
#define UKMEM_COMPAT_MM_H

#if __has_include_next(<linux/mm.h>)
#include_next <linux/mm.h>
#endif

#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <unistd.h>

#ifndef PAGE_SHIFT
#define PAGE_SHIFT       12
#define PAGE_SIZE        (1UL << PAGE_SHIFT)
#define PAGE_MASK        (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(n)    (((n) + PAGE_SIZE - 1) & PAGE_MASK)
#endif
#ifndef PAGE_ALIGNED
#define PAGE_ALIGNED(p)  (((unsigned long)(p) & ~PAGE_MASK) == 0)
#endif
#define offset_in_page(p)       ((unsigned long)(p) & ~PAGE_MASK)

#define page_address(page)      kmem_page_address(page)
#define virt_to_page(address)   kmem_virt_to_head_page(address)
#define virt_to_head_page(address) kmem_virt_to_head_page(address)
#define mem_dump_obj(address)   ((void)kmem_dump_obj(address))
#define totalram_pages()        ((unsigned long)sysconf(_SC_PHYS_PAGES))

/* The smallest order whose pages hold @size bytes; 52 for 0, as in the kernel. */
static inline int get_order(unsigned long size)
{
	int order = 0;

	while ((size - 1) >> PAGE_SHIFT >> order != 0)
		order++;
	return order;
}

#endif
