# inspect.sh: what the tests of the looking-inside tools share; sourced.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
BUILD=${BUILD:-build}
unset UKMEM_OPTIONS
work=$(mktemp -d) || exit 1
failed=0 pid='' started=()
trap 'stop_all; rm -rf "$work"' EXIT

ok() {
	if [ "$1" = 0 ]; then echo "ok $2"; else echo "FAILED $2"; failed=1; fi
}

# within SECONDS COMMAND...: it comes true in that time.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

has() {
	command -v "$1" >/dev/null 2>&1 && return 0
	echo "skipped $2: no $1"
	return 1
}

ukmem() {
	timeout 60 "$BUILD/ukmem" "$@" 2>"$work/err"
}

# start [WORD...]: run a subject; its PID is in $pid, what it printed in $work/told.
start() {
	local program=$BUILD/tests/tools/${SUBJECT:-subject}
	mkfifo "$work/stdin.${#started[@]}"
	UKMEM_OPTIONS="profile:slab $UKMEM_OPTIONS" "$program" "$@" <"$work/stdin.${#started[@]}" >"$work/told" 2>/dev/null &
	pid=$!
	eval "exec $((10 + ${#started[@]}))>$work/stdin.${#started[@]}"
	started+=("$pid")
	within 20 grep -q '^ready$' "$work/told" && return
	echo "FAILED the subject does not start"
	exit 1
}

# What it said of itself before it went on: its own slabinfo.
told_slabinfo() {
	grep -v '^live \|^free \|^ready' "$work/told"
}

told() {
	sed -n "s/^$1 //p" "$work/told"
}

stop() {
	kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

stop_all() {
	local one
	for one in "${started[@]}"; do stop "$one"; done
}

# Status 2, one line on stderr that contains $1, nothing on stdout.
refuses() {
	local words=$1 out status
	shift
	out=$(ukmem "$@")
	status=$?
	[ $status = 2 ] && [ -z "$out" ] && [ "$(wc -l <"$work/err")" = 1 ] &&
	    grep -qF -- "$words" "$work/err"
	status=$?
	words=$(sed -E "s|$work|DIR|g; s/[0-9]{3,9}/N/g" <<<"$*")
	ok $status "refuses with a word: $words"
	[ $status = 0 ] || sed 's/^/    /' "$work/err"
}

# A core of the subject, as small tests need it: $work/core.
sample_core() {
	zstd -dqf tests/data/subject.core.zst -o "$work/core"
}
