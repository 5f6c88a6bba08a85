#!/bin/bash
# attacks.sh [table]: how many of the 116 attacks of attacks.c are stopped: caught, or in vain.
#
# As a test: checks catch what they must, and the default stops no less than it did. With
# "table": which mode stops how many, for docs/debugging.md.
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

if [ "$1" = table ]; then
	echo '| attacks | of | hardening:off | default | sample:1 | debug:F | debug:FZ | debug:FZP |'
	echo '|---|---|---|---|---|---|---|---|'
	"$attacks" | while read -r kind count; do
		row="| $kind | $count"
		for mode in hardening:off '' sample:1 debug:F debug:FZ debug:FZP; do
			counts "$mode" "$kind" "$count"
			row="$row | $caught + $vain"
		done
		echo "$row |"
	done 2>/dev/null
	exit
fi

{
	at_least debug:FZP double_free 6 6 caught
	at_least debug:FZP interior_free 18 18 caught
	at_least debug:FZP foreign_free 8 8 caught
	at_least debug:FZP overflow 61 58 caught
	at_least debug:FZP use_after_free 7 3 caught
	at_least debug:FZP other 16 14 stopped
} 2>/dev/null
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
