#!/bin/bash
# mutants.sh [WORD...]: break a copy of the library in one place at a time; a test must go red.
#
# mutants.txt has them. Prints "ok" and the first program that saw it, or "FAILED" for one
# that lives; ends with "N passed, N failed".
# WORD: only mutants whose line contains one of them. Not part of make check: an hour, not seconds.
cd "$(dirname "$0")/.." || exit 1
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
passed=0 failed=0
ulimit -c 0
cp -r Makefile src include tests scripts tools bench side man "$copy" && cd "$copy" || exit 1
cp -r src pristine

# built PROGRAM...: with what is in src/ now.
built() {
	make -s -j2 "$@" >log 2>&1
}

# in_programs PROGRAM...: each on both back-ends.
in_programs() {
	local program
	for program; do
		for backend in rseq locked; do
			UKMEM_OPTIONS=backend:$backend timeout 150 "$program" >out 2>/dev/null && continue
			echo "${program#build/tests/} $backend: $(grep -m 1 FAILED out | cut -c 8-80)"
			return 1
		done
	done
}

# in_scripts COMMAND...: of tests/.
in_scripts() {
	local script
	for script; do
		# shellcheck disable=SC2086
		tests/$script >out 2>&1 && continue
		echo "$script: $(grep -m 1 FAILED out | cut -c 8-80)"
		return 1
	done
}

# programs PATTERN...: what is built of tests/PATTERN_test.c.
programs() {
	local source
	for source in $(printf 'tests/%s_test.c ' "$@"); do
		[ -f "$source" ] && echo "build/${source%.c}"
	done
}

# seen FILE: who sees what is wrong in FILE, or "nobody". Those likeliest to see it are built and
# run first: the file's own, by folder and name. Fails where the library does not build.
seen() {
	local name group
	name=$(basename "$1" .c)
	case $1 in
	debug/record.c) set -- recording 'story/*' 'unit/*/*' ;;
	debug/*) set -- "unit/debug/* story/*$name*" scripts 'story/*' 'unit/*/*' ;;
	malloc/totals.c | preload/*) set -- programs 'story/*' ;;
	malloc/*) set -- "unit/malloc/* story/*$name*" 'story/*' programs 'unit/*/*' ;;
	*) set -- "unit/${1%/*}/* story/*$name*" 'story/*' 'unit/*/*' ;;
	esac
	for group in "$@" 'refuse/* misuse/* compat/* model/*' scripts; do
		case $group in
		scripts)
			built lib tests RACE_PROGRAMS= || return
			in_scripts misuse/checked.sh sanitizers/run.sh misuse/run.sh misuse/attacks.sh || return 0 ;;
		programs)
			built lib || return
			in_scripts 'programs/run.sh ours' || return 0 ;;
		recording)
			built all build/tests/tools/recorded || return
			in_scripts tools/record_trace_test.sh || return 0 ;;
		*)
			# shellcheck disable=SC2046,SC2086
			set -- $(programs $group)
			built build/libukmem.a "$@" || return
			in_programs "$@" || return 0 ;;
		esac
	done
	echo nobody
}

try() {
	local file=src/$1 expression=$2 what=$3 start=$SECONDS who
	sed -i "$expression" "$file"
	if cmp -s "$file" "pristine/$1"; then
		verdict FAILED "$what: nothing to change in $1"
		return
	fi
	if ! who=$(seen "$1"); then
		verdict FAILED "$what: does not build: $(grep -m 1 error: log)"
	elif [ "$who" = nobody ]; then
		verdict FAILED "$what: lives ($((SECONDS - start)) s)"
	else
		verdict ok "$what (seen by $who; $((SECONDS - start)) s)"
	fi
	cp "pristine/$1" "$file"
}

verdict() {
	echo "$1 $2"
	[ "$1" = ok ] && passed=$((passed + 1)) || failed=$((failed + 1))
}

built lib tests RACE_PROGRAMS= || { tail -n 5 log; exit 1; }
# What is red without a mutant sees none.
if [ $# -eq 0 ]; then
	who=$(seen node/node.c)
	[ "$who" = nobody ] || { echo "FAILED none: seen by $who"; exit 1; }
fi
while IFS='%' read -r file expression what; do
	case $file in '' | '#'*) continue ;; esac
	for word in "${@:-}"; do
		case "$file $expression $what" in *"$word"*) ;; *) continue ;; esac
		try "$file" "$expression" "$what"
		break
	done
done <tests/mutants.txt
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
