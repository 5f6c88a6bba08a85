#!/bin/bash
# run.sh [SECONDS]: each fuzzer over its corpus and on, all at once, for SECONDS (60). That of
# calls on both back-ends, with checks on every cache and a small quarantine, and strict.
#
# Built with clang, the address sanitizer and the locked back-end's twin of the sequences
# (they are inline assembly, and run as they are). What crashes is kept in BUILD/fuzz/ and
# printed. New inputs are not added to tests/fuzz/corpus: FUZZ_KEEP=1 merges them there.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build} seconds=${1:-60}
passed=0 failed=0
command -v clang >/dev/null || { echo "skipped fuzzers: no clang"; echo "1 passed, 0 failed"; exit 0; }
mkdir -p "$BUILD/fuzz"
ulimit -c 0
fuzzers='calls options slabinfo'
flags='-std=gnu11 -D_GNU_SOURCE -g -O1 -Iinclude -Isrc'

# shellcheck disable=SC2086,SC2046
for name in $fuzzers; do
	[ "$BUILD/fuzz/$name" -nt "$BUILD/libukmem.a" ] && continue
	clang $flags -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -w \
	    tests/fuzz/${name}_fuzz.c $(ls src/*/*.c | grep -v ^src/preload) \
	    -o "$BUILD/fuzz/$name" -lpthread -ldl || { echo "FAILED $name: does not build"; exit 1; }
done
# fuzz JOB PROGRAM WORDS: side by side with the others, SECONDS each. An input may take long
# where the machine is slow and others use it.
fuzz() {
	mkdir -p "$BUILD/fuzz/$1-new" "tests/fuzz/corpus/$2"
	UKMEM_OPTIONS="reaper:off reserve_mib:1024 $3" ASAN_OPTIONS=detect_leaks=0 \
	    timeout $((seconds + 600)) "$BUILD/fuzz/$2" -max_total_time=$seconds \
	    -timeout=300 -rss_limit_mb=2048 -max_len=400 -close_fd_mask=2 -print_final_stats=1 \
	    -artifact_prefix="$BUILD/fuzz/$1-" "$BUILD/fuzz/$1-new" "tests/fuzz/corpus/$2" \
	    >"$BUILD/fuzz/$1.log" 2>&1 &
	pids+=("$1:$2:$!")
}

fuzz calls calls
fuzz calls-locked calls backend:locked
fuzz calls-checked calls 'debug:FZPU debug_quarantine:20000'
fuzz calls-strict calls hardening:strict
fuzz options options
fuzz slabinfo slabinfo
for job in "${pids[@]}"; do
	IFS=: read -r name program pid <<<"$job"
	if wait "$pid"; then
		echo "ok $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$BUILD/fuzz/$name.log") inputs"
		passed=$((passed + 1))
		[ -z "$FUZZ_KEEP" ] || "$BUILD/fuzz/$program" -merge=1 "tests/fuzz/corpus/$program" \
		    "$BUILD/fuzz/$name-new" >/dev/null 2>&1
	else
		echo "FAILED $name: tests/fuzz/${program}_fuzz.c: $(grep -m 1 -E 'ERROR|ukmem:|Test unit' "$BUILD/fuzz/$name.log")"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
