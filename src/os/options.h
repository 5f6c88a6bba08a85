/*
 * options.h: what UKMEM_OPTIONS says.
 *
 * Words of the form name or name:value, separated by blanks or semicolons. Read
 * once, at boot; ignored in setuid programs. A word that is not understood costs
 * one line on stderr and is passed over.
 */
#ifndef OS_OPTIONS_H
#define OS_OPTIONS_H

#include "base/compiler.h"
#include "os/debug_options.h"

enum backend { BACKEND_AUTO, BACKEND_RSEQ, BACKEND_LOCKED };
enum profile { PROFILE_FAST, PROFILE_SLAB };
enum pressure { PRESSURE_AUTO, PRESSURE_ON, PRESSURE_OFF };
enum hardening { HARDENING_OFF, HARDENING_ON, HARDENING_STRICT };
enum slot_index { INDEX_AUTO, INDEX_CID, INDEX_CPU };

struct options {
	enum backend backend;      /* backend:auto|rseq|locked */
	enum profile profile;      /* profile:fast|slab    our numbers, or the kernel's */
	enum slot_index index;     /* index:auto|cid|cpu   what numbers the slots */
	bool merge;                /* slab_nomerge         alike caches stay apart */
	bool alien;                /* noaliencache         remote objects go home one by one */
	bool reaper;               /* reaper:on|off        a helper thread, or the slow path by time */
	bool freelist_random;      /* freelist_random:on|off */
	enum hardening hardening;  /* hardening:off|on|strict  see docs/debugging.md */
	bool thp;                  /* thp:on|off           ask for huge pages */
	enum pressure pressure;    /* pressure:auto|on|off listen; auto: while there are shrinkers */
	unsigned reap_ms;          /* reap_ms:N            one round of the reaper, default 2000 */
	unsigned decay_ms;         /* decay_ms:N           free pages older go to the OS, default 1000 */
	unsigned adapt_mib;        /* adapt_mib:N          what grown arrays may hold, a CPU */
	unsigned max_order;        /* slab_max_order:N     0..10; default as the kernel chooses */
	unsigned reserve_mib;      /* reserve_mib:N        address space a node; default by memory */
	unsigned fake_cpus;        /* topology:CPUSxNODES  a made-up machine, for tests */
	unsigned fake_nodes;
	unsigned heap_sample;      /* heap_sample:BYTES    note the stack of one allocation in so many */
	bool latency;              /* latency:on|off       time misses, for ukmem report */
	char trace[120];           /* trace:FILE           record each allocation and free */
	bool trace_first;          /* trace_first:on|off   of several processes the first, without a word */
	struct debug_options debug; /* debug:..., fail...: */
};

extern struct options options;

/* Parse @text over the defaults. Returns how many words were not understood. */
int options_parse(struct options *options, const char *text);

/* Fill `options` from the environment. */
void options_init(void);

#endif
