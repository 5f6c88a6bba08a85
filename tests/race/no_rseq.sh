#!/bin/sh
# no_rseq.sh PROGRAM: run no_rseq (see there) in every place that refuses us something.
set -u
program=$1
failed=0

run() {                 # run WAY COMMAND...
	way=$1; shift
	UKMEM_RACE_WAY=$way "$@" || { echo "FAILED  no_rseq: $way"; failed=1; }
}

# What this machine gives by itself; and locked by choice.
native=rseq
"$program" check rseq >/dev/null 2>&1 || native=locked
run native "$program" check $native
run backend:locked env UKMEM_OPTIONS=backend:locked "$program" check locked

run tunable env GLIBC_TUNABLES=glibc.pthread.rseq=0 "$program" check locked
run "seccomp rseq ENOSYS" "$program" rseq-enosys
run "seccomp rseq EPERM" "$program" rseq-eperm
run "seccomp membarrier" "$program" membarrier
run "seccomp membarrier, later" "$program" membarrier-later
if [ $native = rseq ]; then
	run "rseq gone later" "$program" rseq-later
	run "rseq gone later" env UKMEM_OPTIONS="topology:$(getconf _NPROCESSORS_CONF)x2" \
	    "$program" rseq-later
fi

# A machine without rseq, emulated.
if command -v qemu-x86_64 >/dev/null && [ "$(uname -m)" = x86_64 ]; then
	run qemu env UKMEM_RACE_BURSTS=20 UKMEM_RACE_NO_FORK=1 UKMEM_OPTIONS=reserve_mib:64 \
	    qemu-x86_64 "$program" check locked
else
	echo "skipped qemu's user mode is not installed"
fi
if command -v valgrind >/dev/null; then
	run valgrind env UKMEM_RACE_BURSTS=20 UKMEM_OPTIONS=debug:- valgrind -q --error-exitcode=9 \
	    --leak-check=no --fair-sched=yes "$program" check locked
else
	echo "skipped valgrind is not installed"
fi
exit $failed
