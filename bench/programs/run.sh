#!/bin/bash
# run.sh [-n ROUNDS] [-o FILE] [WORKLOAD...]: classic allocator workloads and real programs
# under ukmem's drop-in, glibc, jemalloc, tcmalloc and mimalloc.
#
# The allocators take turns within each round; each cell is the median wall time in ms and
# the median peak memory in MiB. Then, for ukmem: time to the best of the four others, peak
# to the smallest of jemalloc, tcmalloc and mimalloc, and geometric means of all.
# A program that is not installed is left out.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-gcc}
PATH=/usr/bin:$PATH             # the system's programs, not somebody's scripts around them
rounds=5
while getopts n:o: option; do
	case $option in
	n) rounds=$OPTARG ;;
	o) exec >"$OPTARG" || exit 2 ;;
	*) sed -n '2,8s/^# //p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
wanted=" $* "
programs=$PWD/$BUILD/bench-programs
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$programs"

libraries=/usr/lib/$(uname -m)-linux-gnu
declare -A preload=(
	[ukmem]=$PWD/$BUILD/libukmem-malloc.so
	[glibc]=
	[jemalloc]=$libraries/libjemalloc.so.2
	[tcmalloc]=$libraries/libtcmalloc_minimal.so.4
	[mimalloc]=$(echo "$libraries"/libmimalloc.so.[0-9].0)     # 2.0, of Debian 13 3.0
)
[ -f "${preload[ukmem]}" ] || { echo "run.sh: ${preload[ukmem]} is not there: make all" >&2; exit 2; }
allocators="ukmem glibc jemalloc tcmalloc mimalloc"

names=()
declare -A command
workload() {
	case $wanted in "  " | *" $1 "*) names+=("$1") command[$1]=$2 ;; esac
}

# program NAME COMMAND: a workload whose first word must be installed.
program() {
	command -v "${2%% *}" >/dev/null && workload "$1" "$2"
}

$CC -std=gnu11 -O2 -D_GNU_SOURCE bench/programs/measure/measure.c -o "$programs/measure" || exit 1

for source in bench/programs/*.c; do
	name=$(basename "$source" .c)
	$CC -std=gnu11 -O2 -D_GNU_SOURCE -fno-builtin-malloc "$source" -o "$programs/$name" -lpthread || exit 1
	workload "$name" "$programs/$name"
done

cat >"$work/objects.py" <<'END'
import json
rows = [{"id": i, "name": "x" * (i % 97), "tags": list(range(i % 13))} for i in range(60000)]
for _ in range(3):
    rows = json.loads(json.dumps(rows))
END
cat >"$work/sql" <<'END'
create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)
insert into t select i, hex(i * 7919) from n;
create index tb on t(b);
select count(*) from t x join t y on x.b = y.b;
END
cat >"$work/redis" <<END
redis-server --save '' --port 0 --unixsocket $work/socket &
until redis-cli -s $work/socket ping; do sleep 0.01; done
redis-benchmark -s $work/socket -q -P 16 -r 100000 -n 200000 -d 100 -t set,get,lpush,lpop,hset,sadd
redis-cli -s $work/socket shutdown nosave
wait
END
program python3 "python3 -S $work/objects.py"
program sqlite3 "sqlite3 :memory: '.read $work/sql'"
program perl "perl -e 'my %h; \$h{\$_ % 90000} .= q(x) x (\$_ % 50) for 1..1500000'"
program gcc "$CC -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc -O2 -c src/malloc/heap.c -o $work/o"
git rev-parse -q --verify HEAD >/dev/null 2>&1 && program git "git log --stat -300"
command -v redis-server >/dev/null && workload redis "sh $work/redis"

# measure ALLOCATOR NAME: one line, "seconds KiB".
measure() {
	"$programs/measure" "${preload[$1]}" sh -c "exec ${command[$2]}" >>"$work/$2.$1"
}

# Each round begins with another one, since the first may find caches cold.
for name in "${names[@]}"; do
	for ((round = 0; round < rounds; round++)); do
		order=($allocators)
		for allocator in "${order[@]:round % 5}" "${order[@]:0:round % 5}"; do
			[ -z "${preload[$allocator]}" ] || [ -f "${preload[$allocator]}" ] || continue
			measure "$allocator" "$name"
		done
	done
done

for name in "${names[@]}"; do
	for allocator in $allocators; do
		[ -f "$work/$name.$allocator" ] && echo "$name $allocator" \
		    "$(cut -d' ' -f1 "$work/$name.$allocator" | sort -n | sed -n "$((rounds / 2 + 1))p")" \
		    "$(cut -d' ' -f2 "$work/$name.$allocator" | sort -n | sed -n "$((rounds / 2 + 1))p")"
	done
done | awk -v allocators="$allocators" '
	{ time[$1, $2] = $3; peak[$1, $2] = $4; if (!($1 in seen)) { seen[$1] = 1; order[++n] = $1 } }
	END {
		count = split(allocators, a, " ")
		printf "| ms, MiB |"; for (i = 1; i <= count; i++) printf " %s |", a[i]
		printf " time to the best | peak to the smallest |\n|"
		for (i = 0; i < count + 3; i++) printf "---|"
		printf "\n"
		for (k = 1; k <= n; k++) {
			name = order[k]; best = least = 0
			printf "| %s |", name
			for (i = 1; i <= count; i++) {
				t = time[name, a[i]]; p = peak[name, a[i]]
				if (t == "") { printf " - |"; continue }
				printf " %.1f, %.1f |", t * 1000, p / 1024
				if (i > 1 && (best == 0 || t < best)) best = t
				if (i > 2 && (least == 0 || p < least)) least = p
				logs[i] += log(t); peaks[i] += log(p)
			}
			printf " %.2f | %.2f |\n", time[name, "ukmem"] / best, peak[name, "ukmem"] / least
		}
		printf "| geometric mean to ukmem |"
		for (i = 1; i <= count; i++)
			printf " %.2f, %.2f |", exp((logs[i] - logs[1]) / n), exp((peaks[i] - peaks[1]) / n)
		printf " | |\n"
	}'
