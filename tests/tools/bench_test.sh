#!/bin/bash
# bench_test.sh: ukmem bench runs, prints every form, and refuses nonsense. No times
# are judged here.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
failed=0

ok() {
	if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAILED $2"; failed=1; fi
}

bench() {
	timeout 60 "$BUILD/ukmem" bench "$@" 2>"$BUILD/check/bench.err" </dev/null
}

# One line on stderr, nothing on stdout, status 2.
refuses() {
	local out status
	out=$(bench "$@")
	status=$?
	[ $status = 2 ] && [ -z "$out" ] && [ "$(wc -l <"$BUILD/check/bench.err")" = 1 ]
	ok $? "bench refuses $*"
}

mkdir -p "$BUILD/check"
refuses --rounds 0
refuses --rounds 3x
refuses --rounds 100
refuses --seconds 0
refuses --seconds nan
refuses --seconds 1e9
refuses --nonsense
refuses --only
refuses -o html
refuses stray
bench --list | grep -q '^prodcons '
ok $? "bench lists its workloads"
out=$(bench --only nosuch 2>&1); [ $? = 2 ]
ok $? "bench knows what it does not have"

if [ -x "$BUILD/bench-ukmem" ] && [ -x "$BUILD/bench-malloc" ] && [ -x "$BUILD/bench-floor" ]; then
	bench --quick --rounds 1 --seconds 0.01 --only pair,random -o json | python3 -c '
import json, sys
rows = json.load(sys.stdin)["rows"]
assert [r["workload"] for r in rows] == ["pair", "random"]
for r in rows:
    for name in "ukmem", "glibc", "floor":
        assert r["allocators"][name]["ns"] > 0'
	ok $? "bench prints json with a figure for each allocator"
	[ "$(bench --quick --rounds 1 --seconds 0.01 --only pair -o csv | wc -l)" -ge 4 ]
	ok $? "bench prints csv"
	bench --quick --rounds 1 --seconds 0.01 --only pair -o markdown | grep -q '^| pair '
	ok $? "bench prints markdown"
else
	echo "skipped bench: its workers are not built"
fi
exit $failed
