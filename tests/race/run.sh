#!/bin/bash
# run.sh PART: run a part of the race tests; the last line is "N passed, N failed".
#
#   storm, delay, fork, small, sanitize, mutants (slow)
#
# Variables: BUILD; UKMEM_RACE_FACTOR: how much longer than in CI (default 1).
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
race=$build/race
log=$(mktemp)
trap 'rm -f "$log"' EXIT
unset UKMEM_OPTIONS

case ${1:-} in
storm)
	$race/storm
	UKMEM_OPTIONS="reap_ms:10" $race/storm-inline one 2e7 1 ;;
delay)
	$race/delay
	UKMEM_OPTIONS="reap_ms:10 index:cpu" $race/delay move
	UKMEM_OPTIONS="reap_ms:10 topology:$(getconf _NPROCESSORS_CONF)x2" $race/delay move
	# Frees don't fill these arrays, so none is ever taken out whole.
	UKMEM_OPTIONS="reap_ms:10 hardening:strict" $race/delay move pop push put pop_some push_some
	UKMEM_OPTIONS="reap_ms:10 hardening:strict" $race/delay signal pop push put pop_some push_some ;;
fork)
	$race/fork_storm
	$race/helper_exit ;;
small)
	$race/single_step
	$race/adoption
	$race/between
	$race/vfork_child
	$race/signal_alloc
	$race/threads "$build/libukmem.so"
	tests/race/no_rseq.sh $race/no_rseq ;;
sanitize)
	tests/race/sanitize.sh ;;
mutants)
	tests/race/mutants.sh ;;
*)
	echo "usage: $0 storm|delay|fork|small|sanitize|mutants" >&2 ;;
esac 2>&1 | tee "$log"

# A program that neither passed nor failed a test has crashed.
passed=$(grep -c '^ok ' "$log")
failed=$(grep -c '^FAILED ' "$log")
grep -v '^ok ' "$log" | grep -Eq 'ukmem: internal error|Segmentation fault|Aborted|AddressSanitizer|ThreadSanitizer|runtime error' &&
    failed=$((failed + 1))
[ "$passed" -eq 0 ] && ! grep -q '^skipped ' "$log" && failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
