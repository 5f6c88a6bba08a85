#!/bin/bash
# profile_test.sh: heap profiles by stack, in folded form and by pprof itself.
. "$(dirname "$0")/inspect.sh"

# sum VALUE FUNCTION: of the stacks that FUNCTION is in.
sum() {
	ukmem profile -v "$1" "$pid" | awk -v name="$2" '
		index(";" $1 ";", ";" name ";") { sum += $2 } END { printf "%.0f\n", sum }'
}

# near WHAT IS SHOULD: within a sixth; 4 KiB a sample, so thousands of samples.
near() {
	awk -v is="$2" -v should="$3" 'BEGIN { exit !(is > should * 5 / 6 && is < should * 7 / 6) }'
	ok $? "$1"
	awk -v is="$2" -v should="$3" 'BEGIN { exit !(is > should * 5 / 6 && is < should * 7 / 6) }' ||
	    echo "    $2, should be near $3"
}

SUBJECT=holder UKMEM_OPTIONS=heap_sample:4096 start
ukmem profile "$pid" >"$work/folded"
ok $? "profile prints folded stacks"
grep -Eq '(^|;)main;work;hold_much(;[^ ]*)? [0-9]+$' "$work/folded"
ok $? "a stack runs from main to the call that allocated"
near "bytes in use are those of who holds them" "$(sum inuse_bytes hold_much)" 20000000
near "few bytes of small objects are estimated too" "$(sum inuse_bytes hold_little)" 1000000
near "objects in use are counted" "$(sum inuse_objects hold_much)" 20000
near "what was freed was allocated" "$(sum alloc_bytes pass_through)" 15000000
near "allocated objects are counted" "$(sum alloc_objects pass_through)" 30000
[ "$(sum inuse_bytes pass_through)" = 0 ]
ok $? "what was freed is in use no more"
near "all that is held was allocated by work" "$(sum inuse_bytes work)" 21000000

ukmem profile -o "$work/heap.pb.gz" "$pid" && gzip -t "$work/heap.pb.gz"
ok $? "profile writes a gzipped file"
if has go "pprof"; then
	pprof() {
		HOME=$work PPROF_TMPDIR=$work go tool pprof "$@" "$work/heap.pb.gz" 2>"$work/err"
	}
	pprof -top -unit=B >"$work/top"
	ok $? "pprof reads the profile"
	grep -Eq '^Type: inuse_space$' "$work/top"
	ok $? "bytes in use are what it shows at first"
	near "pprof tells the bytes of hold_much" \
	    "$(awk '$NF == "hold_much" { sub("B", "", $4); print $4 }' "$work/top")" 20000000
	near "pprof tells the objects that passed through" \
	    "$(pprof -top -sample_index=alloc_objects |
	       awk '$NF == "pass_through" { print $4 }')" 30000
	pprof -traces >"$work/traces"
	grep -A 3 'hold_much' "$work/traces" | grep -q 'work'
	ok $? "pprof shows the stacks"
fi

# Allocations hit, and arrays are there: sampling hides behind the miss.
ukmem stat -o json "$pid" | python3 -c '
import json, sys
passing = next(c for c in json.load(sys.stdin)["caches"] if c["name"] == "passing")
assert passing["limit"] > 0 and passing["cpuavail"] > 0, passing
assert passing["alloc_refills"] < 30000 / 4, passing'
ok $? "a program that samples keeps its arrays, and most allocations hit"
refuses 'is none of' profile -v nonsense "$pid"
ukmem profile -o "$work/nosuch/x" "$pid"
[ $? = 1 ] && [ "$(grep -c 'nosuch/x: No such file' "$work/err")" = 1 ]
ok $? "a file that can't be written is told"
# malloc's large blocks, which are in no cache: runs of pages, mappings, and moved ones.
UKMEM_OPTIONS=heap_sample:65536 "$BUILD/ukmem" run -- /usr/bin/python3 -c '
import time
runs = [bytearray(1 << 20) for i in range(60)]
mapped, gone, grown = bytearray(50 << 20), bytearray(30 << 20), bytearray(20 << 20)
grown.extend(bytes(20 << 20))
del gone
print("ready", flush=True)
time.sleep(100)' >"$work/python" 2>"$work/err" &
pid=$!
started+=("$pid")
within 60 grep -q ready "$work/python"
near "large blocks are sampled, freed and moved ones too" \
    "$(ukmem profile "$pid" | awk '{ sum += $NF } END { printf "%.0f\n", sum }')" $(((60 + 50 + 42) << 20))
SUBJECT=holder start
refuses 'takes no samples' profile "$pid"
if has zstd "a core without samples"; then
	sample_core
	refuses 'takes no samples' profile "$work/core"
fi
exit $failed
