/*
 * reciprocal.c: does the reciprocal give the index that a division would give?
 *
 * For every stride a slab of more than one object can have (8 to 32768 in steps
 * of 8) and every object a slab can hold, the offset of the object, its last
 * byte before, and its first byte after the start. For the larger strides, up
 * to 4 MiB, the same at every power of two and next to it. And for the numbers
 * around the ends of the 32-bit range, where rounding would show first.
 */
#include <stdint.h>
#include <stdio.h>

#include "slab/reciprocal.h"

#define STRIDE_STEP     8
#define STRIDE_MAX      32768
#define OBJECTS_MAX     255             /* SLAB_OBJ_MAX_NUM */
#define SIZE_MAX_BYTES  (4u << 20)      /* KMALLOC_MAX_SIZE */

static uint64_t checked;
static uint64_t wrong;

static void check(uint32_t offset, uint32_t stride, struct reciprocal r)
{
	uint32_t index = reciprocal_divide(offset, r);

	checked++;
	if (index == offset / stride)
		return;
	if (wrong++ < 10)
		printf("reciprocal: %u / %u is %u, not %u\n",
		       offset, stride, offset / stride, index);
}

/* Offset 0 has nothing before it; its -1 wraps to the largest number, also fair. */
static void check_around(uint32_t offset, uint32_t stride, struct reciprocal r)
{
	check(offset - 1, stride, r);
	check(offset, stride, r);
	check(offset + 1, stride, r);
}

static void check_stride(uint32_t stride)
{
	struct reciprocal r = reciprocal_value(stride);
	uint32_t largest_multiple = UINT32_MAX - UINT32_MAX % stride;

	for (uint32_t k = 0; k <= OBJECTS_MAX; k++)
		check_around(k * stride, stride, r);
	check_around(largest_multiple, stride, r);
	check_around(1u << 31, stride, r);
	check_around(UINT32_MAX, stride, r);
}

int main(void)
{
	for (uint32_t stride = STRIDE_STEP; stride <= STRIDE_MAX; stride += STRIDE_STEP)
		check_stride(stride);
	for (uint32_t power = 1; power <= SIZE_MAX_BYTES; power *= 2) {
		if (power > 1)
			check_stride(power - 1);
		check_stride(power);
		check_stride(power + 1);
	}
	printf("reciprocal: %llu quotients, %llu wrong\n",
	       (unsigned long long)checked, (unsigned long long)wrong);
	return wrong != 0;
}
