/*
 * Sizes -> classes: exhaustively, since there are only 32 Ki of them.
 */
#include "harness/test.h"
#include "malloc/heap_class.h"

TEST(a_class_holds_its_sizes_and_the_one_before_does_not)
{
	for (size_t size = 0; size <= HEAP_CLASS_MAX; size++) {
		unsigned class = heap_class_of(size);

		EXPECT(class < HEAP_CLASSES);
		EXPECT(heap_class_bytes(class) >= size);
		EXPECT(class == 0 || heap_class_bytes(class - 1) < size);
	}
	EXPECT_EQ(heap_class_bytes(HEAP_CLASSES - 1), HEAP_CLASS_MAX);
}

TEST(above_128_bytes_at_most_an_eighth_is_waste)
{
	for (size_t size = 129; size <= HEAP_CLASS_MAX; size++) {
		size_t bytes = heap_class_bytes(heap_class_of(size));

		EXPECT((bytes - size) * 8 <= bytes);
	}
}

TEST(powers_of_two_are_classes_aligned_to_themselves)
{
	for (size_t size = HEAP_GRAIN; size <= HEAP_CLASS_MAX; size *= 2) {
		EXPECT_EQ(heap_class_bytes(heap_class_of(size)), size);
		EXPECT_EQ(heap_class_align(heap_class_of(size)), min_size(size, PAGE_BYTES));
	}
}

TEST(the_tables_grains_cut_no_class)
{
	for (unsigned class = 0; class < HEAP_CLASSES; class++) {
		unsigned bytes = heap_class_bytes(class);

		EXPECT_EQ(bytes % (bytes <= HEAP_SMALL_MAX ? HEAP_GRAIN : HEAP_COARSE_GRAIN), 0);
	}
}
