#!/bin/bash
# symbolize_test.sh: a report's addresses become functions, files and lines.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ulimit -c 0

# ok STATUS NAME
ok() {
	if [ "$1" = 0 ]; then echo "ok $2"; passed=$((passed + 1))
	else echo "FAILED $2: tests/tools/symbolize_test.sh"; failed=$((failed + 1)); fi
}

program=tests/misuse/checked/double_free_at_once
UKMEM_OPTIONS=debug:FZPU "$BUILD/$program" 2>"$work/report"
line=$(grep -n 'kmem_cache_free' $program.c | tail -n 1 | cut -d: -f1)
"$BUILD/ukmem" symbolize "$work/report" >"$work/out" 2>"$work/err"
ok $? "a report is read from a file"
grep -A 1 'found by' "$work/out" | grep -q "#0 .* main (.*double_free_at_once.c:$line)"
ok $? "the innermost frame is the call that was wrong"
grep -A 1 'allocated by' "$work/out" | grep -q "#0 .* main ("
ok $? "the object's allocation is found"
line=$(grep -n '= kmem_cache_alloc' $program.c | head -n 1 | cut -d: -f1)
grep -A 1 'allocated by' "$work/out" | grep -q "#0 .* main (.*double_free_at_once.c:$line)"
ok $? "where the call stands, not the header that it is inlined from"
[ "$("$BUILD/ukmem" symbolize <"$work/report")" = "$(cat "$work/out")" ]
ok $? "and from standard input"
[ "$(grep -c . "$work/out")" = "$(grep -c . "$work/report")" ]
ok $? "no line is lost"
text='   #1 /nowhere+0x10
#0 ?+0x7
# comment + 0x12
#1 +0x
plain'
[ "$("$BUILD/ukmem" symbolize <<<"$text")" = "$text" ]
ok $? "what is no address of a module stays as it is"
"$BUILD/ukmem" symbolize --help | grep -q '^Usage: ukmem symbolize'
ok $? "help"
for arguments in '--nonsense' 'a b' '/nowhere/file' /tmp; do
	# shellcheck disable=SC2086
	"$BUILD/ukmem" symbolize $arguments >"$work/out" 2>"$work/err"
	[ $? = 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ]
	ok $? "refused with a line: $arguments"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
