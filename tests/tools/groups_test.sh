#!/bin/bash
# groups_test.sh: accounting groups, seen from outside.
. "$(dirname "$0")/inspect.sh"

SUBJECT=grouped start
ukmem stat -o groups "$pid" | tr -s ' ' >"$work/groups"
diff - <(sed 's/^ //' "$work/groups" | awk '$4 ~ /^[0-9]+$/ { $3 = "peak" } { print }') <<'TABLE'
USAGE LIMIT PEAK REFUSED GROUP
23040 - peak 0 top
10240 10 of kmalloc-cg-1k
7680 30 of letters
5120 5120 peak 1 top/mail
5120 20 of letters
TABLE
ok $? "the table has each group, and what of each cache it pays for"

ukmem stat -o json "$pid" | python3 -c '
import json, sys
top, mail = json.load(sys.stdin)["groups"]
assert top["name"] == "top" and top["parent"] is None and top["limit_bytes"] is None, top
assert top["usage_bytes"] == 23040 and top["counted_bytes"] >= 23040, top
assert {c["name"]: (c["objs"], c["usage_bytes"]) for c in top["caches"]} == {
    "letters": (30, 7680), "kmalloc-cg-1k": (10, 10240)}, top
assert mail["name"] == "top/mail" and mail["parent"] == "top", mail
assert mail["limit_bytes"] == mail["usage_bytes"] == 5120 and mail["refusals"] == 1, mail'
ok $? "json has the same"

ukmem stat -o openmetrics "$pid" >"$work/metrics"
grep -qx 'ukmem_group_usage_bytes{group="top"} 23040' "$work/metrics" &&
    grep -qx 'ukmem_group_limit_bytes{group="top/mail"} 5120' "$work/metrics" &&
    grep -qx 'ukmem_group_refusals_total{group="top/mail"} 1' "$work/metrics" &&
    grep -qx 'ukmem_group_cache_usage_bytes{group="top",cache="letters"} 7680' "$work/metrics" &&
    [ "$(tail -n 1 "$work/metrics")" = '# EOF' ]
ok $? "openmetrics has the same"
if has promtool "promtool"; then
	sed '/^#/!s/$/ 1700000000/' "$work/metrics" >"$work/timed"
	promtool tsdb create-blocks-from openmetrics "$work/timed" "$work/tsdb" >/dev/null 2>"$work/err"
	ok $? "promtool reads it as OpenMetrics"
fi

start
ukmem stat -o json "$pid" | python3 -c 'import json, sys; assert "groups" not in json.load(sys.stdin)'
ok $? "a program without groups has none"
[ "$(ukmem stat -o groups "$pid" | wc -l)" = 1 ]
ok $? "and its table is empty"
exit $failed
