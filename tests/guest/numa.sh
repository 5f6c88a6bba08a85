# numa.sh: two nodes of two CPUs. Node 1 is small, so that it can be filled; node 0 must
# hold the programs and all that node 1 borrows, and 64 MiB of huge pages for story/source_kinds.
# shellcheck shell=bash disable=SC2034
arch=amd64 cc=${CC:-gcc} strip=strip build=$BUILD console=ttyS0 words=hugepages=0:32
mapfile -t libraries < <(ldd "$BUILD/tests/numa/place_test" | grep -o '/[^ ]*')
qemu=(qemu-system-x86_64 -accel 'tcg,thread=multi' -cpu max -smp 4 -m 896
      -object 'memory-backend-ram,id=m0,size=768M' -object 'memory-backend-ram,id=m1,size=128M'
      -numa 'node,nodeid=0,cpus=0-1,memdev=m0' -numa 'node,nodeid=1,cpus=2-3,memdev=m1')

# Its own tests, and those of the whole library: real CPUs and nodes, also under made-up ones.
for backend in rseq locked; do
	for test in place full_node hotplug; do
		job "numa/$test-$backend" 300 "UKMEM_OPTIONS=backend:$backend" "tests/numa/${test}_test"
	done
done
job model 300 UKMEM_OPTIONS=backend:rseq MODEL_OPERATIONS=400000 tests/model/model_test
job race/storm 300 'UKMEM_OPTIONS=reap_ms:10 backend:rseq' race/storm one 2e6 1
job race/fork_storm 300 UKMEM_RACE_FACTOR=0.05 race/fork_storm
for source in tests/story/*_test.c tests/unit/{os,pages,node}/*_test.c; do
	case $source in
	*/quota_test.c) continue ;;             # asks for a shell
	*/probe_test.c) continue ;;             # breakpoints are slow there, and know no nodes
	esac
	name=${source#tests/}
	job "${name%_test.c}" 300 UKMEM_OPTIONS=backend:rseq "${source%.c}"
done
