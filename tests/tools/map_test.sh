#!/bin/bash
# map_test.sh: ukmem map, object and walk: what is where.
. "$(dirname "$0")/inspect.sh"

start
live=$(told live) freed=$(told free)

# 700 objects of 64 bytes are live, in 16 slabs of one page.
picture=$(ukmem map "$pid" subject-small)
cells=$(grep -E '^ *[0-9a-f]+ [-0-9#.:?]+$' <<<"$picture" | awk '{ printf "%s", $2 }')
[ "$(tr -cd '0-9#' <<<"$cells" | wc -c)" = 16 ]
ok $? "map draws a character for each page of the cache"
[ "${#cells}" = 1024 ]
ok $? "map draws every page that is committed"
grep -q '^subject-small: 16 slabs of 63 objects$' <<<"$picture"
ok $? "map counts the slabs"
[ "$(awk '/^  [0-9#] / { sum += $NF } END { print sum }' <<<"$picture")" = 16 ]
ok $? "the histogram of fullness counts each slab once"
ukmem map "$pid" | grep -Eq '^[a-z] subject-large +200 KiB +25 slabs'
ok $? "map without a cache tells whose letter is whose"
[ "$(ukmem map --pages 64 --width 16 "$pid" | grep -cE '^ *[0-9a-f]+ [^ ]{16}$')" = 1 ]
ok $? "map can be scaled"
ukmem map -o json "$pid" | python3 -c '
import json, sys
data = json.load(sys.stdin)
runs = data["runs"]
assert not data["damaged"] and sum(r["pages"] for r in runs) == data["pages"] == 1024
ends = [int(r["address"], 16) + 4096 * r["pages"] for r in runs]
assert [int(r["address"], 16) for r in runs[1:]] == ends[:-1]
small = [r for r in runs if r.get("cache") == "subject-small"]
assert len(small) == 16 and all(0 <= r["active_objs"] <= r["objperslab"] == 63 for r in small)'
ok $? "map's json has every page exactly once"

ukmem walk "$pid" subject-small >"$work/objects"
[ "$(wc -l <"$work/objects")" = 700 ] && [ "$(sort -u "$work/objects" | wc -l)" = 700 ]
ok $? "walk lists exactly the live objects"
grep -qx "$live" "$work/objects" && ! grep -qx "$freed" "$work/objects"
ok $? "walk lists what is live and not what was freed"
ukmem walk -o json "$pid" subject-large |
    python3 -c 'import json, sys; assert len(set(json.load(sys.stdin))) == 50'
ok $? "walk prints json"
[ -z "$(ukmem walk "$pid" subject-churned)" ]
ok $? "an empty cache has no objects"

ukmem object "$pid" "$live" | grep -q '^state   live$'
ok $? "a live object is called live"
ukmem object "$pid" "$(printf '%#x' $((live + 7)))" >"$work/object"
grep -q "^object  $live, number [0-9]*, byte 7 of it$" "$work/object" &&
    grep -q '^cache   subject-small (64 bytes, 63 in a slab)$' "$work/object"
ok $? "an address in the midst of an object leads to the object"
ukmem object "$pid" "$freed" | grep -Eq '^state   (free, waits in the (array of CPU [0-9]+|shared of node 0)|free)$'
ok $? "a freed object is called free, and where it waits"
ukmem object -o json "$pid" "$live" | python3 -c '
import json, sys
data = json.load(sys.stdin)
assert data["cache"] == "subject-small" and data["state"] == "live", data
assert data["object"] == sys.argv[1] and data["offset_bytes"] == 0' "$live"
ok $? "object prints json"
ukmem object "$pid" 0x1000 >"$work/out"
[ $? = 1 ] && [ ! -s "$work/out" ] && grep -q "not in ukmem's memory" "$work/err"
ok $? "a stranger's address is called so"

# With checks: who allocated and freed it; what is in quarantine is not live.
UKMEM_OPTIONS=debug:FZPU start
live=$(told live) freed=$(told free)
ukmem walk "$pid" subject-small >"$work/objects"
[ "$(wc -l <"$work/objects")" = 700 ] && ! grep -qx "$freed" "$work/objects"
ok $? "walk lists what is live, and not what is in quarantine"
ukmem object "$pid" "$live" >"$work/object"
grep -q '^state   live$' "$work/object" && grep -A 1 '^allocated by thread' "$work/object" | grep -Eq '^ +(make_objects|main)$'
ok $? "a tracked object tells who allocated it"
ukmem object "$pid" "$freed" >"$work/object"
grep -q '^state   free, waits in the quarantine$' "$work/object" &&
    grep -A 1 '^freed by thread' "$work/object" | grep -Eq '^ +(make_objects|main)$'
ok $? "a freed one tells who freed it"
ukmem object -o json "$pid" "$freed" | python3 -c '
import json, sys
data = json.load(sys.stdin)
assert "main" in data["freed"]["stack"] and "main" in data["allocated"]["stack"], data'
ok $? "and in json"

refuses 'no cache "nosuch"' map "$pid" nosuch
refuses 'no cache "nosuch"' walk "$pid" nosuch
refuses 'no power of two' map --pages 3 "$pid"
refuses 'from 16 to 1024' map --width 1 "$pid"
refuses 'expected "text" or "json"' map -o html "$pid"
refuses 'one of text, json' walk -o html "$pid" subject-small
refuses 'in hexadecimal' object "$pid" nonsense
refuses 'in hexadecimal' object "$pid" -- -1
refuses 'and an address' object "$pid"
refuses 'and a cache' walk "$pid"
refuses 'a PID or core' map

if has zstd "a core"; then
	sample_core
	[ "$(ukmem walk "$work/core" subject-small | wc -l)" = 700 ]
	ok $? "walk lists a core's live objects"
	object=$(ukmem walk "$work/core" subject-large | head -n 1)
	ukmem object "$work/core" "$object" | grep -q '^state   live$'
	ok $? "object finds a core's object"
	ukmem map "$work/core" subject-large | grep -q '25 slabs of 2 objects'
	ok $? "map draws a core"
fi
exit $failed
