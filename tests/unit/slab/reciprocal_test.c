#include "slab/reciprocal.h"

#include "harness/test.h"

/* The proof is tests/prove/reciprocal.c; here, a look at what slabs use. */
TEST(multiplying_by_the_reciprocal_divides)
{
	for (uint32_t d = 8; d <= 8192; d += 8) {
		struct reciprocal r = reciprocal_value(d);

		for (uint32_t q = 0; q < 255 && q * d < 8192 + 255; q++) {
			EXPECT_EQ(reciprocal_divide(q * d, r), q);
			EXPECT_EQ(reciprocal_divide(q * d + d - 1, r), q);
		}
	}
}

TEST(the_ends_of_the_range_divide_too)
{
	EXPECT_EQ(reciprocal_divide(UINT32_MAX, reciprocal_value(1)), UINT32_MAX);
	EXPECT_EQ(reciprocal_divide(UINT32_MAX, reciprocal_value(3)), UINT32_MAX / 3);
	EXPECT_EQ(reciprocal_divide(UINT32_MAX, reciprocal_value(1u << 31)), 1);
	EXPECT_EQ(reciprocal_divide(0, reciprocal_value(7)), 0);
}
