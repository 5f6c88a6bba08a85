#!/bin/bash
# user.sh: AArch64 programs under qemu's user mode, which has no rseq: the locked back-end.
#
# It keeps a record of each page, reserved or not, so the library reserves little.
# Variables: BUILD; ONLY, a word that a program's path must contain.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}-arm64 passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

run() {
	local program=$1 status p f
	case $program in *"$ONLY"*) ;; *) return ;; esac
	UKMEM_OPTIONS="reserve_mib:64 $OPTIONS" MODEL_OPERATIONS=20000 timeout 120 \
	    qemu-aarch64 -cpu cortex-a72 -L /usr/aarch64-linux-gnu "$@" >"$log" 2>&1
	status=$?
	grep '^FAILED ' "$log"
	p=$(grep -c '^ok ' "$log") f=$(grep -c '^FAILED ' "$log")
	[ $status = 0 ] || [ "$f" != 0 ] || { f=1; echo "FAILED $program ended with status $status"; }
	echo "user/${program#"$build"/}: $p passed, $f failed"
	passed=$((passed + p)) failed=$((failed + f))
}

OPTIONS=reap_ms:10 run "$build/race/storm" one 2e5 1 quiet
run "$build/tests/model/model_test"
# Not what counts threads (qemu has some) or minds limits on addresses (qemu has its own).
for program in "$build"/tests/story/{hit_and_miss,flush,grow,merge,kmalloc,remote_free,inline}_test \
    "$build"/tests/unit/{arch,pages,node,slab}/*_test; do
	case $program in */reserve_test) continue ;; esac
	run "$program"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
