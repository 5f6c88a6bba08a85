/*
 * linux/alloc_tag.h: Linux 6.10 counts memory by the line that asked for it, through these
 * names. Here they are those without.
 */
#ifndef UKMEM_COMPAT_ALLOC_TAG_H
#define UKMEM_COMPAT_ALLOC_TAG_H

#define alloc_hooks(call)             (call)

#define kmalloc_noprof                         kmalloc
#define kzalloc_noprof                         kzalloc
#define kmalloc_node_noprof                    kmalloc_node
#define kzalloc_node_noprof                    kzalloc_node
#define kmalloc_array_noprof                   kmalloc_array
#define kcalloc_noprof                         kcalloc
#define kmalloc_array_node_noprof              kmalloc_array_node
#define kcalloc_node_noprof                    kcalloc_node
#define kmalloc_track_caller_noprof            kmalloc_track_caller
#define kmalloc_node_track_caller_noprof       kmalloc_node_track_caller
#define kmalloc_nolock_noprof                  kmalloc_nolock
#define krealloc_noprof                        krealloc
#define krealloc_array_noprof                  krealloc_array
#define krealloc_node_align_noprof             krealloc_node_align
#define kvmalloc_noprof                        kvmalloc
#define kvzalloc_noprof                        kvzalloc
#define kvmalloc_node_noprof                   kvmalloc_node
#define kvzalloc_node_noprof                   kvzalloc_node
#define kvmalloc_array_noprof                  kvmalloc_array
#define kvcalloc_noprof                        kvcalloc
#define kvmalloc_array_node_noprof             kvmalloc_array_node
#define kvcalloc_node_noprof                   kvcalloc_node
#define kvrealloc_noprof                       kvrealloc
#define kvrealloc_node_align_noprof            kvrealloc_node_align
#define kmem_cache_alloc_noprof                kmem_cache_alloc
#define kmem_cache_zalloc_noprof               kmem_cache_zalloc
#define kmem_cache_alloc_node_noprof           kmem_cache_alloc_node
#define kmem_cache_alloc_lru_noprof            kmem_cache_alloc_lru
#define kmem_cache_alloc_bulk_noprof           kmem_cache_alloc_bulk
#define kmem_cache_alloc_from_sheaf_noprof     kmem_cache_alloc_from_sheaf
#define kmemdup_noprof                         kmemdup
#define vmalloc_noprof                         vmalloc
#define vzalloc_noprof                         vzalloc
#define vmalloc_node_noprof                    vmalloc_node
#define vzalloc_node_noprof                    vzalloc_node
#define vmalloc_user_noprof                    vmalloc_user
#define vmalloc_32_noprof                      vmalloc_32
#define vmalloc_32_user_noprof                 vmalloc_32_user
#define vmalloc_huge_noprof                    vmalloc_huge
#define vmalloc_huge_node_noprof               vmalloc_huge_node
#define __vmalloc_noprof                       __vmalloc
#define __vmalloc_array_noprof                 __vmalloc_array
#define vmalloc_array_noprof                   vmalloc_array
#define __vcalloc_noprof                       __vcalloc
#define vcalloc_noprof                         vcalloc
#define vrealloc_noprof                        vrealloc
#define vrealloc_node_align_noprof             vrealloc_node_align
#define alloc_pages_noprof                     alloc_pages
#define alloc_pages_node_noprof                alloc_pages_node
#define __alloc_pages_node_noprof              __alloc_pages_node
#define alloc_pages_exact_noprof               alloc_pages_exact
#define alloc_pages_exact_nid_noprof           alloc_pages_exact_nid
#define get_zeroed_page_noprof                 get_zeroed_page
#define mempool_alloc_noprof                   mempool_alloc
#define mempool_alloc_bulk_noprof              mempool_alloc_bulk
#define mempool_init_noprof                    mempool_init
#define mempool_create_node_noprof             mempool_create_node
#define get_free_pages_noprof                  __get_free_pages

#endif
