#!/bin/bash
# run.sh: the allocator against the tables of a kernel's SLAB allocator.
#
# The sample that is kept here, on both back-ends; all tables, where they are; and the
# comparison itself: it must notice one changed cell, and refuse what is no table.
# Variables: BUILD. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
oracle=${BUILD:-build}/ukmem-oracle
sample=tests/oracle/sample
all=../shared/oracle
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# expect STATUS NAME PATH...: compare PATH... and want this exit status.
expect() {
	local want=$1 name=$2 status
	shift 2
	"$oracle" "$@" >"$work/out" 2>&1
	status=$?
	if [ "$status" -eq "$want" ]; then
		passed=$((passed + 1))
		echo "ok     $name: $(tail -n 1 "$work/out")"
	else
		failed=$((failed + 1))
		echo "FAILED $name: status $status instead of $want"
		head -n 20 "$work/out"
	fi
}

# change FILE LINE COLUMN NEW: FILE with one cell changed, under its name, in $work.
change() {
	local name
	name=$work/$(basename "${1%.zst}")
	zstdcat -f "$1" | awk -F, -v OFS=, -v line="$2" -v column="$3" -v new="$4" \
		'NR == line { $column = new } { print }' >"$name"
	echo "$name"
}

if ! [ -x "$oracle" ]; then
	echo "there is no $oracle: make it first" >&2
	exit 1
fi

expect 0 "the sample" "$sample"
if [ -d "$all" ]; then
	expect 0 "all tables" "$all"
else
	echo "skipped: no $all"
fi

# A cell of each kind of table, and a line between the rows.
expect 1 "a changed colour is noticed" "$(change $sample/geometry-4c2n.csv.zst 100 11 999)"
expect 1 "a changed refcount is noticed" "$(change $sample/caches-4c2n.csv 3 2 2)"
expect 1 "a changed merge is noticed" "$(change $sample/merge.csv.zst 50 12 1)"
expect 1 "a changed ksize is noticed" "$(change $sample/kmalloc.csv.zst 5000 8 1)"
expect 1 "a changed errno is noticed" "$(change $sample/err.csv 25 9 -1)"
mkdir "$work/4c2n"
replay=$(change $sample/behaviour-4c2n/behaviour-alien-s100.csv.zst 60 12 99)
expect 1 "a changed array is noticed" "$(mv "$replay" "$work/4c2n" && echo "$work/4c2n")"
zstdcat $sample/behaviour-4c2n/behaviour-tune-s100.csv.zst |
	sed '0,/^#dump freelist/s/: [0-9]*/: 77/' >"$work/4c2n/behaviour-alien-s100.csv"
expect 1 "a changed dump is noticed" "$work/4c2n"
rm -r "$work/4c2n"

# What is no table, or no longer one.
echo 'a,b,c' >"$work/garbage.csv"
expect 2 "an unknown table is refused" "$work/garbage.csv"
head -c 1000 $sample/merge.csv.zst >"$work/merge.csv.zst"
expect 2 "a torn file is refused" "$work/merge.csv.zst"
zstdcat -f $sample/caches-1c1n.csv | sed '5s/,[^,]*$//' >"$work/caches-1c1n.csv"
expect 2 "a row that is too short is refused" "$work/caches-1c1n.csv"
expect 2 "a folder that is not there is refused" "$work/nowhere"
expect 2 "no folder at all is refused"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
