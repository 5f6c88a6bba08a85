#!/usr/bin/env bash
# What a miss costs the other CPUs, counted by bench-lines: atomic operations, and cache
# lines that are not this CPU's own. docs/tuning.md has the table; no figure may grow.
set -u
BUILD=${BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# most KIND ATOMICS LINES: a mean of that kind of call is there, and at most so high.
most() {
	awk -F'|' -v kind="$1" -v atomics="$2" -v lines="$3" '
		{ name = $2; gsub(/^ +| +$/, "", name) }
		name == kind { found = 1; bad = $5 + 0 > atomics || $6 + 0 > lines; text = $0 }
		END { if (found && !bad) print "ok " kind ": at most " atomics " atomics, " lines " lines"
		      else print "FAILED " kind ": at most " atomics " atomics, " lines " lines:" text
		      exit !found || bad }' "$work/table" || failed=1
}

if [ "$(uname -m)" != x86_64 ] || [ "$(nproc)" -lt 2 ]; then
	echo "skipped shared lines: they are counted on x86-64 with two CPUs"
	exit 0
fi
"$BUILD/bench-lines" >"$work/table" 2>"$work/err"
status=$?
"$BUILD/bench-lines" --two-nodes | grep remote >>"$work/table" 2>>"$work/err"
if [ $status = 3 ]; then
	echo "skipped shared lines: $(cat "$work/err")"
	exit 0
fi
cat "$work/err"
most 'refill from the shared array' 3 27
most 'refill from slabs' 3 9
most 'refill with a new slab' 8 8
most 'flush to the shared array' 3 29
most 'flush to slabs' 3 10
most 'remote free, parks' 2 7
most 'remote free, sends the parked home' 4 13
exit $failed
