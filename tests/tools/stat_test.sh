#!/bin/bash
# stat_test.sh: ukmem stat, tune and shrink on live programs and on a core.
. "$(dirname "$0")/inspect.sh"

# Nothing is reaped meanwhile: their tables stay as they were.
export UKMEM_OPTIONS=reap_ms:1000000
start
ukmem stat "$pid" >"$work/stat" && told_slabinfo | diff - "$work/stat" >"$work/diff"
ok $? "stat prints what the program's own slabinfo_read prints"
[ ! -s "$work/err" ]
ok $? "stat says nothing on stderr when all is well"
grep -q '^State:.S' "/proc/$pid/status"
ok $? "the program was not stopped"

start named
ukmem stat "$pid" >"$work/stat" && grep -q '^gr????e?\[2J ' "$work/stat" && [ ! -s "$work/err" ] &&
    ukmem stat -o json "$pid" | python3 -c 'import json, sys; assert not json.load(sys.stdin)["damaged"]'
ok $? "a name that a terminal would obey is printed with ? and is no damage"

SUBJECT=subject-static start
ukmem stat "$pid" >"$work/stat" && told_slabinfo | diff - "$work/stat" >"$work/diff"
ok $? "a static, stripped program is found by its note"

# Real slabtop reads our text in place of /proc/slabinfo.
with_slabinfo() {
	local unshare='unshare -m'
	[ "$(id -u)" = 0 ] || unshare='unshare -rm'
	# shellcheck disable=SC2016
	$unshare sh -c 'mount --bind "$1" /proc/slabinfo && shift && "$@"' sh "$@" 2>"$work/err"
}
if has slabtop "the real slabtop" && with_slabinfo "$work/stat" true; then
	with_slabinfo "$work/stat" slabtop -o -s a >"$work/slabtop"
	ok $? "the real slabtop takes our text"
	grep -Eq '^ *1008 +[0-9]+ .*subject-small *$' "$work/slabtop"
	ok $? "slabtop shows our caches"
else
	echo "skipped slabtop: no private mount of /proc/slabinfo to be had"
fi

ukmem stat -o json "$pid" | python3 -c '
import json, sys
told = {l.split()[0]: [int(x) for x in l.replace(":", " ").split() if x.isdigit()]
        for l in open(sys.argv[1]) if "slabdata" in l and l[0] != "#"}
data = json.load(sys.stdin)
assert data["steady"] and not data["damaged"] and len(data["caches"]) == len(told)
keys = ["active_objs", "num_objs", "objsize", "objperslab", "pagesperslab", "limit",
        "batchcount", "sharedfactor", "active_slabs", "num_slabs", "sharedavail"]
for c in data["caches"]:
    assert [c[k] for k in keys] == told[c["name"]], c
small = next(c for c in data["caches"] if c["name"] == "subject-small")
large = next(c for c in data["caches"] if c["name"] == "subject-large")
assert small["live_objs"] == 700 and large["live_objs"] == 50, (small, large)
assert sum(a["avail"] for a in small["cpus"]) == small["cpuavail"]
assert sum(n["num_slabs"] for n in small["nodes"]) == small["num_slabs"]
assert small["alloc_refills"] > 0
assert small["hits_at_least"] >= 700 - 120 - small["alloc_refills"], small
assert "misses_by_log2_ns" not in small' "$work/told"
ok $? "json has the table's numbers, and exact live objects"

ukmem stat -o openmetrics "$pid" >"$work/metrics"
[ "$(tail -n 1 "$work/metrics")" = '# EOF' ]
ok $? "openmetrics ends with # EOF"
grep -q '^ukmem_cache_live_objects{cache="subject-small"} 700$' "$work/metrics"
ok $? "openmetrics counts live objects"
if has promtool "promtool"; then
	# The strict parser: of samples with times.
	sed '/^#/!s/$/ 1700000000/' "$work/metrics" >"$work/timed"
	promtool tsdb create-blocks-from openmetrics "$work/timed" "$work/tsdb" >/dev/null 2>"$work/err"
	ok $? "promtool reads it as OpenMetrics"
	# The linter knows the older form only, where a counter is named as its sample.
	sed 's/^# \(TYPE\|HELP\) \(.*\)/&/; /^# UNIT/d; /^# EOF/d' "$work/metrics" |
	    awk '$1 == "#" && counter[$3] { $3 = $3 "_total" }
	         $2 == "TYPE" && $4 == "counter" { counter[$3] = 1; $3 = $3 "_total" } { print }' |
	    promtool check metrics >"$work/lint" 2>&1
	ok $? "promtool finds nothing to criticise"
fi

unset UKMEM_OPTIONS
UKMEM_OPTIONS=latency:on start
ukmem stat -o openmetrics "$pid" >"$work/metrics"
grep -q '^ukmem_cache_miss_duration_seconds_bucket{cache="subject-small",call="alloc",le="+Inf"} [1-9]' "$work/metrics"
ok $? "misses that were timed are a histogram"
if has promtool "a histogram"; then
	sed '/^#/!s/$/ 1700000000/' "$work/metrics" >"$work/timed"
	promtool tsdb create-blocks-from openmetrics "$work/timed" "$work/tsdb" >/dev/null 2>"$work/err"
	ok $? "promtool reads the histogram"
fi

# ---- While it runs ------------------------------------------------------------------

UKMEM_OPTIONS=reap_ms:100 start churn
ukmem tune "$pid" subject-small 50 20 3
ok $? "tune is done by the helper"
ukmem stat "$pid" | grep -q '^subject-small .* : tunables   50   20    3 '
ok $? "tune changed what it should"
ukmem shrink "$pid"
ok $? "shrink is done by the helper"
[ "$(ukmem stat "$pid" | awk '/^subject-small/ { print $2, $3 }')" = "700 756" ]
ok $? "after shrink only what is live, and its slabs, are there"
ukmem shrink "$pid" subject-small
ok $? "one cache can be shrunk"
for _ in {1..30}; do ukmem stat -o json "$pid" >"$work/json" || break; done
python3 -c 'import json, sys; assert not json.load(open(sys.argv[1]))["damaged"]' "$work/json"
ok $? "a program that allocates all the time is never called damaged"

refuses 'expected a number from 1 to 65535' tune "$pid" subject-small 0 1 1
refuses 'expected a number from 1 to 10' tune "$pid" subject-small 10 11 1
refuses 'at most 65535' tune "$pid" subject-small 1000 1000 1000
refuses 'not "x"' tune "$pid" subject-small 10 x 1
refuses 'no cache "nosuch"' tune "$pid" nosuch 10 5 1
refuses 'no cache "kmem_cache"' tune "$pid" kmem_cache 10 5 1
refuses 'expected PID CACHE' tune "$pid" subject-small 10 5
refuses 'no cache "nosuch"' shrink "$pid" nosuch
refuses 'expected PID' shrink

# The drop-in starts no helper for so little memory, but for who asks, at the next miss.
UKMEM_OPTIONS=reap_ms:100 LD_PRELOAD=$PWD/$BUILD/libukmem-malloc.so start churn
ukmem tune "$pid" subject-small 50 20 3 && ukmem stat "$pid" | grep -q '^subject-small .* : tunables   50   20    3 '
ok $? "a miss starts the helper that tune asks for"
[ "$(ukmem stat "$pid" | grep -cE '^(subject|malloc)-')" -gt 3 ]
ok $? "a program that is linked with one library and runs on the other shows the heap it uses"
SUBJECT=subject-own LD_PRELOAD=$PWD/$BUILD/libukmem-malloc.so start
ukmem stat "$pid" | grep -q '^subject-small' &&
    [ "$(cat "$work/err")" = "ukmem: process $pid has 2 heaps, for it has more than one ukmem; this is about the first: PID:2 names the second" ]
ok $? "a program with a heap beside the drop-in's is told as such"
ukmem stat "$pid:2" >"$work/out" && grep -q '^malloc-' "$work/out" && ! grep -q '^subject-' "$work/out" &&
    [ ! -s "$work/err" ] && ukmem stat "$pid:1" | grep -q '^subject-small' && [ ! -s "$work/err" ]
ok $? "and either can be named"
refuses "process $pid:3 has 2 heaps" stat "$pid:3"
UKMEM_OPTIONS=reap_ms:100 LD_PRELOAD=$PWD/$BUILD/libukmem-malloc.so start
ukmem tune "$pid" subject-small 50 20 3
[ $? = 1 ] && grep -q 'helper thread does not run: a miss starts it, and there was none in [0-9]' "$work/err"
ok $? "a program that does not miss is told as such"
ukmem stat "$pid" | grep -q '^subject-small .* : tunables  120   60 '
ok $? "and nothing is changed in it"
UKMEM_OPTIONS=reaper:off start
refuses 'reaper:off' shrink "$pid"
refuses 'reaper:off' tune "$pid" subject-small 10 5 1
ukmem stat "$pid" | grep -q '^subject-small .* : tunables  120   60 '
ok $? "what was refused changed nothing"

# ---- What is no target ----------------------------------------------------------------

start idle
ukmem stat "$pid" | head -n 1 | grep -q '^slabinfo - version: 2.1$'
ok $? "a program that has not used ukmem yet has no caches"
sleep 60 &
started+=($!)
refuses 'does not use ukmem' stat $!
stop "$pid"
refuses "no process $pid" stat "$pid"
refuses 'no process 0' stat 0
refuses 'no process 99999999999999999999' stat 99999999999999999999
refuses 'No such file' stat "$work/nosuch"
refuses 'neither a process nor a core' stat "$work/told"
refuses 'neither a process nor a core' stat "$work"
refuses 'but not a core' stat "$BUILD/ukmem"
refuses 'expected one PID or core' stat
refuses 'expected one PID or core' stat 1 2
refuses 'expected one of slabinfo, json, openmetrics' stat -o xml 1
refuses 'not one of mine' stat --nonsense 1
refuses 'needs a value' stat -o
if [ "$(id -u)" = 0 ] && has setpriv "another user's process"; then
	start
	chmod 755 "$work"
	setpriv --reuid 65534 --clear-groups "$BUILD/ukmem" stat "$pid" >"$work/out" 2>"$work/err"
	[ $? = 2 ] && [ ! -s "$work/out" ] && grep -q 'not permitted' "$work/err"
	ok $? "another user's process is refused with a word"
fi
if echo 'int main(void) { for (;;) ; }' | gcc -m32 -nostdlib -static -Wl,-e,main -x c - \
    -o "$work/small" 2>/dev/null; then
	"$work/small" &
	started+=($!)
	within 20 test "/proc/$!/exe" -ef "$work/small"
	refuses '32-bit' stat $!
else
	echo "skipped a 32-bit program: no compiler for it"
fi

# ---- A core ---------------------------------------------------------------------------

if has zstd "a core"; then
	sample_core
	ukmem stat "$work/core" >"$work/stat"
	[ $? = 0 ] && grep -Eq '^subject-small +[0-9]+ +1008 +64 +63 ' "$work/stat"
	ok $? "a core is read like a process"
	ukmem stat -o json "$work/core" | grep -q '"live_objs": 700'
	ok $? "a core's arrays are read too"
	refuses 'is a core' shrink "$work/core"
	head -c 3000000 "$work/core" >"$work/cut"
	timeout 20 "$BUILD/ukmem" stat "$work/cut" >"$work/out" 2>"$work/err"
	[ $? -le 2 ] && [ -s "$work/err" ]
	ok $? "a core that was cut short is called so"
	head -c 100000 "$work/core" >"$work/cut"
	refuses 'cut short' stat "$work/cut"
	# 32 bits: the class byte of the header.
	cp "$work/core" "$work/core32"
	printf '\001' | dd of="$work/core32" bs=1 seek=4 conv=notrunc 2>/dev/null
	refuses '' stat "$work/core32"
	# Another version's root: the number behind the magic word.
	python3 - "$work/core" "$work/other" <<-'END'
		import sys
		image = bytearray(open(sys.argv[1], "rb").read())
		at = image.index(b"ukmemRT\0")
		image[at + 8] = 99
		open(sys.argv[2], "wb").write(image)
	END
	refuses 'form 99' stat "$work/other"
fi
exit $failed
