/*
 * linux/alloc_tag.h: Linux 6.10 counts memory by the line that asked for it, through these
 * names. Here they are those without.
 */
#ifndef UKMEM_COMPAT_ALLOC_TAG_H
#define UKMEM_COMPAT_ALLOC_TAG_H

#define alloc_hooks(call)             (call)

#define kmalloc_noprof                 kmalloc
#define kzalloc_noprof                 kzalloc
#define kmalloc_node_noprof            kmalloc_node
#define kmalloc_array_noprof           kmalloc_array
#define kcalloc_noprof                 kcalloc
#define krealloc_noprof                krealloc
#define kvmalloc_noprof                kvmalloc
#define kvzalloc_noprof                kvzalloc
#define kvmalloc_node_noprof           kvmalloc_node
#define kvmalloc_array_noprof          kvmalloc_array
#define kvcalloc_noprof                kvcalloc
#define kvrealloc_noprof               kvrealloc
#define kmem_cache_alloc_noprof        kmem_cache_alloc
#define kmem_cache_zalloc_noprof       kmem_cache_zalloc
#define kmem_cache_alloc_node_noprof   kmem_cache_alloc_node
#define kmem_cache_alloc_lru_noprof    kmem_cache_alloc_lru
#define kmem_cache_alloc_bulk_noprof   kmem_cache_alloc_bulk
#define kmemdup_noprof                 kmemdup
#define vmalloc_noprof                 vmalloc
#define vzalloc_noprof                 vzalloc
#define alloc_pages_noprof             alloc_pages
#define alloc_pages_node_noprof        alloc_pages_node
#define alloc_pages_exact_noprof       alloc_pages_exact
#define mempool_alloc_noprof           mempool_alloc
#define mempool_init_noprof            mempool_init
#define mempool_create_node_noprof     mempool_create_node
#define get_free_pages_noprof          __get_free_pages

#endif
