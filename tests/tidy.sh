#!/bin/bash
# tidy.sh: what can be said about the tree without running it.
#
# Floors (src/FLOORS), lengths of files and functions, headers that stand alone, a
# comment and a test for every public function, mutants that are none, tabs and blanks.
cd "$(dirname "$0")/.." || exit 1
CC=${CC:-gcc}
FILE_LINES_MAX=500 FUNCTION_LINES_MAX=60
passed=0 failed=0

# verdict NAME FILE: the file lists what is wrong; empty is good.
verdict() {
	if [ -s "$2" ]; then
		sed "s|^|FAILED $1: |" "$2"
		failed=$((failed + 1))
	else
		echo "ok $1"
		passed=$((passed + 1))
	fi
}

wrong=$(mktemp) || exit 1
trap 'rm -f "$wrong"' EXIT
sources=$(find src include tests tools bench -name '*.[ch]' 2>/dev/null | sort)

# ---- Floors ---------------------------------------------------------------------------

floors=$(grep -v '^#' src/FLOORS | grep -m 1 .)
height() {
	local n=0 floor
	for floor in $floors; do
		n=$((n + 1))
		[ "$floor" = "$1" ] && echo $n && return
	done
	echo 0
}

check_floors() {
	local file includes included from to
	for file in src/*/*.[ch]; do
		from=$(height "$(basename "$(dirname "$file")")")
		[ "$from" = 0 ] && echo "$file: on no floor of src/FLOORS"
		includes=$(sed -n 's|^#include "\([a-z]*/[a-z_0-9]*\.h\)"|\1|p' "$file")
		for included in $includes; do
			to=$(height "${included%%/*}")
			[ -f "src/$included" ] || echo "$file: includes $included, which is not there"
			[ "$to" -le "$from" ] && continue
			grep -q "^${file#src/} *$included\$" src/FLOORS ||
			    echo "$file: includes $included, of a floor above"
		done
	done
}

# ---- Lengths ----------------------------------------------------------------------------

check_file_lengths() {
	local file lines
	for file in $sources; do
		lines=$(wc -l <"$file")
		[ "$lines" -le $FILE_LINES_MAX ] || echo "$file: $lines lines"
	done
}

# A function runs from its opening brace in column 1 to the closing one.
check_function_lengths() {
	# shellcheck disable=SC2086
	awk -v max=$FUNCTION_LINES_MAX '
		/^{/ { start = FNR; name = before }
		/^}/ && start { if (FNR - start - 1 > max)
			printf "%s:%d: %d lines in %s\n", FILENAME, start, FNR - start - 1, name
			start = 0 }
		{ before = $0 }' $sources
}

# ---- Headers -------------------------------------------------------------------------------

check_headers() {
	local header
	for header in src/*/*.h include/ukmem/*.h tests/harness/*.h; do
		case $header in src/arch/rseq_*) continue ;; esac   # parts of arch/rseq.h
		$CC -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc -Itests -Wall -Wno-unused-function \
		    -fsyntax-only -x c "$header" 2>/dev/null || echo "$header: does not stand alone"
		grep -q "^#ifndef [A-Z_0-9]*_H\$" "$header" || echo "$header: no guard"
	done
}

check_dead_headers() {
	local header name
	for header in src/*/*.h; do
		name=${header#src/}
		grep -rqF "\"$name\"" src tests tools || echo "$header: nobody includes it"
	done
}

# ---- Public functions -----------------------------------------------------------------------

# A declaration belongs to the comment above it, or to its group's. hit.h, call.h and
# inline.h are the insides of kmem_cache_alloc and kmem_cache_free.
public_functions() {
	ls include/ukmem/*.h | grep -v '/hit.h\|/hit_aarch64.h\|/inline.h\|/call.h' | xargs sed 's|/\*.*\*/||; s|//.*||' | grep -v '^ \*\|^#' |
	    grep -Eo '\b(k[a-z_]+|slabinfo_[a-z]+|ukmem_[a-z_]+|mempool_[a-z_]+|shrinker_[a-z]+|_*(v[a-z]*alloc|alloc_pages|get_[a-z]*_?page|free_pages)[a-z_]*|vfree)\(' | tr -d '(' | sort -u
}

check_documented() {
	awk '
		/^\/\*/ { comment = 1 }
		/^[a-z].*\(/ {
			if (!comment) {
				name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
				printf "%s:%d: %s has no comment\n", FILENAME, FNR, name
			}
		}
		/^$/ { comment = 0 }' $(ls include/ukmem/*.h | grep -v /call.h)
}

check_tested() {
	local name
	for name in $(public_functions); do
		grep -rqw --include='*_test.c' "$name" tests || echo "$name: in no test"
	done
}

# ---- Mutants -----------------------------------------------------------------------------------

# One that changes nothing any more is a bug that nobody looks for.
check_mutants() {
	local file expression what
	while IFS='%' read -r file expression what; do
		case $file in '' | '#'*) continue ;; esac
		sed "$expression" "src/$file" | cmp -s - "src/$file" &&
		    echo "tests/mutants.txt: nothing to change in $file: $what"
	done <tests/mutants.txt
	STALE=1 tests/race/mutants.sh | sed 's/^FAILED *//'
}

# ---- Blanks ------------------------------------------------------------------------------------

check_blanks() {
	# shellcheck disable=SC2086
	grep -nP '[ \t]+$' $sources tests/*.sh tests/*/*.sh | sed 's/$/: blanks at the end/'
	# shellcheck disable=SC2086
	grep -nP '^ +\t|^\t* {8,}' $sources | grep -v 'asm\|^[^:]*:[0-9]*: \*' |
	    sed 's/$/: blanks where tabs belong/'
	for file in $sources; do
		[ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
	done
}

# ---- Cancellation points ----------------------------------------------------------------

# See base/uncancelled.h. What the helper thread alone does (clock_nanosleep) is left out.
check_uncancelled() {
	grep -nE '(^|[^A-Za-z_>.])(open|openat|read|write|close|nanosleep|usleep|fallocate|fsync|getrandom)\(' src/*/*.[ch] |
	    grep -v ':[0-9]*: \* ' |
	    sed 's|:[^:]*$|: a cancellation point|'
}

check_floors >"$wrong"; verdict floors_include_only_downwards "$wrong"
check_file_lengths >"$wrong"; verdict files_are_short "$wrong"
check_function_lengths >"$wrong"; verdict functions_are_short "$wrong"
check_headers >"$wrong"; verdict headers_stand_alone "$wrong"
check_dead_headers >"$wrong"; verdict headers_are_used "$wrong"
check_documented >"$wrong"; verdict public_functions_are_explained "$wrong"
check_tested >"$wrong"; verdict public_functions_are_tested "$wrong"
check_mutants >"$wrong"; verdict mutants_change_something "$wrong"
check_uncancelled >"$wrong"; verdict nothing_in_us_cancels_a_thread "$wrong"
check_blanks >"$wrong"; verdict blanks_are_tidy "$wrong"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
