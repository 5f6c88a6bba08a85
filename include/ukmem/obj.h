/*
 * obj.h: allocation by type, as in Linux 7.0. The type goes in, its pointer comes out.
 *
 *     struct node *node = kmalloc_obj(struct node, GFP_KERNEL);
 *     struct node *same = kmalloc_obj(*same);                  GFP_KERNEL
 *     struct node *ten = kzalloc_objs(*ten, 10, GFP_ATOMIC);
 *     struct message *m = kmalloc_flex(*m, text, length);      text[length] at its end
 *
 * _obj takes one, _objs takes count, _flex one whose last member has count elements.
 * A count that overflows gives NULL with errno ENOMEM. Types with an alignment above
 * a pointer's: kmalloc aligns powers of two to themselves and all else to 32 bytes.
 */
#ifndef UKMEM_OBJ_H
#define UKMEM_OBJ_H

#include <ukmem/slab.h>

/* @gfp, or GFP_KERNEL where the caller wrote nothing. */
#ifdef __cplusplus
static inline gfp_t gfp_or_kernel(gfp_t gfp = GFP_KERNEL) { return gfp; }
#define UKMEM_GFP_OR_KERNEL(gfp) gfp_or_kernel(gfp)
#else
#define UKMEM_GFP_OR_KERNEL(gfp) (((gfp_t[]){ GFP_KERNEL, gfp })[sizeof(#gfp) > 1])
#endif

/* n * each + base; SIZE_MAX, which nobody serves, when that overflows. */
static inline size_t ukmem_flex_bytes(size_t base, size_t each, size_t n)
{
	size_t bytes;

	if (__builtin_mul_overflow(each, n, &bytes) || __builtin_add_overflow(bytes, base, &bytes))
		return (size_t)-1;
	return bytes;
}

/* Who calls them adds two empty arguments: so gfp may be left out in strict ISO C too. */
#define UKMEM_OBJS(call, type, count, gfp, ...)                                 \
	((__typeof__(type) *)call(ukmem_flex_bytes(0, sizeof(type), (count)),   \
				  UKMEM_GFP_OR_KERNEL(gfp)))
#define UKMEM_OBJ(call, type, gfp, ...)  UKMEM_OBJS(call, type, 1, gfp, )
#define UKMEM_FLEX(call, type, member, count, gfp, ...)                         \
	((__typeof__(type) *)call(                                              \
		ukmem_flex_bytes(sizeof(type),                                  \
				 sizeof(((__typeof__(type) *)0)->member[0]), (count)), \
		UKMEM_GFP_OR_KERNEL(gfp)))

/* (type, [gfp]) */
#define kmalloc_obj(...)       UKMEM_OBJ(kmalloc, __VA_ARGS__, , )
#define kzalloc_obj(...)       UKMEM_OBJ(kzalloc, __VA_ARGS__, , )
#define kvmalloc_obj(...)      UKMEM_OBJ(kvmalloc, __VA_ARGS__, , )
#define kvzalloc_obj(...)      UKMEM_OBJ(kvzalloc, __VA_ARGS__, , )

/* (type, count, [gfp]) */
#define kmalloc_objs(...)      UKMEM_OBJS(kmalloc, __VA_ARGS__, , )
#define kzalloc_objs(...)      UKMEM_OBJS(kzalloc, __VA_ARGS__, , )
#define kvmalloc_objs(...)     UKMEM_OBJS(kvmalloc, __VA_ARGS__, , )
#define kvzalloc_objs(...)     UKMEM_OBJS(kvzalloc, __VA_ARGS__, , )

/* (type, member, count, [gfp]) */
#define kmalloc_flex(...)      UKMEM_FLEX(kmalloc, __VA_ARGS__, , )
#define kzalloc_flex(...)      UKMEM_FLEX(kzalloc, __VA_ARGS__, , )
#define kvmalloc_flex(...)     UKMEM_FLEX(kvmalloc, __VA_ARGS__, , )
#define kvzalloc_flex(...)     UKMEM_FLEX(kvzalloc, __VA_ARGS__, , )

#endif
