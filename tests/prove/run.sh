#!/bin/bash
# Runs every proof of this directory, one line each; stops at the first failure.
# Exit status: 0 proved, 1 something is wrong, 2 spin or z3 is not installed.
# CC and BUILD may be set as for make.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
mkdir -p "${BUILD:-build}/prove"
out=$(cd "${BUILD:-build}/prove" && pwd)
cc=${CC:-gcc}

for tool in spin z3; do
	if ! command -v $tool >/dev/null; then
		echo "prove: $tool is not installed (Debian: apt install spin z3)" >&2
		exit 2
	fi
done

fail()
{
	echo "prove: FAILED: $*" >&2
	exit 1
}

# The number that stands before a word in what pan says.
pan_number()
{
	awk -v word="$1" '{ for (i = 2; i <= NF; i++) if ($i == word) print $(i - 1) }' "$2" | head -1
}

# model NAME DEPTH [-D...]: searches arrays.pml, in a directory of its own;
# what pan says is left in $out/NAME/pan.out.
# -DNOREDUCE, as partial order reduction does not go with `provided`.
model()
{
	local name=$1 depth=$2
	shift 2
	mkdir -p "$out/$name"
	(
		cd "$out/$name" &&
		rm -f ./pan ./pan.* ./*.trail &&
		spin "$@" -a "$here/arrays.pml" >spin.out 2>&1 &&
		"$cc" -w -O2 -DSAFETY -DNOREDUCE -DCOLLAPSE -DMEMLIM=6000 -o pan pan.c &&
		./pan -m"$depth" -w25 >pan.out 2>&1
	) || fail "$name: the model could not be built or run, see $out/$name"
}

# The whole search: no error, and nothing left out for want of depth or memory.
started=$SECONDS
model arrays 24000000
report=$out/arrays/pan.out
grep -q 'errors: 0' "$report" || fail "arrays.pml: $(grep -m1 'pan:1' "$report")"
if grep -qE 'depth too small|out of memory|MEMLIM bound' "$report"; then
	fail "arrays.pml: the search was cut short, see $report"
fi
echo "arrays.pml: $(pan_number 'states,' "$report") states, all visited, no error ($((SECONDS - started)) s)"

# Each broken variant must be found out. Any depth will do for that.
for mutant in NO_FENCE FREED_BEFORE_FENCE ABORT_NOT_TIED SLOT_LOADED_BEFORE \
		TAKE_COMMITS_FIRST PUT_COMMITS_FIRST OWNER_SWAP LOCK_ONLY; do
	started=$SECONDS
	model $mutant 100000 -DBROKEN -D$mutant
	report=$out/$mutant/pan.out
	grep -q 'errors: 1' "$report" || fail "arrays.pml with $mutant: no error was found"
	echo "arrays.pml with $mutant: error found, as it must be, after" \
		"$(pan_number 'states,' "$report") states:" \
		"$(sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' "$report")"
done

"$cc" -std=c11 -O2 -Wall -Wextra -I "$root/src" -o "$out/reciprocal" "$here/reciprocal.c"
"$out/reciprocal" || fail "reciprocal.c"

# Every line that says which answer is wanted is followed by that answer.
started=$SECONDS
z3 -T:120 "$here/geometry.smt2" >"$out/geometry.out" || true
awk '
	/^want / { wanted = $2; sub(":", "", wanted); claim = $0; claims++; next }
	$0 == wanted { answers++; if (wanted == "sat") controls++; wanted = ""; next }
	{ print claim " -- but z3 says " $0; wrong = 1; exit }
	END {
		if (wrong || answers != claims || claims == 0)
			exit 1
		printf "geometry.smt2: %d claims proved, %d wrong ones refuted", answers - controls, controls
	}
' "$out/geometry.out" || fail "geometry.smt2, see $out/geometry.out"
echo " ($((SECONDS - started)) s)"
