#!/bin/bash
# fuzz_test.sh: the tools on 10,000 broken cores (FUZZ_IMAGES, FUZZ_SEED).
. "$(dirname "$0")/inspect.sh"

has zstd "broken cores" || exit 0
sample_core
object=$(ukmem walk "$work/core" subject-small | head -n 1)
export ASAN_OPTIONS=detect_leaks=1
"$BUILD/tests/tools/core_fuzz" "$work/core" "${FUZZ_IMAGES:-10000}" "${FUZZ_SEED:-1}" "$object" \
    >"$work/report" 2>"$work/fuzz.err"
[ $? = 0 ] && grep -q 'no crash, no hang' "$work/report"
ok $? "broken cores: $(tail -n 1 "$work/report")"
[ $failed = 0 ] || grep -v '^ukmem: ' "$work/fuzz.err" | head -n 30
# Broken cores that look sound to every tool would show that nothing was broken.
[ "$(grep -c 'contradict\|damaged\|make no sense' "$work/fuzz.err")" -gt 500 ]
ok $? "and much of what is broken is told"

# One of this version: with samples, and with misses that were timed.
subject=$(realpath "$BUILD/tests/tools/subject")
rm -f "$work"/core*
(cd "$work" && ulimit -c unlimited && UKMEM_OPTIONS='heap_sample:256 latency:on' "$subject" core >/dev/null 2>&1) 2>/dev/null
core=$(ls "$work"/core* 2>/dev/null)
if [ -n "$core" ]; then
	ukmem profile "$core" | grep -Eq '(^|;)make_objects|main '
	ok $? "a core has its samples"
	ukmem stat -o json "$core" | grep -q misses_by_log2_ns
	ok $? "and how long its misses took"
	"$BUILD/tests/tools/core_fuzz" "$core" $((${FUZZ_IMAGES:-10000} / 10)) 3 "$object" >"$work/report" 2>"$work/fuzz.err" &&
	    grep -q 'no crash, no hang' "$work/report"
	ok $? "broken ones of this version: $(tail -n 1 "$work/report")"
else
	echo "skipped a core of this version: the kernel writes cores elsewhere"
fi
exit $failed
