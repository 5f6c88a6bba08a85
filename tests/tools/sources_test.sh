#!/bin/bash
# sources_test.sh: what looks inside sees caches in page sources too.
. "$(dirname "$0")/inspect.sh"

# looks WHERE PID|CORE
looks() {
	local where=$1 target=$2
	ukmem stat "$target" | awk '$1 == "links" { links = $2 } $1 == "low" { low = $2 }
	    END { exit !(links >= 500 && links < 700 && low >= 20 && low < 60) }'
	ok $? "stat counts objects in sources, $where"
	ukmem map -o json "$target" | python3 -c '
import json, sys
data = json.load(sys.stdin)
base = int(sys.argv[1], 16)
runs = data["runs"]
assert not data["damaged"] and sum(r["pages"] for r in runs) == data["pages"]
links = [r for r in runs if r.get("cache") == "links"]
assert sum(r["active_objs"] for r in links) >= 500
assert all(base <= int(r["address"], 16) < base + (64 << 20) for r in links)
low = [r for r in runs if r.get("cache") == "low"]
assert low and all(int(r["address"], 16) < 1 << 32 for r in low)
assert sum(r["pages"] for r in runs) * 4096 < 1 << 30' "$(told base)"
	ok $? "map has the pages that a source gave, and no others, $where"
	[ "$(ukmem walk "$target" links | sort -u | wc -l)" = 500 ]
	ok $? "walk lists what is live in a source, $where"
	ukmem object "$target" "$(told low)" | grep -q '^cache   low '
	ok $? "object knows an address in a source, $where"
	ukmem leaks -o json "$target" >"$work/json"
	python3 -c 'import json, sys
lost = json.load(open(sys.argv[1]))["lost"]
assert [(g["cache"], g["objects"]) for g in lost] == [("low", 5)], lost' "$work/json"
	ok $? "leaks follows pointers in sources and finds what is lost there, $where"
}

SUBJECT=sourced start
looks "live" "$pid"
ukmem object "$pid" "$(printf '%#x' $(($(told base) + (40 << 20))))" >/dev/null
grep -q 'with its page source' "$work/err"
ok $? "object tells memory that its source has"

(cd "$work" && ulimit -c unlimited && UKMEM_OPTIONS=profile:slab "$OLDPWD/$BUILD/tests/tools/sourced" core >"$work/told" 2>/dev/null) 2>/dev/null
core=$(ls "$work"/core* 2>/dev/null)
if [ -n "$core" ]; then
	looks "core" "$core"
else
	echo "skipped cores: the kernel writes them elsewhere"
fi

exit $failed
