#!/bin/bash
# mutants.sh: break the library on purpose; the race tests must notice each time.
#
# Each mutant is a copy of the sources with one edit, linked with the test that ought to
# catch it. A mutant that the test passes is a hole in the test. Ends "N passed, N
# failed" by run.sh; a mutant caught is a test passed. About five minutes.
# Variables: BUILD, CC; ONLY (a word of the mutant's sentence); STALE=1, only say which edits
# change nothing any more.
cd "$(dirname "$0")/../.." || exit 1
work=$(realpath -m "${BUILD:-build}")/mutants
CC=${CC:-gcc}
ulimit -c 0

# mutant SENTENCE TEST FILE PERL-EDIT: the edit must change FILE.
mutant() {
	local sentence=$1 test=$2 file=$3 edit=$4 start=$SECONDS status
	case $sentence in *"${ONLY:-}"*) ;; *) return ;; esac
	if perl -0pe "$edit" "$file" | cmp -s "$file"; then
		echo "FAILED  mutant: $sentence: the edit no longer applies to $file"
		return
	fi
	[ -n "$STALE" ] && return
	rm -rf "$work"
	mkdir -p "$work"
	cp -r src include "$work"
	perl -0pi -e "$edit" "$work/$file"
	if ! $CC -std=gnu11 -D_GNU_SOURCE -O2 -DUKMEM_RSEQ_DELAY -w -I"$work/include" -I"$work/src" \
	    "$work"/src/*/*.c "tests/race/${test%2x2}.c" -o "$work/${test%2x2}" -lpthread \
	    >"$work/log" 2>&1; then
		echo "FAILED  mutant: $sentence: does not build"
		tail -n 5 "$work/log"
		return
	fi
	run_test "$test" >"$work/log" 2>&1
	status=$?
	if [ $status -eq 0 ]; then
		echo "FAILED  mutant survived $test: $sentence"
	else
		echo "ok      mutant caught by $test: $sentence ($((SECONDS - start)) s: $(
			grep -Em 1 'FAILED|ukmem:' "$work/log" || echo "status $status"))"
	fi
}

run_test() {
	case $1 in
	delay)
		UKMEM_RACE_FACTOR=4 timeout -s KILL 300 "$work/delay" ;;
	delay2x2)
		UKMEM_OPTIONS="reap_ms:10 topology:$(getconf _NPROCESSORS_CONF)x2" \
		    timeout -s KILL 120 "$work/delay" move ;;
	storm)
		UKMEM_OPTIONS="reap_ms:10" timeout -s KILL 120 "$work/storm" one 5e7 1 ;;
	*)
		timeout -s KILL 60 "$work/$1" ;;
	esac
}

rseq=src/arch/rseq_x86_64.h
hit=include/ukmem/hit.h

mutant "objects of a page that becomes another cache's count" between src/node/node.c \
    's/return is_slab_of\(n, slab\) \? active : 0;/return active;/'
mutant "a class of kmalloc's is to be found before its pages have it" between src/malloc/kmalloc.c \
    's/(\tcpu_enter_class\(.*?\);\n)(\tatomic_store_explicit\(&kmalloc_caches.*?\);\n)/$2$1/'
mutant "a class of malloc's is to be found before its pages have it" between src/malloc/heap.c \
    's/(\tcpu_enter_class\(.*?\);\n)(\tenter_class\(.*?\);\n)/$2$1/'
mutant "pop: the slot's array is read before arming" delay $hit \
    's/UKMEM_ARM\("\(%\[n\]\)"\)\s*\\\s*UKMEM_DELAY\(0\)\s*\\\s*"movslq \(%\[object\]\), %\[a\]\\n\\t"\s*\\\s*UKMEM_DELAY\(1\)\s*\\\s*UKMEM_SLOT_LOAD/"movslq (%[object]), %[object]\\n\\t" "movq 512(%[base], %[object], 8), %[object]\\n\\t" UKMEM_DELAY(0) UKMEM_ARM("(%[n])") UKMEM_DELAY(1) "movq %[object], %[a]\\n\\t"/'
mutant "push: the slot's number is read before arming" delay $hit \
    's/UKMEM_ARM\("\(%\[n\]\)"\)\s*\\\s*UKMEM_DELAY\(6\)\s*\\\s*"movslq \(%\[w\]\), %\[a\]\\n\\t"/"movslq (%[w]), %[w]\\n\\t" UKMEM_DELAY(6) UKMEM_ARM("(%[n])") "movq %[w], %[a]\\n\\t"/'
mutant "push: avail is read before arming" delay $hit \
    's/UKMEM_ARM\("\(%\[n\]\)"\)(\s*\\\s*UKMEM_DELAY\(6\))/"movslq (%[w]), %[a]\\n\\t" slot_load "movl (%[a]), %k[a]\\n\\t" "movl %k[a], -120(%%rsp)\\n\\t" UKMEM_ARM("(%[n])")$1/; s/(UKMEM_DELAY\(9\)\s*\\\s*)"movl \(%\[a\]\), %k\[n\]\\n\\t"/$1"movl -120(%%rsp), %k[n]\\n\\t"/'
mutant "push by class: the slot's array is read before arming" delay $rseq \
    's/UKMEM_PUSH\("shlq.*?%\[a\]\\n\\t"\)/"movslq (%[w]), %[w]\\n\\t" "shlq \$11, %[w]\\n\\t" "addq %[rows], %[w]\\n\\t" "movq (%[w], %[class], 8), %[w]\\n\\t" SEQ_DELAY(6) UKMEM_PUSH("movq %[w], %[a]\\n\\t")/s'
mutant "pop: restartable only up to its last delay, not to the commit" delay $hit \
    's/UKMEM_DELAY\(5\)\s*\\\s*("movq %\[n\], \(%\[a\]\)\\n\\t")\s*\\\s*UKMEM_COMMITTED/UKMEM_COMMITTED UKMEM_DELAY(5) $1/'
mutant "push: restartable only up to its last delay, not to the commit" delay $hit \
    's/UKMEM_DELAY\(12\)\s*\\\s*("movl %k\[n\], \(%\[a\]\)\\n\\t")\s*\\\s*UKMEM_COMMITTED/UKMEM_COMMITTED UKMEM_DELAY(12) $1/'
mutant "an abort resumes the sequence unarmed" delay $hit \
    's/4: jmp %l\[aborted\]/4: jmp 1f/'
mutant "take_all: committed before the copy" delay $rseq \
    's/(SEQ_DELAY\(16\)\s*"rep movsq\\n\\t"\s*SEQ_DELAY\(17\))\s*("movl \$0, " AVAIL "\\n\\t"\s*SEQ_COMMITTED)/$2 $1/'
mutant "pop_some: committed before the copy" delay $rseq \
    's/(subl %k\[n\], %k\[left\]\\n\\t")(.*?)(SEQ_DELAY\(27\))\s*("movq %\[left\], " AVAIL "\\n\\t"\s*SEQ_COMMITTED)/$1 $4 $3 $2/s'
mutant "push_some: committed before the copy" delay $rseq \
    's/(SEQ_DELAY\(30\).*?SEQ_DELAY\(31\))\s*("addl %k\[n\], " AVAIL "\\n\\t"\s*SEQ_COMMITTED)/$2 $1/s'
mutant "put: committed before the copy" delay $rseq \
    's/(SEQ_DELAY\(21\))/$1 "movq " AVAIL ", %%rax\\n\\t" "andq %[keep], %%rax\\n\\t" "addq %[n], %%rax\\n\\t" "movq %%rax, " AVAIL "\\n\\t" SEQ_COMMITTED/; s/(SEQ_DELAY\(23\)).*?SEQ_COMMITTED/$1/s'
mutant "no signature before the abort handler" delay $hit \
    's/\.long 0x53053053/.long 0x53053054/'
mutant "a fence that does not fence" delay src/os/fence.c \
    's/bool done = membarrier\(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ\) == 0;/bool done = true;/'
mutant "a drainer that does not park" delay src/cpu/drain.c \
    's/cpu_slot_set\(cpu, \*slot, &array_parked\);//'
mutant "tune puts new arrays in without a fence" delay src/cpu/drain.c \
    's/else if \(!backend_fence\(\)\)\s*error = -EPERM;//'
mutant "a flush forgets what it does not put back" storm src/cpu/flush.c \
    's/(KEEP_IDLE, &stored\);\s*)give_to_node\(n, objects \+ stored, count - stored\);/$1/'
mutant "a refill forgets what finds no room" storm src/cpu/refill.c \
    's/(CLEAR_IDLE, &stored\);).*?\n\}/$1\n}/s'
mutant "put accepts objects of another node" delay2x2 $rseq \
    's/"jne %l\[none\]\\n\\t"//'
mutant "the guard of vfork does nothing" vfork_child src/os/thread.c \
    's/if \(on && process_rseq\)\s*become\(THREAD_BYPASS\);/if (on) (void)0;/'
mutant "sequences are tried for ever" single_step src/cpu/cpu.h \
    's/SEQ_TRIES = 4,/SEQ_TRIES = 0x7fffffff,/'
mutant "who may not block waits for locks" signal_alloc src/os/lock.h \
    's/if \(!may_block\)\s*return lock_try\(lock\);//'
mutant "fork takes no locks" fork_storm src/cache/fork.c \
    's/pthread_atfork\(before_fork, in_parent, in_child\);//'
mutant "a fork child keeps its parent's locks" fork_storm src/cache/fork.c \
    's/for_each_lock\(lock_reset\);//'
