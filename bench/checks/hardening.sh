#!/bin/bash
# hardening.sh [ROUNDS [SECONDS]]: the bench's rows with hardening:on and with :off, all its sizes.
#
# Both in each round, in turns of order, and what counts is the ratio within a round: its median for
# each row and size, and the geometric mean of all medians, with the interval that 19 of 20 resamplings
# of the rounds keep to. On a machine that does other things besides take many short rounds.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
rounds=${1:-9} seconds=${2:-0.1}

export BENCH_CPU_TIME=1

# of OPTION WORKLOAD SIZE: ns of processor time.
of() { UKMEM_OPTIONS=hardening:$1 "$BUILD/bench-ukmem" "$2" "$3" "$seconds" | grep -o '"ns":[0-9.]*' | cut -d: -f2; }

for ((round = 0; round < rounds; round++)); do
	for size in 16 64 256 1024 4096; do
		for row in pair batch fifo random random-all prodcons larson burst bulk; do
			if [ $((round % 2)) = 0 ]; then
				on=$(of on $row $size) off=$(of off $row $size)
			else
				off=$(of off $row $size) on=$(of on $row $size)
			fi
			echo "$row $size $on $off"
		done
	done
done | python3 -c '
import math, random, statistics, sys

ratios = {}
for line in sys.stdin:
    row, size, on, off = line.split()
    ratios.setdefault(row, {}).setdefault(int(size), []).append(float(on) / float(off))
sizes = sorted(next(iter(ratios.values())))

def mean(choose):
    cells = [statistics.median(choose(cell)) for row in ratios.values() for cell in row.values()]
    return math.exp(sum(map(math.log, cells)) / len(cells))

print("| on / off |", " | ".join(f"{size} B" for size in sizes), "|")
print("|---" * (len(sizes) + 1) + "|")
for row, cells in ratios.items():
    print(f"| {row} |", " | ".join(f"{statistics.median(cells[size]):.2f}" for size in sizes), "|")
resampled = sorted(mean(lambda cell: random.choices(cell, k=len(cell))) for _ in range(1000))
print(f"geometric mean {mean(lambda cell: cell):.3f}, 19 of 20: {resampled[25]:.3f} to {resampled[974]:.3f}")'
