#!/bin/bash
# compare.sh OPTIONS OTHER [ROUNDS [SECONDS]]: the bench's rows with UKMEM_OPTIONS of one kind and of
# the other: compare.sh hardening:on hardening:off, compare.sh sample:on ''.
#
# Both in each round, in turns of order, and what counts is the ratio within a round: its median for
# each row and size, and the geometric mean of all medians, with the interval that 19 of 20 resamplings
# of the rounds keep to. On a machine that does other things besides take many short rounds. ROWS and
# SIZES in the environment: other rows and sizes than all.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
one=$1 other=$2 rounds=${3:-9} seconds=${4:-0.1}
[ $# -ge 2 ] || { echo "usage: $0 OPTIONS OTHER [ROUNDS [SECONDS]]" >&2; exit 2; }

# of OPTIONS WORKLOAD SIZE: ns, of processor time but where threads wait for each other and spin.
of() {
	local clock=BENCH_CPU_TIME=1
	[ "$2" = prodcons ] && clock=
	env $clock UKMEM_OPTIONS="$1" "$BUILD/bench-ukmem" "$2" "$3" "$seconds" |
	    grep -o '"ns":[0-9.]*' | cut -d: -f2
}

for ((round = 0; round < rounds; round++)); do
	for size in ${SIZES:-16 64 256 1024 4096}; do
		for row in ${ROWS:-pair batch fifo random random-all prodcons larson burst bulk}; do
			if [ $((round % 2)) = 0 ]; then
				a=$(of "$one" $row $size) b=$(of "$other" $row $size)
			else
				b=$(of "$other" $row $size) a=$(of "$one" $row $size)
			fi
			echo "$row $size $a $b"
		done
	done
done | python3 -c '
import math, random, statistics, sys

ratios = {}
for line in sys.stdin:
    row, size, a, b = line.split()
    ratios.setdefault(row, {}).setdefault(int(size), []).append(float(a) / float(b))
sizes = sorted(next(iter(ratios.values())))

def mean(choose):
    cells = [statistics.median(choose(cell)) for row in ratios.values() for cell in row.values()]
    return math.exp(sum(map(math.log, cells)) / len(cells))

print("| one / other |", " | ".join(f"{size} B" for size in sizes), "|")
print("|---" * (len(sizes) + 1) + "|")
for row, cells in ratios.items():
    print(f"| {row} |", " | ".join(f"{statistics.median(cells[size]):.2f}" for size in sizes), "|")
resampled = sorted(mean(lambda cell: random.choices(cell, k=len(cell))) for _ in range(1000))
print(f"geometric mean {mean(lambda cell: cell):.3f}, 19 of 20: {resampled[25]:.3f} to {resampled[974]:.3f}")'
