#!/bin/bash
# checked.sh: each program in misuse/checked is caught, with the report its head gives.
#
# "Options: WORDS" are UKMEM_OPTIONS, debug:FZPU unless given. Each "Report: PATTERN"
# must match a line that it writes to stderr, in this order; it must abort. With
# debug_abort:no added it must say the same and run to its end.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
passed=0 failed=0
ulimit -c 0

# says PROGRAM PATTERNS: what is not in the report; nothing if all is.
missing() {
	local pattern line
	while IFS= read -r pattern; do
		while IFS= read -r line <&3; do
			# shellcheck disable=SC2053
			[[ $line == $pattern ]] && continue 2
		done
		echo "$pattern"
		return
	done <<<"$2" 3<<<"$1"
}

for source in tests/misuse/checked/*.c; do
	name=$(basename "$source" .c)
	wanted=$(sed -n 's/^ \* Report: //p' "$source")
	options=$(sed -n 's/^ \* Options: //p' "$source")
	ends=$(sed -n 's/^ \* Ends: //p' "$source")
	for mode in abort 'go on'; do
		words="$UKMEM_OPTIONS ${options:-debug:FZPU}"
		[ "$mode" = abort ] || words="$words debug_abort:no"
		report=$(UKMEM_OPTIONS=$words timeout 20 "$BUILD/tests/misuse/checked/$name" 2>&1 >/dev/null)
		status=$?
		lacks=$(missing "$report" "$wanted")
		if [ -z "$wanted" ] || [ -n "$lacks" ]; then
			echo "FAILED $name ($mode): $source: no line \"$lacks\" in: ${report:0:300}"
			failed=$((failed + 1))
		elif [ "$mode" = abort ] && [ "$status" -ne 134 ] ||
		     [ "$mode" != abort ] && [ "$ends" = '' ] && [ "$status" -ge 128 ]; then
			echo "FAILED $name ($mode): $source: status $status"
			failed=$((failed + 1))
		else
			echo "ok $name ($mode)"
			passed=$((passed + 1))
		fi
	done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
