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

/* Its one argument, or GFP_KERNEL for none. */
#ifdef __cplusplus
static inline gfp_t gfp_or_kernel(gfp_t gfp = GFP_KERNEL) { return gfp; }
#define UKMEM_GFP_OR_KERNEL(...) gfp_or_kernel(__VA_ARGS__)
#else
#define UKMEM_GFP_OR_KERNEL(...) \
	(((gfp_t[]){ GFP_KERNEL, __VA_ARGS__ })[sizeof(#__VA_ARGS__) > 1])
#endif

/* n * each + base; SIZE_MAX, which nobody serves, when that overflows. */
static inline size_t ukmem_flex_bytes(size_t base, size_t each, size_t n)
{
	size_t bytes;

	if (__builtin_mul_overflow(each, n, &bytes) || __builtin_add_overflow(bytes, base, &bytes))
		return (size_t)-1;
	return bytes;
}

#define UKMEM_OBJS(call, type, count, ...)                                      \
	((__typeof__(type) *)call(ukmem_flex_bytes(0, sizeof(type), (count)),   \
				  UKMEM_GFP_OR_KERNEL(__VA_ARGS__)))
#define UKMEM_FLEX(call, type, member, count, ...)                              \
	((__typeof__(type) *)call(                                              \
		ukmem_flex_bytes(sizeof(type),                                  \
				 sizeof(((__typeof__(type) *)0)->member[0]), (count)), \
		UKMEM_GFP_OR_KERNEL(__VA_ARGS__)))

#define kmalloc_obj(type, ...)           UKMEM_OBJS(kmalloc, type, 1, __VA_ARGS__)
#define kzalloc_obj(type, ...)           UKMEM_OBJS(kzalloc, type, 1, __VA_ARGS__)
#define kvmalloc_obj(type, ...)          UKMEM_OBJS(kvmalloc, type, 1, __VA_ARGS__)
#define kvzalloc_obj(type, ...)          UKMEM_OBJS(kvzalloc, type, 1, __VA_ARGS__)

#define kmalloc_objs(type, count, ...)   UKMEM_OBJS(kmalloc, type, count, __VA_ARGS__)
#define kzalloc_objs(type, count, ...)   UKMEM_OBJS(kzalloc, type, count, __VA_ARGS__)
#define kvmalloc_objs(type, count, ...)  UKMEM_OBJS(kvmalloc, type, count, __VA_ARGS__)
#define kvzalloc_objs(type, count, ...)  UKMEM_OBJS(kvzalloc, type, count, __VA_ARGS__)

#define kmalloc_flex(type, member, count, ...) \
	UKMEM_FLEX(kmalloc, type, member, count, __VA_ARGS__)
#define kzalloc_flex(type, member, count, ...) \
	UKMEM_FLEX(kzalloc, type, member, count, __VA_ARGS__)
#define kvmalloc_flex(type, member, count, ...) \
	UKMEM_FLEX(kvmalloc, type, member, count, __VA_ARGS__)
#define kvzalloc_flex(type, member, count, ...) \
	UKMEM_FLEX(kvzalloc, type, member, count, __VA_ARGS__)

#endif
