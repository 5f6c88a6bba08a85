#!/bin/bash
# memcheck.sh [ROUNDS]: debug:FZPU beside malloc under Memcheck, by size: time of a pair, and memory.
#
# Rounds take turns, so that what else the machine does strikes both; medians, and their ratio.
# KiB are those of 20,000 objects that stay; "plain" is a cache without checks.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
rounds=${1:-7}
${CC:-cc} -O2 -g -fno-builtin -Iinclude bench/checks/pair.c "$BUILD/libukmem.a" -o "$BUILD/bench-checks" || exit 1

median() { sort -n | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'; }

echo '| bytes | FZPU, ns | malloc under memcheck, ns | ratio | FZPU, KiB | plain, KiB | memcheck, KiB |'
echo '|---|---|---|---|---|---|---|'
for bytes in 16 32 64 128 256 512 1024 2048 4096; do
	ours='' theirs=''
	for ((round = 0; round < rounds; round++)); do
		ours+=$(UKMEM_OPTIONS=debug:FZPU "$BUILD/bench-checks" cache $bytes 200000 20000)$'\n'
		theirs+=$(valgrind -q "$BUILD/bench-checks" malloc $bytes 50000 20000 2>/dev/null)$'\n'
	done
	plain=$("$BUILD/bench-checks" cache $bytes 200000 20000)
	a=$(grep . <<<"$ours" | cut -d' ' -f1 | median) b=$(grep . <<<"$theirs" | cut -d' ' -f1 | median)
	echo "| $bytes | $a | $b | $(awk "BEGIN { printf \"%.2f\", $a / $b }") |" \
	    "$(grep . <<<"$ours" | cut -d' ' -f2 | median) | ${plain#* } |" \
	    "$(grep . <<<"$theirs" | cut -d' ' -f2 | median) |"
done
