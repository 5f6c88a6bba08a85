#!/bin/bash
# run.sh [COMMAND...]: run all tests and sum them up; COMMANDs are run besides.
#
# A job is a command that prints "ok NAME" or "FAILED NAME ..." for each test; if its
# last line is "N passed, N failed", that counts. Its status is 0 exactly if none failed.
# Test programs run on each back-end, and those of the whole library on the fast profile.
# Two jobs run at a time. What a job printed is kept in BUILD/check/; its failures, and
# the tail of what it wrote if it did not get to its end, are shown at once.
# Variables: BUILD; JOB_SECONDS, what a job may take at most; ONLY, a word that the job's name must
# contain; AGAIN=1, what failed is run once more and counts as it went then (the first time is told as "unsteady", and kept in check/first/):
# for machines that others use too. What is unsteady is still a defect, here or there.
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
logs=$BUILD/check
ulimit -S -c 0

# once NAME LOG COMMAND: run it; its output, ending with "N passed, N failed", is in LOG. The
# failures are printed. Status 0: none failed.
once() {
	local name=$1 log=$2 status
	timeout "${JOB_SECONDS:-900}" bash -c "$3" >"$log" 2>"$log.err" </dev/null
	status=$?
	grep -E '^(FAILED|skipped) ' "$log" | sed "s|^|$name: |"
	if ! tail -n 1 "$log" | grep -Eq '^[0-9]+ passed, [0-9]+ failed$'; then
		echo "$(grep -c '^ok ' "$log") passed, $(grep -c '^FAILED ' "$log") failed" >>"$log"
	fi
	if { [ $status -ne 0 ] && tail -n 1 "$log" | grep -q ', 0 failed'; } ||
	   { tail -n 1 "$log" | grep -q '^0 passed, 0 failed' && ! grep -q '^skipped ' "$log"; }; then
		echo "$name: FAILED to finish, status $status"
		tail -n 15 "$log" "$log.err"
		echo '0 passed, 1 failed' >>"$log"
	fi
	tail -n 1 "$log" | grep -q ', 0 failed$'
}

# run_job NAME COMMAND: prints the failures, then "NAME: N passed, N failed".
run_job() {
	local log=$logs/${1//[\/ =]/-}.log start=$SECONDS first
	if ! first=$(once "$1" "$log" "$2") && [ -n "$AGAIN" ]; then
		mkdir -p "$logs/first" && cp "$log" "$log.err" "$logs/first/"
		sed 's/FAILED/unsteady/' <<<"$first"
		first=$(once "$1" "$log" "$2")
	fi
	[ -z "$first" ] || echo "$first"
	echo "$1: $(tail -n 1 "$log") ($((SECONDS - start)) s)"
}

if [ "$1" = --job ]; then
	run_job "$2" "$3"
	exit 0
fi

jobs=()
add() {
	case $1 in *"$ONLY"*) jobs+=("$1" "$2") ;; esac
}

add tidy tests/tidy.sh
for words in 'profile:slab backend:rseq' 'profile:slab backend:locked' \
    'profile:fast backend:rseq' 'profile:fast backend:locked'; do
	options="UKMEM_OPTIONS='$words $UKMEM_OPTIONS'" kinds='model refuse story misuse compat unit/*'
	case $words in *fast*locked) kinds='refuse story compat' ;; esac
	# shellcheck disable=SC2086
	for source in $(printf 'tests/%s/*_test.c ' $kinds); do
		program=${source%.c}
		[ -f "$source" ] && add "${program#tests/} $words" "$options $BUILD/$program"
	done
	case $words in *fast*locked) ;; *) add "misuse/programs $words" \
	    "$options tests/misuse/run.sh"
	   add "misuse/checked $words" "$options tests/misuse/checked.sh" ;; esac
done
add misc tests/misc/run.sh
add misc/hot_path tests/misc/hot_path.sh
add misc/lines tests/misc/lines.sh
for script in tests/oracle/run.sh tests/tools/*_test.sh; do
	[ -x "$script" ] && add "${script#tests/}" "$script"
done
for command in "$@"; do
	add "$command" "$command"
done

rm -rf "$logs"
mkdir -p "$logs"
printf '%s\0' "${jobs[@]}" | xargs -0 -n 2 -P 2 "$0" --job
for log in "$logs"/*.log; do
	[ -f "$log" ] && tail -n 1 "$log"
done | awk '{ passed += $1; failed += $3 }
    END { printf "%d passed, %d failed\n", passed, failed; exit failed != 0 || passed == 0 }'
