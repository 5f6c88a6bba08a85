#!/bin/bash
# bpftrace_test.sh: the example scripts of docs/bpftrace/, and what they hear in a hit.
. "$(dirname "$0")/inspect.sh"

has bpftrace "tracepoints under bpftrace" || exit 0
if [ "$(id -u)" != 0 ] || ! timeout 60 bpftrace -e 'BEGIN { exit(); }' >"$work/out" 2>&1; then
	echo "skipped tracepoints under bpftrace: the kernel refuses it"
	exit 0
fi
start churn
library=$(realpath "$BUILD/libukmem.so")

# heard SECONDS SCRIPT...: what bpftrace printed of the subject, cut after that time.
heard() {
	local seconds=$1
	shift
	timeout -s INT "$seconds" bpftrace -p "$pid" "$@" >"$work/out" 2>"$work/err"
}

count_of() {
	sed -n "s/^@$1: //p" "$work/out"
}

heard 60 -e "usdt:$library:ukmem:kmem_cache_alloc { @all = count(); exit(); }"
if ! grep -q '^@all: [1-9]' "$work/out"; then
	echo "skipped tracepoints under bpftrace: no uprobes here"
	exit 0
fi
heard 60 -e "
	usdt:$library:ukmem:kmem_cache_alloc {
		@all = count();
		@callers[usym(arg0)] = count();
		if (arg2 == 200 && arg3 >= 200) { @right = count(); }
	}
	usdt:$library:ukmem:kmem_cache_free { @frees[str(arg2)] = count(); }
	usdt:$library:ukmem:refill { @refills = count(); }
	interval:s:4 { exit(); }"
[ "$(count_of all)" -ge 100 ] && [ "$(count_of right)" = "$(count_of all)" ]
ok $? "each allocation of 200 bytes says so"
[ "$(count_of 'frees\[subject-churned\]')" -ge 100 ]
ok $? "a free has its cache's name"
grep -q '^@callers\[churn' "$work/out"
ok $? "an allocation has who called"
[ $(("$(count_of refills)" * 10)) -lt "$(count_of all)" ]
ok $? "nine in ten calls are hits still"
for script in docs/bpftrace/*.bt; do
	bpftrace -p "$pid" -d "$script" >"$work/out" 2>&1
	ok $? "bpftrace understands ${script##*/}"
done
heard 10 docs/bpftrace/misses.bt
grep -q '^@refills\[subject-churned\]: [1-9]' "$work/out" && grep -q '^@frees\[subject-churned\]: [1-9]' "$work/out"
ok $? "misses.bt counts calls and misses"
exit $failed
