#!/bin/bash
# attacks.sh [table|peers]: how many of the 116 attacks of attacks.c are stopped: caught, or in vain.
#
# As a test: checks, and hardening:strict, catch what they must. With "table": which mode stops
# how many, for docs/debugging.md; "peers": the same attacks by way of malloc, on what allocators
# are installed here, the malloc library among them.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
attacks=$BUILD/tests/misuse/attacks
passed=0 failed=0
ulimit -c 0

# counts OPTIONS KIND COUNT: sets caught and vain.
counts() {
	caught=0 vain=0
	local number status
	for ((number = 0; number < $3; number++)); do
		UKMEM_OPTIONS="$UKMEM_OPTIONS $1" timeout 60 "$attacks" "$2" $number >/dev/null 2>&1
		status=$?
		[ $status -ge 128 ] && caught=$((caught + 1))
		[ $status -eq 1 ] && vain=$((vain + 1))
	done
}

# at_least OPTIONS KIND COUNT LEAST HOW: HOW is caught, or stopped.
at_least() {
	local got
	counts "$1" "$2" "$3"
	got=$caught
	[ "$5" = stopped ] && got=$((caught + vain))
	if [ $got -ge "$4" ]; then
		echo "ok $5 $2 ${1:-default}: $got of $3"
		passed=$((passed + 1))
	else
		echo "FAILED $5 $2 ${1:-default}: tests/misuse/attacks.sh: $got of $3, not $4"
		failed=$((failed + 1))
	fi
}

# row ALLOCATOR LIBRARY OPTIONS: all kinds in one line.
row() {
	[ -z "$2" ] || [ -e "$2" ] || return
	local line="| $1" sum=0 kind count
	while read -r kind count; do
		LD_PRELOAD=$2 counts "$3" "$kind" "$count"
		line="$line | $caught + $vain"
		sum=$((sum + caught + vain))
	done < <("$attacks")
	echo "$line | $sum |"
}

if [ "$1" = peers ]; then
	attacks=$BUILD/attacks-malloc
	${CC:-cc} -O1 -fno-builtin -w -D_GNU_SOURCE -DON_MALLOC tests/misuse/attacks.c -o "$attacks" -lpthread || exit 1
	libraries=/usr/lib/x86_64-linux-gnu
	echo "| by malloc | $("$attacks" | sed 's/ / (/; s/$/) |/' | tr '\n' ' ') stopped |"
	echo '|---|---|---|---|---|---|---|---|'
	{
		row glibc '' ''
		row 'jemalloc' $libraries/libjemalloc.so.2 ''
		row 'tcmalloc' $libraries/libtcmalloc_minimal.so.4 ''
		row 'mimalloc' "$(echo $libraries/libmimalloc.so.[0-9].0)" ''
		row 'scudo' "$(ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-x86_64.so 2>/dev/null | tail -n 1)" ''
		row 'ukmem' "$BUILD/libukmem-malloc.so" ''
		row 'ukmem, hardening:strict' "$BUILD/libukmem-malloc.so" hardening:strict
		row 'ukmem, debug:FZP' "$BUILD/libukmem-malloc.so" debug:FZP
	} 2>/dev/null
	exit
fi

if [ "$1" = table ]; then
	echo '| attacks | of | hardening:off | default | sample:1 | hardening:strict | debug:F | debug:FZ | debug:FZP |'
	echo '|---|---|---|---|---|---|---|---|---|'
	"$attacks" | while read -r kind count; do
		row="| $kind | $count"
		for mode in hardening:off '' sample:1 hardening:strict debug:F debug:FZ debug:FZP; do
			counts "$mode" "$kind" "$count"
			row="$row | $caught + $vain"
		done
		echo "$row |"
	done 2>/dev/null
	exit
fi

{
	at_least '' interior_free 18 9 caught
	at_least '' foreign_free 8 8 caught
	at_least debug:FZP double_free 6 6 caught
	at_least debug:FZP interior_free 18 18 caught
	at_least debug:FZP foreign_free 8 8 caught
	at_least debug:FZP overflow 61 58 caught
	at_least debug:FZP use_after_free 7 3 caught
	at_least debug:FZP other 16 14 stopped
	at_least hardening:strict double_free 6 6 caught
	at_least hardening:strict interior_free 18 18 caught
	at_least hardening:strict foreign_free 8 8 caught
	at_least hardening:strict overflow 61 60 stopped
	at_least hardening:strict use_after_free 7 3 caught
	at_least hardening:strict other 16 15 stopped
} 2>/dev/null
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
