/*
 * rseq_none.h: no sequences on this machine, or under a tool that can't see them.
 *
 * Every call leaves by the door; the locked back-end (cpu/backend.h) does the work.
 */
#ifndef ARCH_RSEQ_NONE_H
#define ARCH_RSEQ_NONE_H

HOT_INLINE enum seq_result seq_pop(const void *base UNUSED, void **object UNUSED)
{
	return SEQ_EMPTY;
}

HOT_INLINE enum seq_result seq_pop_unless(const void *base UNUSED, int attention UNUSED,
					  void **object UNUSED)
{
	return SEQ_EMPTY;
}

HOT_INLINE enum seq_result seq_push(const void *base UNUSED, void *object UNUSED)
{
	return SEQ_EMPTY;
}

HOT_INLINE enum seq_result seq_push_class(struct array_cache **const *rows UNUSED,
		size_t class UNUSED, void *object UNUSED)
{
	return SEQ_EMPTY;
}

static inline enum seq_result seq_take_all(const void *base UNUSED,
		void **buffer UNUSED, unsigned max UNUSED, unsigned *count UNUSED)
{
	return SEQ_EMPTY;
}

static inline enum seq_result seq_put(const void *base UNUSED,
		void *const *batch UNUSED, unsigned count UNUSED, unsigned node UNUSED,
		uint64_t keep UNUSED, unsigned *stored UNUSED)
{
	return SEQ_EMPTY;
}

static inline enum seq_result seq_pop_some(const void *base UNUSED, void **objects UNUSED,
		unsigned most UNUSED, unsigned *count UNUSED)
{
	return SEQ_EMPTY;
}

static inline enum seq_result seq_push_some(const void *base UNUSED, void *const *objects UNUSED,
		unsigned count UNUSED, size_t window UNUSED, unsigned *stored UNUSED)
{
	return SEQ_EMPTY;
}

static inline enum seq_result seq_put_one(const void *base UNUSED, void *object UNUSED,
					  unsigned node UNUSED)
{
	return SEQ_EMPTY;
}

#endif
