#!/bin/bash
# run_test.sh: ukmem run: what it passes on, what it refuses, the table it leaves.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

ok() {
	if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAILED $2: tests/tools/run_test.sh"; failed=1; fi
}

run_fed() {
	timeout 20 "$BUILD/ukmem" run "$@" 2>"$work/err"
}

run() {
	run_fed "$@" </dev/null
}

# refuses STATUS ARGUMENT...: that status, one line on stderr, nothing on stdout.
refuses() {
	local wanted=$1 out
	shift
	out=$(run "$@")
	[ $? = "$wanted" ] && [ -z "$out" ] && [ "$(wc -l <"$work/err")" = 1 ]
	ok $? "run_refuses_with_$wanted: $*"
}

refuses 2
refuses 2 --nonsense true
refuses 2 --slabinfo
refuses 2 --slabinfo -- true
refuses 2 --options nonsense true
refuses 2 --slabinfo /nonexistent/file true
refuses 2 --library /nonexistent.so true
refuses 2 --library /etc/passwd true
refuses 2 --library /tmp true
mkdir "$work/a folder" && cp "$BUILD/libukmem-malloc.so" "$work/a folder/"
refuses 2 --library "$work/a folder/libukmem-malloc.so" true
refuses 127 /nonexistent/program
refuses 127 no-such-program-anywhere
refuses 126 /etc/passwd

run sh -c 'exit 37'
[ $? = 37 ]
ok $? the_exit_status_is_passed_on
run sh -c 'kill -TERM $$'
[ $? = 143 ]
ok $? death_by_a_signal_is_passed_on
[ "$(run -- echo --options -h)" = "--options -h" ]
ok $? what_follows_the_program_is_the_programs
run sh -c 'grep -q libukmem-malloc /proc/self/maps'
ok $? children_run_on_it_too
cp "$BUILD/libukmem-malloc.so" "$work/other.so"
(BUILD=$(realpath "$BUILD") && cd "$work" && run --library other.so sh -c 'cd / && grep -q other.so /proc/self/maps')
ok $? a_library_is_the_same_from_any_directory
[ "$(UKMEM_OPTIONS=reap_ms:7 run --options decay_ms:9 sh -c 'echo $UKMEM_OPTIONS')" = "reap_ms:7 decay_ms:9" ]
ok $? options_follow_those_of_the_environment
[ "$(LD_PRELOAD=/dev/null run sh -c 'echo ${LD_PRELOAD#*:}' 2>/dev/null)" = /dev/null ]
ok $? another_preloaded_library_stays

(cd "$work" && PATH=$OLDPWD/$BUILD:$PATH ukmem run --slabinfo table env -C / ls >/dev/null)
grep -Eq '^malloc-[0-9]+ ' "$work/table" && head -n 1 "$work/table" | grep -q '^slabinfo - version'
ok $? the_table_is_written_at_exit
mkdir "$work/before"
run --slabinfo "$work/before/table" mv "$work/before" "$work/after"
grep -Eq '^malloc-[0-9]+ ' "$work/after/table"
ok $? the_table_is_written_when_its_name_can_no_more_be_opened
run --slabinfo - ls >/dev/null
grep -Eq '^malloc-[0-9]+ ' "$work/err"
ok $? the_table_goes_to_stderr

(BUILD=$(realpath "$BUILD") && mkdir "$work/empty" && cd "$work/empty" &&
    "$BUILD/ukmem" run --slabinfo - bash -c '[ -e /proc/$$/fd/1 ] && [ ! -e /proc/$$/fd/0 ]' <&- 2>&- && [ -z "$(ls)" ])
ok $? streams_that_are_closed_stay_so
run --slabinfo /dev/full true
[ $? = 0 ] && [ "$(grep -c "the table of caches can't be written to /dev/full" "$work/err")" = 1 ]
ok $? a_table_that_is_not_written_is_told

# It stays alive until the table is there, so only the signal can have written it.
run --slabinfo "$work/signalled" sh -c 'kill -USR2 $$
	for i in $(seq 100); do
		grep -q malloc- "$0" && exit 5; sleep 0.2; done; exit 6' "$work/signalled"
[ $? = 5 ]
ok $? the_table_is_written_at_sigusr2

# The child, of a fork without exec, has the handler; python3 is a program that can fork so.
if command -v python3 >/dev/null; then
	run --slabinfo "$work/childs" python3 -c 'import os, signal, sys
child = os.fork()
if child == 0:
    os.kill(os.getpid(), signal.SIGUSR2)
    os._exit(3)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os._exit(status if os.path.getsize(sys.argv[1]) == 0 else 1)' "$work/childs"
	[ $? = 3 ]
	ok $? a_child_at_sigusr2_writes_no_table
fi

# A program that waits, so that it is the signal that wrote.
: >"$work/made"
{ until grep -q . "$work/made"; do sleep 0.1; done; cp "$work/long" "$work/long.signalled"; } |
    run_fed --slabinfo "$work/long" "$BUILD/tests/tools/many_caches" >"$work/made"
[ "$(grep -c '^one-of-many-.* : slabdata' "$work/long.signalled")" = 600 ]
ok $? a_long_table_is_written_whole_at_sigusr2_on_a_small_stack
[ "$(grep -c '^one-of-many-.* : slabdata' "$work/long")" = 600 ]
ok $? a_long_table_is_written_whole_at_exit
[ "$(grep -c '^one-of-many-.* : slabdata' "$work/err")" = 600 ] && grep -q '^in use bytes' "$work/err"
ok $? malloc_stats_tells_of_all_caches
run --help | grep -q '^Usage: ukmem run'
ok $? run_has_help
run --help >/dev/full
[ $? = 1 ]
ok $? help_that_is_not_printed_is_no_success
exit $failed
