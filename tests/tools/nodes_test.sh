#!/bin/bash
# nodes_test.sh: the tools on a program with two nodes, made up, and objects on their way
# home (two_nodes.c).
. "$(dirname "$0")/inspect.sh"

for backend in rseq locked; do
	UKMEM_OPTIONS="topology:64x2 reap_ms:1000000 backend:$backend" SUBJECT=two_nodes start
	near=$(told near) far=$(told far) waits=$(told waits)

	ukmem stat -o json "$pid" >"$work/json" && python3 -c '
import json, sys
data = json.load(open(sys.argv[1]))
cache = next(c for c in data["caches"] if c["name"] == "two")
near, far = cache["nodes"]
assert data["nodes"] == 2 and not cache["damaged"] and cache["steady"]
assert cache["live_objs"] == 300 + 200 - 30, cache
assert cache["alienavail"] == near["alienavail"] == 6 and far["alienavail"] == 0, cache
assert near["num_slabs"] >= 300 // cache["objperslab"], near
assert far["num_slabs"] >= 200 // cache["objperslab"], far
assert cache["num_slabs"] == near["num_slabs"] + far["num_slabs"]
assert cache["active_objs"] == cache["live_objs"] + cache["cpuavail"] + cache["sharedavail"] + 6
assert (far["num_slabs"] * cache["objperslab"] - far["free_objs"] -
        far["sharedavail"]) == 200 - 24' "$work/json"
	ok $? "$backend: stat tells the nodes apart, and what waits in alien caches"
	[ "$(ukmem stat "$pid" | awk '$1 == "two" { print $3 % $5 }')" = 0 ]
	ok $? "$backend: slabinfo has whole slabs of both"

	ukmem walk "$pid" two | sort -u >"$work/objects"
	[ "$(wc -l <"$work/objects")" = 470 ]
	ok $? "$backend: walk lists the live objects of both nodes"
	grep -qx "$near" "$work/objects" && grep -qx "$far" "$work/objects" &&
	    ! grep -qx "$waits" "$work/objects"
	ok $? "$backend: and not what is on its way home"
	ukmem object "$pid" "$waits" | grep -Eq '^state   free, waits in the alien'
	ok $? "$backend: object says where it waits"
	ukmem object "$pid" "$far" | grep -q '^state   live$'
	ok $? "$backend: an object of the other node is live"

	ukmem map -o json "$pid" | python3 -c '
import json, sys
data, caches = json.load(sys.stdin), json.load(open(sys.argv[1]))["caches"]
runs = [r for r in data["runs"] if r.get("cache") == "two"]
cache = next(c for c in caches if c["name"] == "two")
assert len(runs) == cache["num_slabs"] and not data["damaged"]
assert sum(r["active_objs"] for r in runs) == cache["active_objs"]
for address in sys.argv[2:]:
    assert any(0 <= int(address, 16) - int(r["address"], 16) < 4096 * r["pages"]
               for r in runs), address' "$work/json" "$near" "$far"
	ok $? "$backend: map has the slabs of both nodes"

	ukmem leaks -o json "$pid" >"$work/leaks"
	python3 -c '
import json, sys
lost = json.load(open(sys.argv[1]))["lost"]
assert [(g["cache"], g["objects"], g["bytes"]) for g in lost] == [("two", 7, 1400)], lost' \
	    "$work/leaks"
	ok $? "$backend: leaks finds what was lost on the other node, and nothing that waits"
	ukmem top -b -n 1 "$pid" | awk '$NF == "two" { found = $1 == 470 && $2 >= 6 }
		/64 CPUs, 2 nodes/ { nodes = 1 } END { exit !(found && nodes) }'
	ok $? "$backend: top counts both"
done
exit $failed
