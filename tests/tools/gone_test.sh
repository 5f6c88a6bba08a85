#!/bin/bash
# gone_test.sh: a program that ends, or becomes another one, while a tool is at it.
. "$(dirname "$0")/inspect.sh"
export UKMEM_OPTIONS=reap_ms:100

# A subject that becomes sleep two seconds from now.
start_to_become() {
	local descriptor=$((10 + ${#started[@]}))
	start become churn
	(sleep 2; eval "exec $descriptor>&-"; sleep 58) &
	started+=($!)
	eval "exec $descriptor>&-"
}

# It ends, early, with one line that says so.
sees_the_end() {
	local status
	SECONDS=0
	ukmem "$@" "$pid" >"$work/out"
	status=$?
	[ $SECONDS -lt 15 ] && [ "$(wc -l <"$work/err")" = 1 ] &&
	    grep -q "process $pid ended while it was read, or became another program" "$work/err" &&
	    return $status
	return 99
}

start_to_become
sees_the_end top --batch --delay 0.2 --number 100
[ $? = 2 ] && [ "$(grep -c '^slabs 0K' "$work/out")" = 0 ]
ok $? "top ends when the program becomes another"
start_to_become
sees_the_end record -i 0.1 -t 20 -o "$work/run"
[ $? = 0 ] && python3 -c '
import json, sys
samples = json.load(open(sys.argv[1]))["samples"]
assert len(samples) > 5 and all(s["caches"] for s in samples)' "$work/run"
ok $? "record keeps what it saw until then, and nothing else"
start_to_become
sees_the_end export -p 0
[ $? = 2 ]
ok $? "export ends too"
start_to_become
sees_the_end record --trace -t 4 -o "$work/trace"
[ $? = 0 ] && ukmem replay -q "$work/trace"
ok $? "record --trace writes what there was, and asks the other program for nothing"
exit $failed
