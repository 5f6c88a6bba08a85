#!/bin/bash
# probe_test.sh: the static tracepoints are where they say: at nops, those of hits at the
# hit's own instructions. (What these say is tests/story/probe_test.c's.)
. "$(dirname "$0")/inspect.sh"

library=$BUILD/libukmem.so.0
has readelf "tracepoints" || exit 0
readelf -n "$library" >"$work/notes" 2>/dev/null
for name in refill flush grow release reap; do
	awk -v name="$name" '
		$1 == "Provider:" { ours = $2 == "ukmem" }
		$1 == "Name:" { this = ours && $2 == name }
		$1 == "Location:" && this { split($2, place, ","); print place[1] }
		$1 == "Arguments:" && this { if (NF == 5) right = 1 }
		END { exit !right }' "$work/notes" >"$work/places"
	ok $? "the tracepoint $name has four arguments"
	missing=0
	while read -r place; do
		objdump -d --no-show-raw-insn --start-address="$place" --stop-address=$((place + 1)) \
		    "$library" | grep -Eq '^ +[0-9a-f]+:.*\bnop\b' || missing=1
	done <"$work/places"
	[ -s "$work/places" ] && [ $missing = 0 ]
	ok $? "at $name stands a nop"
done
[ "$(readelf -SW "$library" | awk '$0 ~ / \.note\.stapsdt / { print ($0 ~ / A /) }')" = 0 ]
ok $? "the notes are not loaded"

# places NAME: where the notes of this name say.
places() {
	awk -v name="$1" '$1 == "Provider:" { ours = $2 == "ukmem" }
		$1 == "Name:" { this = ours && $2 == name }
		$1 == "Location:" && this { split($2, place, ","); print place[1] }' "$work/notes"
}

# stands NAME FUNCTION INSTRUCTION: one of these tracepoints is at such a one of FUNCTION.
stands() {
	local place
	for place in $(places "$1"); do
		objdump -d --no-show-raw-insn --start-address="$place" --stop-address=$((place + 16)) \
		    "$library" | grep -A1 "^[0-9a-f]* <$2\(@@[A-Z0-9_]*\)\?\(+0x[0-9a-f]*\)\?>:" | grep -Eq "[[:space:]]$3" && return
	done
	return 1
}

if [ "$(uname -m)" = x86_64 ]; then
	for function in kmem_cache_alloc ukmem_alloc_uncleared; do
		stands kmem_cache_alloc $function '(ret|nop)'
		ok $? "the tracepoint in the hit of $function is its ret (a nop when debugging)"
	done
	stands kmalloc kmalloc '(ret|nop)'
	ok $? "the tracepoint in the hit of kmalloc is its ret (a nop when debugging)"
	stands kmem_cache_free kmem_cache_free '(mov|nop)'
	ok $? "kmem_cache_free's is an instruction of its own"
	stands kfree kfree '[a-z]'
	ok $? "kfree's is an instruction of its own"
fi

# Somebody listens: gdb stops at the tracepoint and reads its arguments.
if has gdb "listening to a tracepoint"; then
	gdb -q -batch -ex 'set breakpoint pending on' -ex 'break -probe-stap ukmem:grow' \
	    -ex 'run idle' -ex 'info probes stap ukmem' "$BUILD/tests/tools/subject" \
	    </dev/null >"$work/gdb" 2>&1
	grep -Eq '^(stap *)?ukmem +grow' "$work/gdb"
	ok $? "gdb knows the tracepoints"
	gdb -q -batch -ex 'set breakpoint pending on' -ex 'break -probe-stap ukmem:grow' -ex run \
	    -ex 'printf "name=%s size=%d bytes=%d\n", $_probe_arg0, $_probe_arg1, $_probe_arg3' \
	    "$BUILD/tests/tools/subject" </dev/null >"$work/gdb" 2>&1
	grep -Eq '^name=[a-z_]+(-[0-9a-z]+)? size=[1-9][0-9]* bytes=[1-9][0-9]*$' "$work/gdb"
	ok $? "a listener gets the cache's name, its objects' size and the slab's bytes"
fi
exit $failed
