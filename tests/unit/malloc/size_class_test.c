#include "malloc/size_class.h"

#include "harness/test.h"

static const unsigned classes[] = {
	32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072,
	262144, 524288, 1048576, 2097152, 4194304,
};

TEST(every_size_goes_to_the_smallest_class_that_holds_it)
{
	unsigned class = 0;

	for (size_t size = 1; size <= 4 << 20; size++) {
		while (classes[class] < size)
			class++;
		EXPECT_EQ(kmalloc_index_bytes(kmalloc_index(size)), classes[class]);
	}
}

TEST(there_are_just_these_classes)
{
	unsigned found = 0;

	for (unsigned index = 0; index < 40; index++)
		found += kmalloc_index_exists(index);
	EXPECT_EQ(found, sizeof(classes) / sizeof(classes[0]));
	EXPECT_EQ(kmalloc_index_bytes(KMALLOC_SHIFT_HIGH), 4 << 20);
}
