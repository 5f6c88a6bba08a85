#!/bin/bash
# sampling.sh: what sample:on costs, without believing a difference of two noisy times.
#
# A guarded object is had at most once in a tick of the coarse clock, by the whole process. So one's
# price (sample:1 on a cache without objects makes every pair such a one) times ticks in a second is
# the most that they can take of one CPU. The other part is what each miss pays: some instructions
# of guard_turn, counted in the library.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
${CC:-cc} -O2 -g -fno-builtin -Iinclude bench/checks/pair.c "$BUILD/libukmem.a" -o "$BUILD/bench-checks" || exit 1

tick_ms=$(python3 -c 'import time; print(max(1, round(time.clock_getres(6) * 1e3)))')       # CLOCK_MONOTONIC_COARSE
for bytes in 64 1024; do
	price=$(for _ in 1 2 3 4 5; do UKMEM_OPTIONS=sample:1 "$BUILD/bench-checks" cache $bytes 20000 0; done | sort -n | sed -n '3s/ .*//p')
	awk -v bytes=$bytes -v price="$price" -v tick="$tick_ms" 'BEGIN {
		printf "%d bytes: a guarded pair takes %.1f us; one in a tick of %d ms is %.2f %% of a CPU\n",
		    bytes, price / 1000, tick, price / (tick * 10000) }'
done
objdump -d --no-show-raw-insn "$BUILD/src/debug/guard.o" | awk '/<guard_turn>:/ { inside = 1; next }
	inside && /\<ret/ { print "a miss that is not sampled: " count + 1 " instructions of guard_turn at most, " locked + 0 " of them locked"; exit }
	inside && NF { count++ } inside && /lock / { locked++ }'
