# arm64.sh: two CPUs of AArch64, whose sequences are src/arch/rseq_aarch64.h's.
#
# They have ARMv8.1's atomic instructions; under user.sh atomic operations are loops of exclusive
# loads and stores. No single steps: race/single_step does not come to an end here in ten minutes,
# and whether it would is not known.
# The programs come from BUILD-arm64 (make arm64-tests).
# shellcheck shell=bash disable=SC2034
arch=arm64 cc=aarch64-linux-gnu-gcc strip=aarch64-linux-gnu-strip build=$BUILD-arm64
console=ttyAMA0 sysroot=/usr/aarch64-linux-gnu/lib
libraries=("$sysroot/ld-linux-aarch64.so.1" "$sysroot/libc.so.6" "$sysroot/libm.so.6" "$sysroot/libgcc_s.so.1")
qemu=(qemu-system-aarch64 -M virt -accel 'tcg,thread=multi' -cpu neoverse-n1 -smp 2 -m 1024)

for backend in rseq locked; do
	job "model-$backend" 300 "UKMEM_OPTIONS=backend:$backend" MODEL_OPERATIONS=80000 tests/model/model_test
	job "race/storm-$backend" 300 "UKMEM_OPTIONS=reap_ms:10 backend:$backend" race/storm one 1e5 1
done
job race/storm-nodes 300 'UKMEM_OPTIONS=reap_ms:10 topology:2x2' race/storm one 1e5 1 quiet
job race/storm-inline 300 UKMEM_OPTIONS=reap_ms:10 race/storm-inline one 1e5 1 quiet
job race/delay 600 race/delay
job race/signal_alloc 300 UKMEM_RACE_FACTOR=0.05 race/signal_alloc
job race/fork_storm 300 UKMEM_RACE_FACTOR=0.05 race/fork_storm
job race/vfork_child 300 UKMEM_RACE_FACTOR=0.05 race/vfork_child
job race/helper_exit 300 race/helper_exit
job race/threads 300 UKMEM_RACE_FACTOR=0.1 race/threads /libukmem.so
programs+=(libukmem.so)
job race/no_rseq-not 300 UKMEM_RACE_FACTOR=0.1 race/no_rseq check rseq
job race/no_rseq-tunable 300 UKMEM_RACE_FACTOR=0.1 GLIBC_TUNABLES=glibc.pthread.rseq=0 race/no_rseq check locked
for way in rseq-enosys rseq-eperm membarrier membarrier-later rseq-later; do
	job "race/no_rseq-$way" 300 UKMEM_RACE_FACTOR=0.1 race/no_rseq $way
done
for source in tests/story/*_test.c tests/unit/*/*_test.c; do
	name=${source#tests/}
	case $name in
	unit/os/quota_test.c) continue ;;       # asks for a shell
	story/probe_test.c) continue ;;         # its tracer knows x86-64's registers
	esac
	job "${name%_test.c}" 300 UKMEM_OPTIONS=backend:rseq "${source%.c}"
done
