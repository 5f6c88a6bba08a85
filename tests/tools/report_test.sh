#!/bin/bash
# report_test.sh: ukmem record and ukmem report; the page in a real browser.
. "$(dirname "$0")/inspect.sh"

UKMEM_OPTIONS=reap_ms:200 start churn
ukmem record -i 0.1 -t 1.5 -o "$work/run.json" "$pid"
ok $? "record ends after its time"
python3 - "$work/run.json" <<-'END'
	import json, sys
	data = json.load(open(sys.argv[1]))
	assert data["ukmem_recording"] == 1 and 8 <= len(data["samples"]) <= 16, len(data["samples"])
	times = [s["time_seconds"] for s in data["samples"]]
	assert all(0 < b - a < 1 for a, b in zip(times, times[1:])), times
	churned = [next(c["alloc_refills"] for c in s["caches"] if c["name"] == "subject-churned")
	           for s in data["samples"]]
	assert churned == sorted(churned) and churned[0] < churned[-1], churned
	last = next(c for c in data["samples"][-1]["caches"] if c["name"] == "subject-churned")
	first = next(c for c in data["samples"][0]["caches"] if c["name"] == "subject-churned")
	timed = [sum(last["misses_by_log2_ns"][call]) for call in ("alloc", "free")]
	assert 0 < timed[0] <= last["alloc_refills"] - first["alloc_refills"] + 100, (timed, first, last)
	assert timed[1] > 0 and sum(last["misses_by_log2_ns"]["alloc"][:4]) == 0, last
	assert last["hits_at_least"] > 5 * (last["alloc_refills"] + last["free_flushes"]), last
	assert sum(r["pages"] for r in data["runs"]) * 4096 == data["samples"][-1]["pages_committed_bytes"]
END
ok $? "a recording has samples, the pages of the last, hits, and how long misses took"

# ---- The page ------------------------------------------------------------------------

page() {
	chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
	    --enable-logging=stderr --window-size=1200,2400 --virtual-time-budget=3000 "$@" \
	    2>"$work/console"
}

# The page of $1 draws $2 charts, complains of nothing, and has the JSON's numbers.
check_page() {
	local html=$1 charts=$2 name=$3
	shift 3
	page "$@" --dump-dom "file://$html" >"$work/dom"
	grep -q "data-drawn=\"$charts\"" "$work/dom"
	ok $? "the page of $name draws $charts charts"
	! grep -q CONSOLE "$work/console"
	ok $? "the browser's console has nothing to say of $name"
	python3 - "$html" "$work/dom" <<-'END'
		import json, re, sys
		page = open(sys.argv[1]).read()
		data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))
		dom = open(sys.argv[2]).read()
		rows = [dict(re.findall(r'data-key="(\w+)" data-value="([^"]*)"', row))
		        for row in re.findall(r"""<tr(?: class="idle")?>(<td.*?)</tr>""", dom, re.S)]
		caches = {c["name"]: c for c in data["samples"][-1]["caches"]}
		assert len(rows) == len(caches) > 5
		for row in rows:
		    cache = caches[row["name"]]
		    for key in "live_objs", "object_size_bytes", "num_slabs", "memory_bytes", "alloc_refills":
		        assert int(row[key]) == cache[key], (row, key)
		assert re.search(r'id="live-objects">%s<' %
		    format(sum(c["live_objs"] for c in caches.values()), ","), dom)
		timed = lambda s: sum(n for c in s["caches"] if "misses_by_log2_ns" in c
		                      for call in c["misses_by_log2_ns"].values() for n in call)
		misses = timed(data["samples"][-1]) - (timed(data["samples"][0]) if len(data["samples"]) > 1 else 0)
		assert (f'data-misses="{misses}"' in dom) == (misses > 0), misses
		lost = data.get("leaks", {}).get("lost", [])
		assert [int(n) for n in re.findall(r'<tr data-bytes="(\d+)"', dom)] == [g["bytes"] for g in lost]
		assert all(frame in dom for g in lost for frame in g["stack"])
	END
	ok $? "the page of $name has the JSON's numbers"
}

ukmem report -o "$work/run.html" "$work/run.json"
ok $? "report makes a page of a recording"
ukmem report -o "$work/live.html" "$pid"
ok $? "report makes a page of a program"
! grep -Eq '(src|href)="(https?:)?//' "$work/run.html"
ok $? "the page asks for nothing from elsewhere"
ukmem report -o - "$pid" | cmp -s -n 2000 - "$work/live.html"
ok $? "report writes to standard output"
# Its stacks are known; what is lost is what ukmem leaks says.
UKMEM_OPTIONS=debug:U SUBJECT=leaker start
ukmem report --leaks -o "$work/leaks.html" "$pid"
ok $? "report looks for leaks"
ukmem leaks -o json "$pid" >"$work/leaks.json"
python3 - "$work/leaks.html" "$work/leaks.json" <<-'END'
	import json, re, sys
	page = json.loads(re.search(r'id="data">(.*?)</script>', open(sys.argv[1]).read(), re.S).group(1))
	leaks = json.load(open(sys.argv[2]))
	assert page["leaks"] == leaks and leaks["lost_objects"] > 0, page["leaks"]
END
ok $? "a page's leaks are those of ukmem leaks"
ukmem record -l -i 0.1 -t 0.2 -o "$work/leaks.run" "$pid" &&
    python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["leaks"] == json.load(open(sys.argv[2]))' \
	"$work/leaks.run" "$work/leaks.json"
ok $? "so are those of a recording"
grep -q '^State:.S' "/proc/$pid/status"
ok $? "the program goes on after it"
if has zstd "a core's page"; then
	sample_core
	ukmem report -o "$work/core.html" "$work/core"
	ok $? "report makes a page of a core"
fi
if has chromium "pages in a browser"; then
	check_page "$work/run.html" 6 "a recording"
	check_page "$work/run.html" 6 "a recording in the dark" --blink-settings=preferredColorScheme=0
	check_page "$work/live.html" 4 "a program whose misses were timed"
	check_page "$work/leaks.html" 3 "a program with leaks"
	[ -f "$work/core.html" ] && check_page "$work/core.html" 3 "a core"
	page --screenshot="$work/light.png" "file://$work/run.html" >/dev/null
	page --screenshot="$work/dark.png" --blink-settings=preferredColorScheme=0 \
	    "file://$work/run.html" >/dev/null
	[ -s "$work/light.png" ] && ! cmp -s "$work/light.png" "$work/dark.png"
	ok $? "light and dark look different"
fi

# ---- Names are data, never markup ------------------------------------------------------

python3 - "$work/run.json" "$work/evil.json" <<-'END'
	import json, sys
	data = json.load(open(sys.argv[1]))
	for sample in data["samples"]:
	    sample["caches"][0]["name"] = "</script><script>document.body.dataset.drawn=99</script>"
	json.dump(data, open(sys.argv[2], "w"))
END
ukmem report -o "$work/evil.html" "$work/evil.json" && ! grep -q '</script><script>document' "$work/evil.html"
ok $? "a cache's name can't end the script it stands in"

ukmem record -t 0 -o "$work/nosuch/run.json" "$pid"
[ $? = 1 ] && [ "$(wc -l <"$work/err")" = 1 ]
ok $? "a file that can't be written is told"
refuses 'where to?' record "$pid"
refuses 'where to?' report "$pid"
refuses 'expected seconds' record -t x -o "$work/x" "$pid"
refuses 'expected seconds from 0.01 to 3600' record -i 0 -o "$work/x" "$pid"
refuses 'expected seconds from 0.01 to 3600' record -i 3601 -o "$work/x" "$pid"
refuses 'not for --trace' record --trace -i 1 -o "$work/x" "$pid"
refuses 'not for --trace' record --trace -l -o "$work/x" "$pid"
echo '{' >"$work/broken.json"
refuses 'line 2' report -o "$work/x.html" "$work/broken.json"
echo '{"samples": []}' >"$work/broken.json"
refuses 'not a recording' report -o "$work/x.html" "$work/broken.json"
refuses 'No such file' report -o "$work/x.html" "$work/nosuch"
[ ! -e "$work/x" ] && [ ! -e "$work/x.html" ]
ok $? "what was refused left no file"
exit $failed
