#!/bin/bash
# names_test.sh: caches of any name: what the tools show has no blank and no line break in it,
# and can be given back. The subject's caches of odd names have 1, 2, 3 ... objects.
. "$(dirname "$0")/inspect.sh"

longest=$(printf 'l%.0s' {1..191})

# tunables NAME: the limit, batchcount and shared of the table's line.
tunables() { ukmem stat "$pid" | awk -v name="$1" '$1 == name { print $9, $10, $11 }'; }

UKMEM_OPTIONS=reap_ms:100 start named churn

# ---- What is shown ------------------------------------------------------------------

told_slabinfo | awk 'NR > 2 && NF != 16 { bad = 1 } END { exit bad || NR < 30 }'
ok $? "a program's own table has a cache a line, whatever they are called"
told_slabinfo | awk '{ print $1 }' >"$work/own"
ukmem stat "$pid" >"$work/stat" && awk '{ print $1 }' "$work/stat" | cmp -s - "$work/own"
ok $? "ukmem stat shows the same names"
for name in 'gr????e?[2J' 'a?b?c?d' x - 'twin?1' "$longest"; do
	grep -qxF -- "$name" "$work/own"
	ok $? "one of them is ${name:0:20}"
done
ukmem stat -o json "$pid" | python3 -c '
import json, sys
known = [line.rstrip("\n") for line in open(sys.argv[1])][2:]
data = json.load(sys.stdin)
assert [cache["name"] for cache in data["caches"]] == known and not data["damaged"]' "$work/own"
ok $? "and json has them"
ukmem stat -o openmetrics "$pid" | grep -q '^ukmem_cache_live_objects{cache="a?b?c?d".*} 2$'
ok $? "openmetrics, too"
ukmem top -b -n 1 "$pid" | awk 'rows && NF && NF != 10 && $NF != "*" { bad = 1 } / NAME$/ { rows = 1 }
	$10 == "a?b?c?d" && $1 == 2 { seen = 1 } END { exit bad || !seen }'
ok $? "and top"

# ---- What is given back -------------------------------------------------------------

# is_walked NAME NUMBER: as many live objects are found.
is_walked() { [ "$(ukmem walk -- "$pid" "$1" | wc -l)" = "$2" ] && [ ! -s "$work/err" ]; }
is_walked 'gr????e?[2J' 1 && is_walked $'gr\303\266\303\237e\033[2J' 1
ok $? "walk takes a name as it is shown, and as it is"
is_walked 'a?b?c?d' 2 && is_walked $'a b\tc\nd' 2
ok $? "also with blanks and line breaks"
is_walked x 3 && is_walked - 4 && is_walked "$longest" 7
ok $? "and the shortest and the longest there can be"
ukmem map "$pid" $'a b\tc\nd' | grep -q '^a?b?c?d: 1 slabs of '
ok $? "map, too"
ukmem object "$pid" "$(ukmem walk "$pid" 'a?b?c?d' | head -n 1)" | grep -q '^cache   a?b?c?d (508 bytes'
ok $? "object says the name in one line"

limit=10
for name in 'gr????e?[2J' $'gr\303\266\303\237e\033[2J' 'a?b?c?d' $'a b\tc\nd' x - "$longest"; do
	shown=$(LC_ALL=C tr -c '!-~' '?' < <(printf '%s' "$name"))
	limit=$((limit + 1))
	ukmem tune "$pid" "$name" $limit 5 1 && [ "$(tunables "$shown")" = "$limit 5 1" ]
	ok $? "tune takes ${shown:0:20}$([ "$name" = "$shown" ] || echo ', as it is')"
done
ukmem shrink "$pid" 'gr????e?[2J' && ukmem shrink "$pid" $'a b\tc\nd' && ukmem shrink "$pid" "$longest"
ok $? "shrink takes such names"
refuses 'no cache "??"' tune "$pid" $'\303\266' 10 5 1
refuses 'no cache "l' shrink "$pid" "${longest}l"

# ---- Two that look alike ------------------------------------------------------------

refuses 'has 2 caches that are shown as "twin?1"' tune "$pid" 'twin?1' 9 4 1
refuses 'has 2 caches that are shown as "twin?1"' shrink "$pid" $'twin\t1'
[ "$(tunables 'twin?1' | sort -u)" = "54 27 $([ "$(nproc)" = 1 ] && echo 0 || echo 8)" ]
ok $? "which changed neither"
[ "$(ukmem walk "$pid" 'twin?1' | wc -l)" = 6 ] &&
    grep -q 'has 2 caches that are shown as "twin?1"; this is about the newest' "$work/err"
ok $? "walk lists the newest, and says so"
exit $failed
