/*
 * named.c: the table of what is named, with the reasons.
 */
#include "named.h"

const struct named_text named_texts[NAMED_IDS] = {
	[NAMED_ARGUMENT] = { "", false, "" },
	[NAMED_ALLOCFLAGS] = {
		"geometry, caches: allocflags", false,
		"no such field here: one kind of page serves every cache; the cache flags that "
		"it follows from are compared",
	},
	[NAMED_FLAG_BITS] = {
		"geometry, caches, err: other bits of flags", false,
		"0x1000 marks kmalloc caches inside that kernel; debug bits are dropped there and "
		"kept here, where they keep a cache from being merged",
	},
	[NAMED_NO_NAME_HERE] = {
		"slabinfo: line of a cache that no caches table describes", true,
		"size, flags and constructor are not known, so the cache can't be made",
	},
	[NAMED_BOOT_REFCOUNT] = {
		"caches: refcount of kmalloc caches and kmem_cache", false,
		"-1 here for all of kmalloc's (never merged, never destroyed), 1 there; kmem_cache "
		"is made anew as an ordinary cache, since here caches come from a cache of "
		"another kind",
	},
	[NAMED_EARLY_CACHE] = {
		"caches: free_limit of a cache made before the CPUs were counted", false,
		"compared all the same: all CPUs are taken off line and put on line again, one by "
		"one, as they came in that kernel",
	},
	[NAMED_REAP_RESULT] = {
		"behaviour: result of reap", false,
		"whose alien cache is next outlives the scripts in that kernel, so it is taken "
		"from the row; that it drains the right one is compared",
	},
	[NAMED_SLABINFO_USE] = {
		"slabinfo: objects and slabs in use", false,
		"what the booted system had allocated",
	},
	[NAMED_KMALLOC_LARGE] = {
		"kmalloc: sizes above 8192", true,
		"6.1 gives whole pages; caches in powers of two go on to 4 MiB here, as in 5.10: "
		"compared by that rule (same bytes, same order, index and name of the power)",
	},
	[NAMED_KMALLOC_ROUNDUP] = {
		"kmalloc: roundup of sizes above 4 MiB", false,
		"there is no kmalloc_size_roundup here, and nothing is served from which to tell",
	},
	[NAMED_REFUSED] = {
		"err: created there, refused here", true,
		"size 0 or above 4 MiB, or an alignment that is no power of two: slab.md, 3.1",
	},
	[NAMED_OTHER_ERRNO] = {
		"err: refused by both, with another errno", true,
		"an argument out of range is EINVAL here, whichever it is",
	},
	[NAMED_FLAG_EXISTS] = {
		"err: refused there, created here", true,
		"SLAB_FAILSLAB and SLAB_ACCOUNT: that kernel was built without them",
	},
	[NAMED_PARTIAL_ORDER] = {
		"behaviour: order of the partial list after a shrink with several arrays in use",
		true,
		"not deterministic in the kernel itself: its CPUs drain at the same time; the "
		"list is put into the recorded order and the replay goes on",
	},
	[NAMED_NATURAL] = {
		"behaviour-natural: rows from the first one that time had changed", true,
		"the kernel reaped by its own clock between the rows",
	},
	[NAMED_BENCH] = {
		"bench-icount", true,
		"instructions of that kernel on its machine; no such figure here",
	},
};
