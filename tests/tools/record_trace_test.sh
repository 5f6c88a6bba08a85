#!/bin/bash
# record_trace_test.sh: what a program did, as ukmem record --trace has it, and replayed.
. "$(dirname "$0")/inspect.sh"

recorded=$(realpath "$BUILD/tests/tools/recorded")

# entries FILE: "KIND NAME BYTES COUNT" of each, and how many events.
entries() {
	sed -n '/^data$/q; s/^events /events /p; s/^[0-9]* \(cache\|kmalloc\) \([^ ]*\) \([0-9]*\) [0-9]* \([0-9]*\)$/\1 \2 \3 \4/p' "$1" |
	    LC_ALL=C sort
}
cat >"$work/known" <<-END
	cache rec-small 96 3000
	cache rec?big 1000 500
	events 7400
	kmalloc - 100 700
END

ukmem record --trace -o "$work/trace" -- "$recorded" >/dev/null
ok $? "a program is started and recorded"
entries "$work/trace" | diff - "$work/known" >"$work/diff"
ok $? "each cache has the allocations that it had, a fork's child none"
cat "$work/diff"
[ -z "$(find /var/tmp -maxdepth 1 -name 'ukmem-*' -newer "$work/known" -user "$(id -un)" 2>/dev/null)" ]
ok $? "nothing is left in /var/tmp"
ukmem replay "$work/trace" >"$work/out"
[ $? = 0 ] && [ ! -s "$work/err" ] && grep -Eq '^live at the end +1,000 objects of 94 KiB' "$work/out" &&
    grep -q '7,400 events' "$work/out"
ok $? "ukmem replay plays it, and as many objects live at the end"
for cache in 'rec-small 1000' 'rec?big 0' 'kmalloc-128 0'; do
	set -- $cache
	awk -v name="$1" -v least="$2" '$1 == name { found = $2 >= least && $3 >= $2 }
		END { exit !found }' "$work/out"
	ok $? "the replay has the cache $1"
done

# Under the drop-in the shells record, too: the first is that of the program that it becomes.
ukmem record --trace -o "$work/became" -- "$BUILD/ukmem" run -- sh -c 'exec "$0"' "$recorded" >/dev/null 2>"$work/err"
[ $? = 0 ] && [ ! -s "$work/err" ] &&
    [ "$(entries "$work/became" | grep ' rec')" = "$(grep ' rec' "$work/known")" ]
ok $? "a program that its process becomes is recorded from its start"
ukmem record --trace -o "$work/first" -- "$BUILD/ukmem" run -- \
    sh -c '"$0"; "$0"; echo $$ >"$1"' "$recorded" "$work/shell" >/dev/null 2>"$work/err"
[ $? = 0 ] && [ "$(cat "$work/err")" = "ukmem: recorded is process $(cat "$work/shell") alone, not those beside it that use ukmem, too" ]
ok $? "of several the first is recorded, and one line tells that there were others"

export UKMEM_OPTIONS="trace:$work/events"
SUBJECT=recorded start wait
ukmem record --trace -o "$work/live" "$pid"
ok $? "a program that runs with trace:FILE is made a trace of"
entries "$work/live" | diff - "$work/known" >"$work/diff"
ok $? "and it is the same"
UKMEM_OPTIONS="profile:slab trace:$work/events" "$recorded" 2>"$work/told.err" >"$work/out"
[ $? = 0 ] && grep -q '^ready$' "$work/out" && [ "$(wc -l <"$work/told.err")" = 1 ] &&
    grep -q 'not recorded: File exists' "$work/told.err"
ok $? "a file that is there is left alone, and the program goes on"
stop "$pid"
UKMEM_OPTIONS="trace:$work/nosuch/events" "$recorded" >"$work/out" 2>&1 &&
    grep -q 'not recorded: No such file' "$work/out" && grep -q '^ready$' "$work/out"
ok $? "a file that can't be made is told, and the program goes on"
(ulimit -f 512; UKMEM_OPTIONS="trace:$work/short" "$recorded" >"$work/out" 2>&1) &&
    grep -q 'not recorded: File too large' "$work/out" && [ ! -e "$work/short" ]
ok $? "a file without room is told and removed, and the program goes on"
unset UKMEM_OPTIONS

# A program that runs and was told nothing of it. It works once more while it is recorded.
limits() { ukmem stat "$pid" | awk '$1 ~ /^rec-small/ { print $9 }'; }
limit_is() { [ "$(limits)" = "$1" ]; }
has_worked() { [ "$(grep -c '^again$' "$work/told")" = "$1" ]; }
again() {
	local before
	before=$(grep -c '^again$' "$work/told")
	printf x >"$work/stdin.$1" && within 60 has_worked $((before + 1))
}
recorder() {
	"$BUILD/ukmem" record --trace -o "$work/$1" "$pid" &
	tool=$!
}
for backend in rseq locked; do
	UKMEM_OPTIONS="backend:$backend reap_ms:200" SUBJECT=recorded start wait
	nth=$((${#started[@]} - 1)) arrays=$(limits)
	recorder running
	within 60 limit_is 0
	ok $? "$backend: a running program is brought to the door"
	again $nth
	ok $? "$backend: and goes on"
	ukmem tune "$pid" rec-small 10 5 1
	[ $? = 1 ] && grep -q 'busy' "$work/err"
	ok $? "$backend: its caches are not tuned meanwhile"
	ukmem record --trace -o "$work/x" "$pid"
	[ $? = 1 ] && grep -q 'busy' "$work/err"
	ok $? "$backend: nor recorded twice"
	kill -TERM $tool
	wait $tool
	ok $? "$backend: an interrupt ends the recording"
	entries "$work/running" | diff - "$work/known" >"$work/diff"
	ok $? "$backend: each cache has the allocations of that time"
	cat "$work/diff"
	within 60 limit_is "$arrays"
	ok $? "$backend: the program has its arrays again"
	ukmem replay "$work/running" >"$work/out" && grep -q '7,400 events' "$work/out"
	ok $? "$backend: ukmem replay plays it"

	recorder x
	within 60 limit_is 0
	stop $tool
	within 60 limit_is "$arrays" && again $nth
	ok $? "$backend: a tool that is killed leaves no recording behind"
	ukmem record --trace -t 0.2 -o "$work/short" "$pid" && [ -s "$work/short" ]
	ok $? "$backend: a recording of a while"
	recorder cut
	within 60 limit_is 0
	again $nth
	kill -KILL "$pid"
	wait $tool
	ok $? "$backend: a program that is killed ends it"
	entries "$work/cut" | diff - "$work/known" >"$work/diff"
	ok $? "$backend: and nothing is missing"
	rm -f "$work/x"
done
UKMEM_OPTIONS=reaper:off start
seq 1000 >"$work/mine"
cp "$work/mine" "$work/as_it_was"
LD_PRELOAD=$PWD/$BUILD/libukmem-malloc.so UKMEM_OPTIONS="trace:$work/mine trace_first:on" "$recorded" >/dev/null 2>&1
cmp -s "$work/mine" "$work/as_it_was"
ok $? "a file that is no recording is left as it is"

UKMEM_OPTIONS='debug:F,kmalloc-*,rec*' ukmem record --trace -o "$work/checked" -- "$recorded"
grep -q 'caches with checks (debug:) are never recorded' "$work/err"
ok $? "why nothing of caches with checks is recorded is said"
rm -f "$work/checked"

refuses 'reaper:off' record --trace -o "$work/x" "$pid"
refuses 'recorded nothing' record --trace -o "$work/x" -- /bin/true
refuses 'No such file' record --trace -o "$work/x" -- "$work/nosuch"
refuses 'where to' record --trace "$pid"
refuses 'a PID or a program' record --trace -o "$work/x"
[ ! -e "$work/x" ]
ok $? "what is refused leaves no file"
exit $failed
