# arm64.sh: two CPUs of AArch64, whose sequences are src/arch/rseq_aarch64.h's.
# No single steps: those never get through a loop of exclusive loads and stores, which is
# what atomic operations are on this processor.
# The programs come from BUILD-arm64 (make arm64-tests).
# shellcheck shell=bash disable=SC2034
arch=arm64 cc=aarch64-linux-gnu-gcc strip=aarch64-linux-gnu-strip build=$BUILD-arm64
console=ttyAMA0 sysroot=/usr/aarch64-linux-gnu/lib
libraries=("$sysroot/ld-linux-aarch64.so.1" "$sysroot/libc.so.6" "$sysroot/libm.so.6" "$sysroot/libgcc_s.so.1")
qemu=(qemu-system-aarch64 -M virt -accel 'tcg,thread=multi' -cpu cortex-a72 -smp 2 -m 1024)

for backend in rseq locked; do
	job "model-$backend" 120 "UKMEM_OPTIONS=backend:$backend" MODEL_OPERATIONS=80000 tests/model/model_test
	job "race/storm-$backend" 120 "UKMEM_OPTIONS=reap_ms:10 backend:$backend" race/storm one 1e5 1
done
job race/storm-nodes 120 'UKMEM_OPTIONS=reap_ms:10 topology:2x2' race/storm one 1e5 1 quiet
job race/storm-inline 120 UKMEM_OPTIONS=reap_ms:10 race/storm-inline one 1e5 1 quiet
job race/delay 300 UKMEM_RACE_FACTOR=0.1 race/delay signal
job race/signal_alloc 120 UKMEM_RACE_FACTOR=0.05 race/signal_alloc
for source in tests/story/*_test.c tests/unit/*/*_test.c; do
	name=${source#tests/}
	case $name in unit/os/quota_test.c) continue ;; esac    # asks for a shell
	job "${name%_test.c}" 120 UKMEM_OPTIONS=backend:rseq "${source%.c}"
done
