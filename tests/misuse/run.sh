#!/bin/bash
# run.sh: each program in misuse/programs aborts with the report its head comment gives.
#
# "Report: TEXT" is the whole of what it writes to stderr, with * for a hexadecimal
# number. Lines about the choice of the back-end don't count.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
passed=0 failed=0
ulimit -c 0

for source in tests/misuse/programs/*.c; do
	name=$(basename "$source" .c)
	wanted=$(sed -n 's/^ \* Report: //p' "$source")
	report=$(timeout 20 "$BUILD/tests/misuse/programs/$name" 2>&1 >/dev/null)
	status=$?
	report=$(grep -v 'is not to be had here' <<<"$report" | sed 's/ 0x[0-9a-f]*, which/ 0x*, which/')
	wanted=$(sed 's/ 0x[0-9a-f]*, which/ 0x*, which/' <<<"$wanted")
	if [ $status -ne 134 ]; then
		echo "FAILED $name: $source: status $status, not that of an abort: $report"
		failed=$((failed + 1))
	elif [ "$report" != "$wanted" ] || [ -z "$wanted" ]; then
		echo "FAILED $name: $source: said \"$report\", not \"$wanted\""
		failed=$((failed + 1))
	else
		echo "ok $name"
		passed=$((passed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
