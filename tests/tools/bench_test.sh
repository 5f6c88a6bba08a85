#!/bin/bash
# bench_test.sh: ukmem bench runs, prints every form, and refuses nonsense. No times
# are judged here.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
failed=0

ok() {
	[ "$1" = 0 ] && echo "ok $2" && return
	echo "FAILED $2"
	tail -n 3 "$BUILD/check/bench.err"
	failed=1
}

bench() {
	timeout 300 "$BUILD/ukmem" bench "$@" 2>"$BUILD/check/bench.err" </dev/null
}

# One line on stderr, nothing on stdout, status 2.
refuses() {
	local out status
	out=$(bench "$@")
	status=$?
	[ $status = 2 ] && [ -z "$out" ] && [ "$(wc -l <"$BUILD/check/bench.err")" = 1 ]
	ok $? "bench refuses $*"
}

mkdir -p "$BUILD/check"
refuses --rounds 0
refuses --rounds 3x
refuses --rounds 100
refuses --seconds 0
refuses --seconds nan
refuses --seconds 1e9
refuses --nonsense
refuses --only
refuses -o html
refuses stray
refuses --trace /nonexistent
refuses --only pair,nosuch
refuses --only pair,
refuses --only replay
bench --list | grep -q '^prodcons '
ok $? "bench lists its workloads"
out=$(bench --only nosuch 2>&1); [ $? = 2 ]
ok $? "bench knows what it does not have"

if ! [ -x "$BUILD/bench-ukmem" ] || ! [ -x "$BUILD/bench-malloc" ] || ! [ -x "$BUILD/bench-floor" ]; then
	echo "skipped bench: its workers are not built"
	exit $failed
fi

# quick WORKLOADS OPTION...: one round, as short as it gets.
quick() {
	local only=$1
	shift
	bench --quick --rounds 1 --seconds 0.01 --only "$only" "$@"
}

quick pair,random,prodcons -o json | python3 -c '
import json, sys
rows = json.load(sys.stdin)["rows"]
names = [(r["workload"], r["size"]) for r in rows]
assert names == [(w, s) for w in ("pair", "random", "prodcons") for s in ("64", "mixed")], names
for r in rows:
    who = ("ukmem", "glibc", "floor") if r["size"] == "64" else ("ukmem", "glibc")
    for name in who:
        assert r["allocators"][name]["ns"] > 0
        assert len(r["allocators"][name]["rounds"]) == (3 if r["workload"] == "pair" else 1)
    assert r["ukmem_over_best"] > 0
    assert (r["cpus"] == "alone") == (r["workload"] != "prodcons"), r["cpus"]'
ok $? "bench prints json: a figure for each allocator, hot rows of three times the starts"

quick latency -o json | python3 -c '
import json, sys
ukmem = json.load(sys.stdin)["rows"][0]["allocators"]["ukmem"]
for what in "alloc", "free", "any":
    p50, p99, p9999, most = (ukmem[what + "_" + p + "_ns"] for p in ("p50", "p99", "p9999", "max"))
    assert 0 <= p50 <= p99 <= p9999 <= most * 1.04, (p50, p99, p9999, most)
assert ukmem["alloc_max_ns"] > 0'
ok $? "bench times single operations: each percentile at least the one before"

quick burst -o json | python3 -c '
import json, sys
for name, cell in json.load(sys.stdin)["rows"][0]["allocators"].items():
    if name != "dpdk":
        assert cell["live_bytes"] == 64e6
        assert 64e6 <= cell["peak_bytes"] < 128e6, (name, cell)
        assert abs(cell["alloc_ns"] + cell["free_ns"] - cell["ns"]) < 0.01'
ok $? "bench reads resident memory: a burst is as large as its objects, or a little more"

quick replay --trace tests/data/compile.kmt.zst -o json | python3 -c '
import json, sys
row = json.load(sys.stdin)["rows"][0]
assert row["size"] == "compile"
for name in "ukmem", "glibc":
    assert row["allocators"][name]["ns"] > 0 and row["allocators"][name]["peak_bytes"] > 1e6'
ok $? "bench plays a kernel trace through ukmem and through malloc"

if [ "$(uname -m)" = x86_64 ]; then
	quick steps -o json | python3 -c '
import json, sys
who = json.load(sys.stdin)["rows"][0]["allocators"]
for name in "ukmem", "glibc":
    cell = who[name]
    assert 10 < cell["alloc_hit_steps"] <= cell["alloc_mean_steps"] * 1.05, (name, cell)
# Locked arrays take a lock for each hit; glibc in a single thread takes none.
assert who["ukmem"]["alloc_hit_atomics"] > 0 and who["glibc"]["alloc_hit_atomics"] == 0'
	ok $? "bench counts instructions and atomic operations by single stepping"
fi

[ "$(quick pair -o csv | grep -c '^pair,64,.*,ns,')" -ge 3 ]
ok $? "bench prints csv"
quick pair -o markdown >"$BUILD/check/bench.md"
grep -q '^| pair ' "$BUILD/check/bench.md" && grep -q '^## Targets' "$BUILD/check/bench.md" &&
    grep -Eq '^\| larson +\| +0 .*not measured' "$BUILD/check/bench.md" &&
    grep -Eq '^\| pair, batch, fifo, each size +\| +1 .* (yes|no) ' "$BUILD/check/bench.md"
ok $? "bench prints markdown, and says of a goal met, not met or not measured"

quick pair --options nonsense:1 >/dev/null
grep -q nonsense "$BUILD/check/bench.err"
ok $? "bench hands --options to the library"

kept=$BUILD/check/kept
rm -rf "$kept" && mkdir -p "$kept"
quick pair --save "$kept" --commit abc >/dev/null
python3 - "$kept" <<'END'
import glob, json, sys
markdown, = glob.glob(sys.argv[1] + "/*-abc.md")
data, = glob.glob(sys.argv[1] + "/*-abc.json")
assert "commit abc" in open(markdown).read()
assert json.load(open(data))["rows"]
for picture in glob.glob(sys.argv[1] + "/*-abc.svg"):
    assert "</svg>" in open(picture).read()
END
ok $? "bench keeps what it found in files named after the commit"
quick pair --save /dev/null/x >"$BUILD/check/bench.out"; [ $? = 2 ] && [ ! -s "$BUILD/check/bench.out" ]
ok $? "bench says at once when it can't keep what it will find"
exit $failed
