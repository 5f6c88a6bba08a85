#!/usr/bin/env bash
# The hit paths, read off the disassembly: one sequence, one conditional branch (more where
# a size or an address has to be in range or in a table), no
# lock prefix, no call, no division, and no more instructions than docs/flow.md says.
set -eu
library=${BUILD:-build}/libukmem.so.0
failed=0

# The instructions of $1 up to its first ret: the hit. What follows is the cold side.
# Several names may stand at one address; the disassembly has one of them.
hit() {
	local start
	start=$(nm "$library" | awk -v name="$1" '$3 == name { print $1; exit }')
	objdump -d --no-show-raw-insn "$library" | awk -v start="$start" '
		$1 == start { inside = 1; next }
		inside && NF == 0 { exit }
		inside { sub(/^[^:]*:[ \t]*/, ""); print; if ($1 == "ret" || $1 == "retq") exit }'
}

check() {
	local name=$1 most=$2 wanted=${3:-1} text count
	text=$(hit "$name")
	count=$(printf '%s\n' "$text" | wc -l)
	branches=$(printf '%s\n' "$text" | grep -cE '^j[a-z]+ ' || true)
	bad=$(printf '%s\n' "$text" | grep -E '^(lock|call|xchg|cmpxchg|i?div|jmp)' || true)
	if [ -z "$text" ] || [ "$count" -gt "$most" ] || [ "$branches" != "$wanted" ] || [ -n "$bad" ]; then
		echo "FAILED hit path of $name: $count instructions (at most $most), $branches branches ($wanted) $bad"
		failed=1
	else
		echo "ok hit path of $name: $count instructions, conditional branches: $branches"
	fi
}

if [ "$(uname -m)" != x86_64 ]; then
	echo "skipped: hit paths are counted on x86-64"
	exit 0
fi
check kmem_cache_alloc 15
check kmem_cache_free 15
check ukmem_alloc_uncleared 13
check kmalloc 25 4
check kfree 28 3
library=${BUILD:-build}/libukmem-malloc.so
check malloc 19 2
check free 27 2
exit $failed
