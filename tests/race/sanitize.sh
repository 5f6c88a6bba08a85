#!/bin/sh
# sanitize.sh: short races under the sanitizers, built by race.mk.
#
# The thread sanitizer cannot see into assembly, so its library has locked arrays only,
# and no fork (it does not follow one). Address and undefined run the sequences as well;
# children start no helper, since gcc 12's address sanitizer does not guard its own
# allocator's locks across a fork.
set -u
race=${BUILD:-build}/race
seed=$(date +%s)
export TSAN_OPTIONS=halt_on_error=1

two_nodes="topology:$(getconf _NPROCESSORS_CONF)x2"
for options in "reap_ms:10" "reap_ms:10 $two_nodes" "reap_ms:10 hardening:strict" \
    "reap_ms:10 hardening:strict $two_nodes"; do
	echo "        thread sanitizer: $options"
	UKMEM_OPTIONS=$options $race/storm-thread one 2e6 "$seed" quiet || echo "FAILED  storm-thread"
	echo "        address and undefined sanitizers: $options"
	UKMEM_OPTIONS="$options reaper:off" $race/storm-address one 5e6 "$seed" || echo "FAILED  storm-address"
done
echo "        thread sanitizer: the model"
UKMEM_OPTIONS=backend:locked MODEL_OPERATIONS=1000000 $race/../thread/tests/model/model_test
UKMEM_OPTIONS="reap_ms:10 reaper:off backend:locked" $race/storm-address one 2e6 "$seed" ||
	echo "FAILED  storm-address"
$race/signal_alloc-address || echo "FAILED  signal_alloc-address"
# A child in its parent's memory would share the frames that gcc 13's sanitizer keeps for it.
ASAN_OPTIONS=detect_stack_use_after_return=0 $race/vfork_child-address || echo "FAILED  vfork_child-address"
