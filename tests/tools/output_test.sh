#!/bin/bash
# output_test.sh: files that commands write: in full or not at all, told before the work, and
# what is no file stays what it is. And who gets an interrupt while a program runs for us.
. "$(dirname "$0")/inspect.sh"

export UKMEM_OPTIONS='reap_ms:100 heap_sample:65536'
start churn
unset UKMEM_OPTIONS

# into PATH NAME: what each command with -o writes goes there, and is what NAME's own test knows.
commands=("report -o" "record -t 0 -o" "record --trace -t 0.1 -o" "profile -o")
ln -s /proc/self/fd/1 "$work/stdout"
mkfifo "$work/pipe"
for command in "${commands[@]}"; do
	# shellcheck disable=SC2086
	ukmem $command "$work/file" "$pid" && [ -s "$work/file" ] && [ ! -e "$work/file.part" ]
	ok $? "$command writes a file"
	# shellcheck disable=SC2086
	ukmem $command "$work/stdout" "$pid" >"$work/redirected" && [ -L "$work/stdout" ] &&
	    [ -s "$work/redirected" ]
	ok $? "$command follows a link to its standard output"
	timeout 10 cat "$work/pipe" >"$work/piped" &
	# shellcheck disable=SC2086
	ukmem $command "$work/pipe" "$pid" && wait $! && [ -p "$work/pipe" ] && [ -s "$work/piped" ]
	ok $? "$command writes into a pipe"
	kill $! 2>/dev/null
	if mknod "$work/full" c 1 7 2>/dev/null && : 2>/dev/null >"$work/full"; then
		# shellcheck disable=SC2086
		ukmem $command "$work/full" "$pid"
		[ $? = 1 ] && [ -c "$work/full" ] && [ "$(grep -c "full: No space" "$work/err")" = 1 ]
		ok $? "$command tells of a full device"
	else
		echo "skipped $command to a full device: none may be made"
	fi
	rm -f "$work/full"
done

SECONDS=0
ukmem record -t 30 -o "$work/nosuch/run" "$pid"
[ $? = 1 ] && [ $SECONDS -lt 10 ] && grep -q 'nosuch/run: No such file' "$work/err"
ok $? "a file that can't be written is told before the recording"
ukmem record --trace -o "$work/nosuch/x" -- touch "$work/ran"
[ $? = 1 ] && [ ! -e "$work/ran" ] && grep -q 'nosuch/x: No such file' "$work/err"
ok $? "and before a program is run"

# ---- Standard output -------------------------------------------------------------------

# no_success NAME: status 1, and one line of it.
no_success() {
	[ $? = 1 ] && [ "$(grep -c 'could not be written' "$work/err")" = 1 ]
	ok $? "$*"
}
live=$(told live)
for words in --help --version 'stat --help' 'replay --help' 'bench --help' 'bench --list' 'bench --quick --rounds 1 --seconds 0.01 --only pair' \
    'stat --output=json' map "object $live" 'walk subject-small' profile 'top -b -n 1'; do
	# shellcheck disable=SC2206
	words=($words)
	case ${words[0]} in
	object | walk) words=("${words[0]}" "$pid" "${words[1]}") ;;
	map | profile | top) words+=("$pid") ;;
	stat) [ "${words[1]}" = --help ] || words+=("$pid") ;;
	esac
	name=${words[*]} name=${name//$pid/PID} name=${name/$live/ADDRESS}
	ukmem "${words[@]}" >/dev/full
	no_success "$name to a full device"
	ukmem "${words[@]}" >&-
	no_success "$name without a standard output"
done
# Nobody's line goes into a file that took the place of what was closed.
"$BUILD/ukmem" profile -o "$work/clean" "$pid" <&- >&- 2>&- && gzip -t "$work/clean"
ok $? "a file is written with all three closed"

# ---- Interrupts --------------------------------------------------------------------------

program=$BUILD/tests/tools/subject
# timeout sends to the whole group, as a terminal does.
timeout -s INT 1 "$BUILD/ukmem" record --trace -o "$work/trace" -- "$program" churn </dev/zero >/dev/null 2>"$work/err"
grep -q 'ended with status 130' "$work/err" && ukmem replay -q "$work/trace"
ok $? "an interrupt ends the program, and its trace is written"
timeout --foreground -s TERM 1 "$BUILD/ukmem" record --trace -o "$work/trace2" -- "$program" churn </dev/zero >/dev/null 2>"$work/err"
grep -q 'ended with status 143' "$work/err" && ukmem replay -q "$work/trace2"
ok $? "a request to end is passed on to the program"
timeout -s INT 1 "$BUILD/ukmem" leaks --at-exit -- "$program" churn </dev/zero >"$work/out" 2>"$work/err"
grep -q 'objects are lost' "$work/out" && grep -q 'ended with status 130' "$work/err"
ok $? "an interrupt ends the program, and its leaks are told"
refuses 'No such file' leaks --at-exit -- "$work/nosuch"
exit $failed
