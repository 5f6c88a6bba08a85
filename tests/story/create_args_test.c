/*
 * The create form of Linux 6.12, allocation by type, and small answers about sizes and
 * addresses.
 */
#include <errno.h>
#include <stdio.h>
#include <ukmem/obj.h>

#include "harness/look.h"
#include "harness/test.h"

static void ctor(void *object)
{
	*(int *)object = 7;
}

TEST(kmem_cache_create_takes_both_forms)
{
	struct kmem_cache_args args = { .align = 128, .useroffset = 8, .usersize = 16, .ctor = ctor };
	struct kmem_cache *new_form = kmem_cache_create("new", 200, &args, SLAB_RECLAIM_ACCOUNT);
	struct kmem_cache *old_form = kmem_cache_create("old", 200, 64, 0, ctor);
	struct kmem_cache *no_args = kmem_cache_create("none", 200, NULL, SLAB_NOLEAKTRACE);
	int *object = kmem_cache_alloc(new_form, GFP_KERNEL);

	EXPECT_EQ(new_form->layout.align, 128);
	EXPECT_EQ(new_form->useroffset, 8);
	EXPECT_EQ(new_form->usersize, 16);
	EXPECT_EQ(new_form->flags, SLAB_RECLAIM_ACCOUNT);
	EXPECT_EQ(*object, 7);
	EXPECT_EQ(old_form->layout.align, 64);
	EXPECT_EQ(no_args->layout.align, 8);
	EXPECT_NULL(no_args->layout.ctor);
	kmem_cache_free(new_form, object);
}

TEST_ON("profile:slab", a_sheaf_capacity_is_what_an_array_holds_at_least)
{
	struct kmem_cache *wide = kmem_cache_create_args("wide", 256,
			&(struct kmem_cache_args){ .sheaf_capacity = 300 }, 0);
	struct kmem_cache *usual = kmem_cache_create_args("usual", 256,
			&(struct kmem_cache_args){ .sheaf_capacity = 10 }, 0);
	struct kmem_cache *huge = kmem_cache_create_args("huge", 256,
			&(struct kmem_cache_args){ .sheaf_capacity = UINT32_MAX }, 0);

	EXPECT_EQ(wide->cpu.limit, 300);
	EXPECT_EQ(wide->cpu.batchcount, 150);
	EXPECT_EQ(usual->cpu.limit, 120);
	EXPECT_EQ(huge->cpu.limit, 65535);
	EXPECT_NE(wide, usual);         /* alike, and yet not merged */
	kmem_cache_free(huge, kmem_cache_alloc(huge, GFP_KERNEL));
	check_everything();
}

TEST(a_free_pointer_that_does_not_fit_is_refused)
{
	struct kmem_cache_args args = { .use_freeptr_offset = true };

	for (unsigned offset = 0; offset <= 80; offset++) {
		args.freeptr_offset = offset;
		if (offset % 8 == 0 && offset <= 56)
			kmem_cache_destroy(kmem_cache_create_args("fits", 64, &args, 0));
		else
			EXPECT_REFUSED(kmem_cache_create_args("bad", 64, &args, 0), EINVAL);
	}
	args.freeptr_offset = 0;
	EXPECT_REFUSED(kmem_cache_create_args("small", 7, &args, 0), EINVAL);
}

struct message {
	size_t length;
	char text[];
};

TEST(a_type_is_allocated_by_name_or_by_variable)
{
	struct message *one = kmalloc_obj(struct message, GFP_KERNEL);
	uint64_t *number = kzalloc_obj(*number), *ten = kzalloc_objs(*ten, 10, GFP_ATOMIC | __GFP_NOWARN);
	struct message *text = kzalloc_flex(*text, text, 100);
	struct message *page = kvmalloc_flex(struct message, text, 8 << 20, GFP_KERNEL);

	EXPECT_EQ(ksize(one), 32);
	EXPECT_EQ(*number, 0);
	EXPECT_EQ(ksize(ten), 96);
	EXPECT_EQ(ten[9], 0);
	EXPECT_EQ(ksize(text), 128);
	EXPECT_EQ(text->text[99], 0);
	page->text[(8 << 20) - 1] = 1;
	kvfree(page);
	EXPECT_EQ(*kvzalloc_obj(int), 0);
	EXPECT_EQ(kvzalloc_objs(int, 3)[2], 0);
	EXPECT_NE(kvmalloc_obj(int), NULL);
	EXPECT_NE(kmalloc_objs(int, 2), NULL);
	EXPECT_NE(kvmalloc_objs(int, 2), NULL);
	EXPECT_NE(kmalloc_flex(*text, text, 2), NULL);
	EXPECT_EQ(kvzalloc_flex(*text, text, 2)->text[1], 0);
}

TEST(a_count_that_overflows_is_refused)
{
	EXPECT_REFUSED(kmalloc_objs(uint64_t, SIZE_MAX / 4, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kvzalloc_objs(uint64_t, SIZE_MAX / 8 + 2, GFP_KERNEL), ENOMEM);
	EXPECT_REFUSED(kzalloc_flex(struct message, text, SIZE_MAX - 4, GFP_KERNEL), ENOMEM);
	EXPECT_EQ(ukmem_flex_bytes(8, 4, 10), 48);
	EXPECT_EQ(ukmem_flex_bytes(8, 2, SIZE_MAX / 2), SIZE_MAX);
}

TEST(a_size_rounds_up_to_what_kmalloc_gives)
{
	for (size_t size = 1; size <= KMALLOC_MAX_SIZE; size = size * 5 / 4 + 1) {
		void *object = kmalloc(size, GFP_KERNEL);

		EXPECT_EQ(kmalloc_size_roundup(size), ksize(object));
		kfree(object);
	}
	EXPECT_EQ(kmalloc_size_roundup(0), 0);
	EXPECT_EQ(kmalloc_size_roundup(KMALLOC_MAX_SIZE + 1), KMALLOC_MAX_SIZE + 1);
	EXPECT_EQ(kmalloc_size_roundup(SIZE_MAX), SIZE_MAX);
}

TEST(an_address_is_named_by_its_object)
{
	struct kmem_cache *cache = cache_of("story", 200);
	char *object = kmem_cache_alloc(cache, GFP_KERNEL), wanted[200];
	int on_the_stack;

	log_begin();
	EXPECT(kmem_dump_obj(object + 100));
	snprintf(wanted, sizeof(wanted), "%p is in story: object %p, offset 100, size 200, node %u",
		 (void *)(object + 100), (void *)object, node_of_address(object));
	EXPECT_CONTAINS(log_end(), wanted);
	log_begin();
	EXPECT(kmem_dump_obj(cache));
	EXPECT_CONTAINS(log_end(), "is in kmem_cache: object");
	log_begin();
	EXPECT(!kmem_dump_obj(NULL));
	EXPECT(!kmem_dump_obj(&on_the_stack));
	EXPECT(!kmem_dump_obj((void *)__func__));
	EXPECT_STR(log_end(), "");
}
