#!/bin/bash
# replay_test.sh: what "ukmem replay" promises, tried on the command itself.
#
# Sound traces are played; broken ones are refused with one line that names the byte,
# status 2, and nothing on standard output. BUILD is where the command is.
cd "$(dirname "$0")/../.." || exit 1
ukmem=${BUILD:-build}/ukmem
trace=tests/data/compile.kmt.zst
[ -x "$ukmem" ] || { echo "FAILED no command $ukmem"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

# check NAME COMMAND...: the command's status tells.
check() {
	local name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "FAILED $name"
		sed 's/^/    /' "$work/out" "$work/err" | head -n 20
		failures=$((failures + 1))
	fi
}

# run STATUS ARGUMENT...: ukmem exits with it. Output is kept in $work/out and $work/err.
run() {
	local expected=$1 status
	shift
	timeout 60 "$ukmem" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	[ $status -eq "$expected" ] || { echo "    status $status, not $expected: $*"; return 1; }
}

# plays ARGUMENT...: status 0, and not a word of complaint.
plays() {
	run 0 "$@" && [ ! -s "$work/err" ]
}

# refuses PATTERN ARGUMENT...: status 2 and one line, "ukmem: PATTERN".
refuses() {
	local pattern=$1
	shift
	run 2 "$@" && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep -Eq "^ukmem: $pattern" "$work/err"
}

refuses_file() {
	refuses "$1: $(cat "$1.says")" replay "$1"
}

prints() {
	plays replay "$trace" &&
		grep -q '^slabinfo - version: 2.1' "$work/out" &&
		grep -Eq ' : tunables +[0-9]+ +[0-9]+ +[0-9]+ : slabdata ' "$work/out" &&
		grep -Eq '200,000 events on 2 CPUs, 1 round' "$work/out" &&
		grep -Eq '^events per second +[0-9.]+ M$' "$work/out" &&
		grep -Eq '^memory, peak +[0-9.]+ [KM]iB$' "$work/out" &&
		grep -Eq '^live at the end +61,202 objects' "$work/out" &&
		! grep -q "$(printf '\033')" "$work/out"
}

compares() {
	plays replay --vs malloc --rounds 3 "$trace" &&
		grep -Eq '^ +ukmem +malloc$' "$work/out" &&
		grep -Eq '^time, ukmem / malloc +[0-9.]+ ' "$work/out"
}

is_json() {
	plays replay -o json "$@" && python3 -m json.tool "$work/out" >"$work/json"
}

json_has_all_keys() {
	is_json --vs malloc -n 2 "$trace" "$work/sound.kmt" && python3 - "$work/out" <<-'END'
		import json, sys
		one, two = json.load(open(sys.argv[1]))['replays']
		assert one['events'] == 200000 and one['cpus'] == 2 and one['live_objects'] == 61202
		assert len(one['ukmem']['seconds']) == len(one['malloc']['seconds']) == 2
		assert one['time_ratio'] > 0 and one['slabinfo'][0]['name']
		assert two['events'] == 6 and two['live_objects'] == 0
		assert one.keys() == two.keys()
	END
}

reads_stdin() {
	zstd -dc "$trace" | "$ukmem" replay - >"$work/out" 2>"$work/err" &&
		grep -q '200,000 events' "$work/out" && [ ! -s "$work/err" ]
}

is_quiet() {
	plays replay --quiet "$@" && [ ! -s "$work/out" ]
}

refuses_all_when_one_is_broken() {
	refuses "$work/text: byte 0" replay "$work/sound.kmt" "$work/text"
}

helps_on_a_screen() {
	plays replay --help && [ "$(wc -l <"$work/out")" -le 24 ] &&
		[ "$(wc -L <"$work/out")" -le 80 ]
}

no_arguments_is_help_on_stderr() {
	run 2 && [ ! -s "$work/out" ] && grep -q '^Usage: ukmem' "$work/err"
}

full_disk_is_noticed() {
	"$ukmem" replay "$work/sound.kmt" >/dev/full 2>"$work/err"
	[ $? -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ]
}

one_cpu_is_enough() {
	taskset -c "$(taskset -cp $$ | sed 's/.*[ ,-]//')" "$ukmem" replay -q "$trace" \
		>"$work/out" 2>"$work/err"
}

python3 tests/tools/broken_traces.py "$work" || exit 1

check plays_and_prints prints
check compares_with_malloc compares
check json_is_valid is_json "$trace"
check json_has_all_keys json_has_all_keys
check reads_stdin reads_stdin
check quiet is_quiet "$trace"
check no_check_no_pin is_quiet --no-check --no-pin -n 2 "$trace"
check one_cpu_is_enough one_cpu_is_enough
for file in "$work"/sound*.kmt; do
	check "plays_$(basename "$file" .kmt)" is_quiet -n 3 "$file"
done

for says in "$work"/*.says; do
	check "refuses_$(basename "$says" .says)" refuses_file "${says%.says}"
done
check refuses_all_when_one_is_broken refuses_all_when_one_is_broken
check refuses_missing_file refuses "$work/none: No such file" replay "$work/none"
check refuses_folder refuses "$work: Is a directory" replay "$work"
check refuses_empty_stdin refuses '-: byte 0' replay -

check refuses_unknown_command refuses '.*"frobnicate"' frobnicate
check refuses_unknown_option refuses 'replay: option --frobnicate' replay --frobnicate "$trace"
check refuses_unknown_letter refuses 'replay: option -x' replay -x "$trace"
check refuses_letter_among_letters refuses 'replay: option -x' replay -qx "$trace"
check refuses_missing_value refuses 'replay: option --rounds needs' replay --rounds
check refuses_value_too_many refuses 'replay: option --quiet' replay --quiet=yes "$trace"
check refuses_no_file refuses 'replay: no file' replay
for rounds in 0 -1 1001 9999999999999999999 2x ''; do
	check "refuses_rounds_$rounds" refuses 'replay: --rounds' replay --rounds "$rounds" "$trace"
done
check refuses_vs_other refuses 'replay: --vs' replay --vs jemalloc "$trace"
check refuses_output_other refuses 'replay: -o' replay -o xml "$trace"

check helps_on_a_screen helps_on_a_screen
check no_arguments_is_help_on_stderr no_arguments_is_help_on_stderr
check version plays --version
check full_disk_is_noticed full_disk_is_noticed

[ $failures -eq 0 ] || { echo "$failures failed"; exit 1; }
