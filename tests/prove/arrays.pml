/*
 * arrays.pml: may per-CPU arrays be emptied and exchanged while threads use them?
 *
 * Every CPU has a slot that points to an array {avail, limit, entries}. Threads
 * pop and push through the slot of the CPU they run on, in restartable
 * sequences: nothing is locked, and the one store of `avail` that ends a
 * sequence is all that others can see of it. One maintainer at a time takes the
 * arrays of all CPUs away, either to drain them or to replace them (tune).
 *
 * What must hold, in every order of steps:
 *   A1  an object is handed out to one owner at a time;
 *   A2  no object is lost: when nobody is in the middle of anything, each one is
 *       held, or in an array, or in the node, and in one of them only;
 *   A3  avail never exceeds limit;
 *   A4  a freed array is never touched again.
 *
 * What is modelled: two CPUs, two threads, one maintainer, OBJECTS objects,
 * arrays of limit 2 and, after every other tune, 1. There is no bound
 * on the number of operations: threads and maintainer go on for ever, and the
 * search visits every state they can reach. Each load and each store of a
 * sequence is a step of its own. A thread chooses its CPU afresh whenever it
 * arms a sequence, so it migrates at will; a sequence may abort before any of
 * its instructions without a reason (preemption, signal, page fault), and must
 * when another thread arms one on the same CPU or the fence reaches that CPU.
 * After an abort the thread tries again or goes past the arrays, as the library
 * does when its retries are used up. A signal handler is covered: to the arrays
 * it is one more thread on that CPU.
 *
 * What is not: the node is a set, and what happens under its lock is one step
 * (its lists, and growing, are another matter). Memory is sequentially
 * consistent: that the pointer put back into a slot is a release store, and that
 * membarrier orders as well as aborts, is taken for granted. The drain mutex is
 * the fact that there is one maintainer. Progress is not proved, except that no
 * state is a deadlock.
 *
 * Broken on purpose, one -D each, to see that the search finds it:
 *   NO_FENCE            the maintainer takes the old arrays at once
 *   FREED_BEFORE_FENCE  it takes and frees them, and only then fences
 *   ABORT_NOT_TIED      a sequence that was switched out goes on where it was
 *   SLOT_LOADED_BEFORE  the slot is read before arming, and kept over an abort
 *   TAKE_COMMITS_FIRST  take-all stores avail and then copies the entries
 *   PUT_COMMITS_FIRST   put stores avail and then the entries
 *   OWNER_SWAP          a thread flushes by storing a spare array into its slot
 *   LOCK_ONLY           one thread has no rseq and relies on a lock
 * They are built with -DBROKEN as well, which leaves out the stricter rules
 * (below): a broken protocol must fail by what it does to objects and arrays.
 */

#define CPUS     2
#define THREADS  2
#ifndef OBJECTS
#define OBJECTS  3              /* named from 1; 0 is no object */
#endif
#define LIMIT    2              /* of the longest array */
#define REFILL   3              /* objects per refill: one to keep, two to put */

/* Arrays 0..3 live and die by tune, two a CPU in turn. The others are static. */
#define TUNABLE  4
#define PARKED   4              /* limit 0: neither a pop nor a push succeeds */
#define SPARE    5              /* 5 and 6: private to a thread, OWNER_SWAP only */
#ifdef OWNER_SWAP
#define ARRAYS   7
#else
#define ARRAYS   5
#endif

/* where[thread]: the CPU of the sequence it is in, or one of these. */
#define OUTSIDE  8              /* in no sequence */
#define DOOMED   9              /* in one that the kernel will abort */

typedef array {
	byte avail;
	byte limit;
	byte entry[LIMIT];
	bool taken;             /* the maintainer's alone */
	bool freed
}

array arrays[ARRAYS];
byte slot[CPUS];
byte node;                      /* a set: bit n is object n */
byte held[THREADS];             /* sets, too: what the application owns */
byte where[THREADS];
byte busy;                      /* processes in the middle of an operation */

#ifdef LOCK_ONLY
bool locked;
#endif

#define BIT(object)     (1 << (object))
#define EVERY_OBJECT    ((2 << OBJECTS) - 2)

inline node_give(object)
{
	assert(object != 0 && (node & BIT(object)) == 0);
	node = node | BIT(object)
}

/* Which object comes first is of no interest: they are all alike. */
inline node_take(object)
{
	if
	:: node & BIT(1) -> object = 1
	:: !(node & BIT(1)) && (node & BIT(2)) -> object = 2
	:: !(node & BIT(1)) && !(node & BIT(2)) && (node & BIT(3)) -> object = 3
	:: else -> object = 0
	fi;
	node = node & ~BIT(object)
}

inline hand_out(object)
{
	assert(object != 0 && ((held[0] | held[1]) & BIT(object)) == 0);    /* A1 */
	held[me] = held[me] | BIT(object)
}

/* A2, checked whenever the last operation under way ends. */
inline check_nothing_lost(seen, id, k)
{
	d_step {
		seen = node;
		assert((seen & held[0]) == 0);
		seen = seen | held[0];
		assert((seen & held[1]) == 0);
		seen = seen | held[1];
		id = 0;
		do
		:: id < ARRAYS ->
			k = 0;
			do
			:: k < arrays[id].avail ->
				assert((seen & BIT(arrays[id].entry[k])) == 0);
				seen = seen | BIT(arrays[id].entry[k]);
				k++
			:: else -> break
			od;
			id++
		:: else -> break
		od;
		assert(seen == EVERY_OBJECT);
		seen = 0;
		id = 0;
		k = 0
	}
}

/*
 * The stricter rules, which also keep the search small. No thread touches an
 * array that the maintainer has taken, so emptying it may be one step. And no
 * entry above avail is ever used, so a commit or an abort may overwrite those
 * with 0: were one used after all, handing it out or giving it to the node
 * would fail, as object 0 does not exist.
 */
#ifdef BROKEN
#define TOUCH(id)       assert(!arrays[id].freed)                           /* A4 */
#define WIPE_ABOVE_AVAIL(id)
#else
#define TOUCH(id)       assert(!arrays[id].freed && !arrays[id].taken)
#define WIPE_ABOVE_AVAIL(id) \
	if :: arrays[id].avail < 1 -> arrays[id].entry[0] = 0 :: else fi; \
	if :: arrays[id].avail < 2 -> arrays[id].entry[1] = 0 :: else fi
#endif

#define STORE_AVAIL(id, value) \
	TOUCH(id); \
	arrays[id].avail = value; \
	assert(arrays[id].avail <= arrays[id].limit);                       /* A3 */ \
	WIPE_ABOVE_AVAIL(id)

/*
 * A restartable sequence. Arming chooses the CPU; whoever was in a sequence
 * there has been switched out, and the kernel ties the abort to that. The slot
 * is loaded in the same step, as arming alone changes nothing that others see.
 */
#define CHOOSE_CPU      if :: cpu = 0 :: cpu = 1 fi

#ifdef ABORT_NOT_TIED
#define SWITCH_OUT_OTHER
#else
#define SWITCH_OUT_OTHER \
	if :: where[1 - me] == where[me] -> where[1 - me] = DOOMED :: else fi
#endif

#ifdef SLOT_LOADED_BEFORE
#define LOAD_SLOT_EARLY atomic { CHOOSE_CPU; a = slot[cpu] }
#define LOAD_SLOT
#else
#define LOAD_SLOT_EARLY
#define LOAD_SLOT       a = slot[cpu]
#endif

#ifdef LOCK_ONLY
#define HAS_RSEQ                (me == 0)
#define LOCK                    !locked -> locked = true
#define UNLOCK                  locked = false
#else
#define HAS_RSEQ                true
#define LOCK                    skip
#define UNLOCK                  skip
#endif

#define ARM \
	atomic { \
		if \
		:: HAS_RSEQ -> skip \
		:: !HAS_RSEQ -> LOCK \
		fi; \
		CHOOSE_CPU; \
		LOAD_SLOT; \
		if \
		:: HAS_RSEQ -> where[me] = cpu; cpu = 0; SWITCH_OUT_OTHER \
		:: else -> cpu = 0 \
		fi \
	}
#define LEAVE \
	if :: HAS_RSEQ -> where[me] = OUTSIDE :: else -> UNLOCK fi

/* What a register held is forgotten as soon as nobody reads it any more. */
#ifdef SLOT_LOADED_BEFORE
#define FORGET  x = 0; n = 0; i = 0; k = 0
#else
#define FORGET  a = 0; x = 0; n = 0; i = 0; k = 0
#endif
#define ABORT \
	LEAVE; \
	WIPE_ABOVE_AVAIL(a); \
	FORGET; \
	if :: count == 0 -> batch[0] = 0; batch[1] = 0 :: else fi

#define END_OPERATION \
	FORGET; \
	a = 0; object = 0; batch[0] = 0; batch[1] = 0; count = 0; \
	busy--; \
	if :: busy == 0 -> check_nothing_lost(n, i, k) :: else fi; \
	goto idle

/*
 * Any instruction may find the sequence aborted; a doomed one cannot run. What
 * follows is another attempt, or the way past the arrays.
 */
#define INSTRUCTION(again, past, effect) \
	atomic { \
		if \
		:: HAS_RSEQ -> ABORT; goto again \
		:: HAS_RSEQ -> ABORT; goto past \
		:: where[me] != DOOMED -> effect \
		fi \
	}

#ifdef TAKE_COMMITS_FIRST
#define COMMIT_TAKE     skip
#else
#define COMMIT_TAKE     STORE_AVAIL(a, 0)
#endif
#ifdef PUT_COMMITS_FIRST
#define COMMIT_PUT      skip
#else
#define COMMIT_PUT      STORE_AVAIL(a, n + k)
#endif

/*
 * To abort is a thread's own affair: it undoes nothing that others see. So it
 * may as well do it at once, and everybody else waits while a thread is doomed.
 * (The process ids of the threads are 1 and 2.)
 */
proctype thread(byte me)
	provided (where[_pid - 1] == DOOMED || where[2 - _pid] != DOOMED)
{
	byte cpu, a, x, n, i, k;        /* registers of a sequence */
	byte object;                    /* the one being freed */
	byte batch[LIMIT];              /* private, oldest first */
	byte count;
#ifdef OWNER_SWAP
	byte spare = SPARE + me;
#endif

idle:
	atomic {
		if
		:: busy++; goto pop
		:: held[me] & BIT(1) -> object = 1
		:: held[me] & BIT(2) -> object = 2
		:: held[me] & BIT(3) -> object = 3
		fi;
		busy++;
		held[me] = held[me] & ~BIT(object);
		goto push
	}

	/* Allocate: pop one, or refill. */
pop:
	LOAD_SLOT_EARLY;
pop_again:
	ARM;
	INSTRUCTION(pop_again, alloc_past_arrays,
		TOUCH(a);
		n = arrays[a].avail;
		if
		:: n == 0 && a == PARKED -> LEAVE; FORGET; goto alloc_past_arrays
		:: n == 0 && a != PARKED -> LEAVE; FORGET; goto refill
		:: else
		fi);
	INSTRUCTION(pop_again, alloc_past_arrays, TOUCH(a); x = arrays[a].entry[n - 1]);
	INSTRUCTION(pop_again, alloc_past_arrays,
		STORE_AVAIL(a, n - 1);
		LEAVE;
		hand_out(x);
		END_OPERATION);

refill:
	atomic {
		FORGET;
		do
		:: count < REFILL - 1 ->
			node_take(batch[count]);
			if :: batch[count] == 0 -> break :: else -> count++ fi
		:: else -> break
		od;
		node_take(x);
		if
		:: x == 0 && count > 0 -> count--; x = batch[count]; batch[count] = 0
		:: else
		fi;
		if
		:: x != 0 -> hand_out(x); x = 0
		:: else                                 /* out of memory */
		fi;
		if
		:: count == 0 -> END_OPERATION
		:: else -> goto put
		fi
	}

alloc_past_arrays:
	atomic {
		node_take(x);
		if :: x != 0 -> hand_out(x) :: else fi;
		END_OPERATION
	}

	/* Free: push one, or flush. */
push:
	LOAD_SLOT_EARLY;
push_again:
	ARM;
	INSTRUCTION(push_again, free_past_arrays,
		TOUCH(a);
		n = arrays[a].avail;
		if
		:: n >= arrays[a].limit && a == PARKED -> LEAVE; FORGET; goto free_past_arrays
		:: n >= arrays[a].limit && a != PARKED -> LEAVE; FORGET; goto take
		:: else
		fi);
	INSTRUCTION(push_again, free_past_arrays, TOUCH(a); arrays[a].entry[n] = object);
	INSTRUCTION(push_again, free_past_arrays, STORE_AVAIL(a, n + 1); LEAVE; END_OPERATION);

free_past_arrays:
	atomic { node_give(object); END_OPERATION }

	/* Take all that this CPU has, which need not be the CPU of the push. */
take:
	LOAD_SLOT_EARLY;
take_again:
	ARM;
	INSTRUCTION(take_again, free_past_arrays,
		TOUCH(a);
		n = arrays[a].avail;
		if :: n == 0 -> LEAVE; goto taken :: else fi);
#ifdef TAKE_COMMITS_FIRST
	INSTRUCTION(take_again, free_past_arrays, STORE_AVAIL(a, 0));
#endif
#ifdef OWNER_SWAP
	INSTRUCTION(take_again, free_past_arrays, arrays[spare].limit = arrays[a].limit);
	INSTRUCTION(take_again, free_past_arrays, slot[where[me]] = spare; spare = a; LEAVE);
	atomic {
		do
		:: i < n -> batch[i] = arrays[spare].entry[i]; i++
		:: else -> break
		od;
		arrays[spare].avail = 0;
		goto taken
	}
#endif
take_next:
	INSTRUCTION(take_again, free_past_arrays,
		if
		:: i < n -> TOUCH(a); batch[i] = arrays[a].entry[i]; i++; goto take_next
		:: else -> COMMIT_TAKE; LEAVE; goto taken
		fi);
taken:
	/* The oldest goes to the node; the object being freed is the newest. */
	atomic {
		count = n;
		if
		:: count > 0 ->
			node_give(batch[0]);
			count--;
			batch[0] = batch[1];
			batch[1] = 0
		:: else
		fi;
		batch[count] = object;
		count++;
		object = 0;
		FORGET;
		goto put
	}

	/* Put what fits of a batch; the rest returns to the node. */
put:
	LOAD_SLOT_EARLY;
put_again:
	ARM;
	INSTRUCTION(put_again, put_rest,
		TOUCH(a);
		n = arrays[a].avail;
		k = arrays[a].limit - n;
		if :: k > count -> k = count :: else fi;
		if :: k == 0 -> LEAVE; goto put_rest :: else fi);
#ifdef PUT_COMMITS_FIRST
	INSTRUCTION(put_again, put_rest, STORE_AVAIL(a, n + k));
#endif
put_next:
	INSTRUCTION(put_again, put_rest,
		if
		:: i < k -> TOUCH(a); arrays[a].entry[n + i] = batch[i]; i++; goto put_next
		:: else -> COMMIT_PUT; LEAVE; goto put_rest
		fi);
put_rest:
	atomic {
		do
		:: k < count -> node_give(batch[k]); k++
		:: else -> break
		od;
		END_OPERATION
	}
}

/* The fence has passed a CPU when no sequence that was there can go on. */
#ifdef NO_FENCE
#define FENCE(cpu_id)   skip
#else
#define FENCE(cpu_id) \
	d_step { \
		if :: where[0] == cpu_id -> where[0] = DOOMED :: else fi; \
		if :: where[1] == cpu_id -> where[1] = DOOMED :: else fi \
	}
#endif

/* A spare array has no place among those that tune takes in turn. */
#ifdef OWNER_SWAP
#define TUNES   false
#else
#define TUNES   true
#endif

inline take_away(cpu_id, new)
{
	old[cpu_id] = slot[cpu_id];
	if
	:: tune ->
		/* The memory of the array before the last comes back at once. */
		new = (old[cpu_id] + 2) % TUNABLE;
		arrays[new].freed = false;
		arrays[new].limit = 3 - arrays[old[cpu_id]].limit;
		slot[cpu_id] = new;
		new = 0
	:: else -> slot[cpu_id] = PARKED
	fi
}

inline give_all(id)
{
	do
	:: arrays[id].avail > 0 ->
		arrays[id].avail--;
		node_give(arrays[id].entry[arrays[id].avail])
	:: else -> break
	od;
	WIPE_ABOVE_AVAIL(id)
}

inline collect(cpu_id)
{
	give_all(old[cpu_id]);
	arrays[old[cpu_id]].taken = false;
	if
	:: tune ->
		arrays[old[cpu_id]].entry[0] = 0;
		arrays[old[cpu_id]].entry[1] = 0;
		arrays[old[cpu_id]].limit = 0;
		arrays[old[cpu_id]].freed = true
	:: else -> slot[cpu_id] = old[cpu_id]
	fi;
	old[cpu_id] = 0
}

proctype maintainer()
	provided (where[0] != DOOMED && where[1] != DOOMED)
{
	byte old[CPUS], i, k, scratch;
	bool tune;

idle:
	atomic {
		LOCK;
		busy++;
		if :: TUNES -> tune = true :: tune = false fi;
		take_away(0, scratch)
	}
	atomic { take_away(1, scratch) }
#ifndef FREED_BEFORE_FENCE
	FENCE(0);
	FENCE(1);
#endif
	atomic {
		arrays[old[0]].taken = true;
		arrays[old[1]].taken = true;
		collect(0)
	}
	atomic {
		collect(1);
#ifdef FREED_BEFORE_FENCE
		FENCE(0);
		FENCE(1);
#endif
		UNLOCK;
		tune = false;
		busy--;
		if :: busy == 0 -> check_nothing_lost(scratch, i, k) :: else fi;
		goto idle
	}
}

init {
	atomic {
		arrays[0].limit = LIMIT;
		arrays[1].limit = LIMIT;
		arrays[2].freed = true;
		arrays[3].freed = true;
		slot[0] = 0;
		slot[1] = 1;
		node = EVERY_OBJECT;
		where[0] = OUTSIDE;
		where[1] = OUTSIDE;
		run thread(0);
		run thread(1);
		run maintainer()
	}
}
