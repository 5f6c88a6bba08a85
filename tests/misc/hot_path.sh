#!/usr/bin/env bash
# The hit paths, read off the disassembly: one sequence, one conditional branch (more where
# a size or an address has to be in range or in a table), nothing locked, exclusive or
# ordered, no call, no division, and no more instructions than docs/flow.md says, which are
# gcc's: clang may take a fifth more.
# Variables: BUILD, a build for x86-64 or AArch64.
set -eu
library=${BUILD:-build}/libukmem.so.0
failed=0

case $(od -An -tu2 -j18 -N2 "$library" | tr -d ' ') in          # e_machine
62)
	tools='' branch='j[a-z]+'
	not_in_hits='lock|call|xchg|cmpxchg|i?div|jmp|[lms]fence'
	limits='16 16 14 26:4 27:2 20:2 28:2' has_table=yes ;;
183)
	tools=$([ "$(uname -m)" = aarch64 ] || echo aarch64-linux-gnu-) branch='(b\.[a-z]+|cbn?z|tbn?z)'
	not_in_hits='ld[a-z]*x[a-z]*|st[a-z]*x[a-z]*|ldap?r[bh]?|stlr[bh]?|(cas|swp|ld(add|clr|eor|set)|st(add|clr|eor|set))[a-z]*|d[ms]b|isb|blr?|br|b|[us]div'
	limits='23 22 20 37:4 36:2 28:2 38:2' has_table='' ;;
'')
	echo "FAILED hit paths: there is no $library"
	exit 1 ;;
*)
	echo "skipped: hit paths are counted on x86-64 and AArch64"
	exit 0 ;;
esac

# A word of the library lies where it should (check_table) with the compilers of Debian 12 and 13 only.
case $(readelf -p .comment "$library") in
*clang*) sixths=5 arranged='' ;;
*'(Debian 12.'* | *'(Debian 14.'*) sixths=6 arranged=yes ;;
*) sixths=6 arranged='' ;;
esac

# The instructions of $1 up to its first ret: the hit. What follows is the cold side.
# Several names may stand at one address; the disassembly has one of them.
hit() {
	local start
	start=$("${tools}nm" "$library" | awk -v name="$1" '$3 == name { print $1; exit }')
	"${tools}objdump" -d --no-show-raw-insn "$library" | awk -v start="$start" '
		$1 "" == start { inside = 1; next }            # as text: 2e380 is a number, too
		inside && NF == 0 { exit }
		inside { sub(/^[^:]*:[ \t]*/, ""); print; if ($1 == "ret" || $1 == "retq") exit }'
}

# check NAME: against the next limit, INSTRUCTIONS or INSTRUCTIONS:BRANCHES.
check() {
	local name=$1 limit=${limits%% *} most wanted=1 text count branches bad
	limits=${limits#* } most=$((${limit%:*} * 6 / sixths))
	case $limit in *:*) wanted=${limit#*:} ;; esac
	text=$(hit "$name")
	count=$(printf '%s\n' "$text" | wc -l)
	branches=$(printf '%s\n' "$text" | grep -cE "^$branch[[:space:]]" || true)
	bad=$(printf '%s\n' "$text" | grep -E "^($not_in_hits)[[:space:]]" || true)
	if [ -z "$text" ] || [ "$count" -gt "$most" ] || [ "$branches" != "$wanted" ] || [ -n "$bad" ]; then
		echo "FAILED hit path of $name: $count instructions (at most $most), $branches branches ($wanted) $bad"
		failed=1
	else
		echo "ok hit path of $name: $count instructions, conditional branches: $branches"
	fi
}

# check_line NAME: begins at a line of code, 64 bytes, and ends in it (docs/decisions/0007-the-call.md).
check_line() {
	local start end bytes
	if [ -z "$arranged" ]; then
		echo "skipped the line of $1: by another compiler"
		return
	fi
	read -r start end <<<"$("${tools}objdump" -d --no-show-raw-insn "$library" | awk -v name="<$1>:" '
		$2 == name { start = $1; next }
		start && $2 == "ret" { sub(/:/, "", $1); print start, $1; exit }')"
	bytes=$((0x$start % 64 + 0x$end - 0x$start + 1))
	if [ "$bytes" -gt 64 ]; then
		echo "FAILED the hit of $1 ends at byte $bytes of its line"
		failed=1
	else
		echo "ok the hit of $1 ends at byte $bytes of its line"
	fi
}

# check_table: where the linker's table says where ukmem_thread is, no object begins (os/thread.c).
check_table() {
	local at
	if [ -z "$arranged" ]; then
		echo "skipped the table of ${library##*/}: by another compiler"
		return
	fi
	at=$(readelf -rW "$library" | awk '/R_X86_64_TPOFF64.* ukmem_thread/ { print $1; exit }')
	if [ -z "$at" ] || [ $((0x$at % 64)) -lt 8 ]; then
		echo "FAILED ${library##*/}: ukmem_thread's place is read at ${at:-?}, the start of a line"
		failed=1
	else
		echo "ok ${library##*/}: ukmem_thread's place is read at no line's start"
	fi
}

for name in kmem_cache_alloc kmem_cache_free ukmem_alloc_uncleared kmalloc kfree; do
	check $name
done
if [ -n "$has_table" ]; then
	check_table
	check_line kmem_cache_free
	check_line ukmem_alloc_uncleared
fi
library=${BUILD:-build}/libukmem-malloc.so
check malloc
check free
[ -z "$has_table" ] || check_table
exit $failed
