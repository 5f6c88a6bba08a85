#!/bin/bash
# leaks_test.sh: ukmem leaks finds what leaker.c lost, all of it and nothing else.
. "$(dirname "$0")/inspect.sh"

# lost: "cache objects bytes" of each group of the JSON in $work/json.
lost() {
	python3 -c 'import json, sys
data = json.load(open(sys.argv[1]))
for group in sorted(data["lost"], key=lambda g: g["cache"]):
    print(group["cache"], group["objects"], group["bytes"])
assert data["lost_objects"] == sum(g["objects"] for g in data["lost"])
assert data["lost_bytes"] == sum(g["bytes"] for g in data["lost"])' "$work/json"
}
cat >"$work/known" <<-END
	kmalloc-128k 1 131072
	lost 25 2400
	ringed 7 448
END

SUBJECT=leaker start
ukmem leaks -o json "$pid" >"$work/json"
[ $? = 1 ] && [ ! -s "$work/err" ]
ok $? "leaks ends with status 1 where something is lost"
lost | diff - "$work/known" >"$work/diff"
ok $? "leaks finds what was lost, rings too, and nothing that a pointer leads to"
cat "$work/diff"
ukmem leaks "$pid" >"$work/text"
grep -q '^33 of [0-9]* objects are lost, 133920 bytes$' "$work/text" &&
    grep -Eq '^ +25 +2400  lost +0x[0-9a-f]+$' "$work/text"
ok $? "leaks prints the same as text"
example=$(awk '$3 == "lost" { print $4 }' "$work/text")
ukmem object "$pid" "$example" | grep -q '^cache   lost '
ok $? "the address it names is an object of that cache"
grep -q '^State:.*[SR] (' "/proc/$pid/status" && grep -q '^TracerPid:.0$' "/proc/$pid/status"
ok $? "the process goes on afterwards, untraced"
ukmem leaks --running -o json "$pid" >"$work/json"
[ $? = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -q 'runs while it is read' "$work/err"
ok $? "a running process is read with a warning"
lost | diff - "$work/known" >/dev/null
ok $? "one that only waits has the same leaks as a stopped one"

SUBJECT=leaker start sound
ukmem leaks "$pid" >"$work/text"
ok $? "leaks ends with status 0 where nothing is lost"
grep -q '^0 of 7[0-9] objects are lost, 0 bytes$' "$work/text"
ok $? "a sound program has lost nothing"

UKMEM_OPTIONS=debug:U SUBJECT=leaker start
ukmem leaks -o json "$pid" >"$work/json"
lost | diff - "$work/known" >/dev/null
ok $? "with owners tracked the same is lost; quarantine and stale addresses hold nothing"
python3 -c 'import json, sys
stacks = {g["cache"]: g["stack"] for g in json.load(open(sys.argv[1]))["lost"]}
assert "lose_some" in stacks["lost"] and stacks["lost"][-1] == "_start", stacks
assert "lose_ring" in stacks["ringed"], stacks' "$work/json"
ok $? "and the stacks that allocated it are named"

ukmem object "$pid" "$(python3 -c 'import json, sys
print(next(g["example"] for g in json.load(open(sys.argv[1]))["lost"] if g["cache"] == "lost"))' \
    "$work/json")" >"$work/text"
grep -q '^state   live$' "$work/text" && grep -q "^allocated by thread $pid$" "$work/text" &&
    grep -q '^ *lose_some$' "$work/text" && ! grep -q '^freed' "$work/text"
ok $? "object tells who allocated it"
held=$(sed -n 's/^freed //p' "$work/told")
ukmem object "$pid" "$held" >"$work/text"
grep -q '^state   free, waits in the quarantine$' "$work/text" &&
    grep -A 4 '^freed by thread' "$work/text" | grep -q '^ *free_some$'
ok $? "object tells that it waits in quarantine, and who freed it"
ukmem object -o json "$pid" "$held" | python3 -c 'import json, sys
data = json.load(sys.stdin)
assert data["waits_in"] == "quarantine", data
assert "free_some" in data["freed"]["stack"] and "free_some" in data["allocated"]["stack"], data'
ok $? "and so in json"

cat >"$work/ending.c" <<-END
	#include <ukmem/slab.h>
	void *kept;
	static __attribute__((noinline)) void lose(struct kmem_cache *cache)
	{
		for (int i = 0; i < 9; i++)
			*(void *volatile *)kmem_cache_alloc(cache, GFP_KERNEL) = 0;
	}
	static __attribute__((noinline)) void wipe(void)
	{
		volatile char stack[4096] = { 0 };
		(void)stack[0];
	}
	int main(int argc, char **argv)
	{
		struct kmem_cache *cache = kmem_cache_create("ending", 100, 0, 0, 0);
		if (argc == 1)
			lose(cache);
		kept = kmem_cache_alloc(cache, GFP_KERNEL);
		wipe();
		return argc > 1 && argv[1][0] == '3' ? 3 : 0;
	}
END
${CC:-cc} -O1 -g -Iinclude "$work/ending.c" -o "$work/ending" -L"$BUILD" -lukmem -Wl,-rpath,"$(realpath "$BUILD")"
UKMEM_OPTIONS=debug:U ukmem leaks --at-exit -o json -- "$work/ending" >"$work/json"
[ $? = 1 ] && [ "$(lost)" = "ending 9 900" ] && grep -q '"lose"' "$work/json"
ok $? "--at-exit runs a program and finds what it has lost by then, by the stack"
ukmem leaks -x -- "$work/ending" fine >"$work/text"
ok $? "and nothing where all is kept"
ukmem leaks -x -- "$work/ending" 3 >"$work/text"
[ $? = 0 ] && grep -q 'ended with status 3$' "$work/err"
ok $? "how the program ended is said"
ukmem leaks -x -- /nowhere/program >"$work/text"
[ $? = 2 ] && grep -q '^ukmem: /nowhere/program: No such file' "$work/err"
ok $? "a program that is not there is refused with a word"

UKMEM_OPTIONS=leaks:yes "$BUILD/tests/tools/leaker" </dev/null >/dev/null 2>"$work/text"
grep -q 'leaks: lost: 25 objects are still out, 2400 bytes$' "$work/text" &&
    grep -q 'leaks: chained: 40 objects' "$work/text" && ! grep -q ' freed:' "$work/text"
ok $? "leaks:yes tells at exit which caches have objects out, arrays not counted"
UKMEM_OPTIONS='leaks:yes debug:FZPU' "$BUILD/tests/tools/leaker" </dev/null 2>&1 >/dev/null |
    grep leaks: | diff - "$work/text" >/dev/null
ok $? "and with checks the same"
[ -z "$("$BUILD/tests/tools/leaker" </dev/null 2>&1 >/dev/null)" ]
ok $? "without it nothing is printed"

refuses 'one of text, json' leaks -o html "$pid"
refuses 'one PID or core' leaks
refuses 'not one of mine' leaks --stop "$pid"

if has zstd "a core of an older version"; then
	sample_core
	ukmem leaks "$work/core" >"$work/text"
	# Its compiler dropped the table of the large ones, which nobody read.
	[ $? = 1 ] && grep -q '^50 of 750 objects are lost' "$work/text" &&
	    [ "$(awk 'NR > 2 { print $1, $3 }' "$work/text")" = "50 subject-large" ]
	ok $? "a core of an older version is searched"
fi
leaker=$(realpath "$BUILD/tests/tools/leaker")
rm -f "$work"/core*
(cd "$work" && ulimit -c unlimited && UKMEM_OPTIONS=debug:U "$leaker" core >/dev/null 2>&1) 2>/dev/null
core=$(ls "$work"/core* 2>/dev/null)
if [ -n "$core" ]; then
	ukmem leaks -o json "$core" >"$work/json"
	[ $? = 1 ] && lost | diff - "$work/known" >"$work/diff"
	ok $? "a core has the same leaks"
	cat "$work/diff"
	"$BUILD/tests/tools/core_fuzz" "$core" "${FUZZ_IMAGES:-1000}" 7 "$example" >"$work/report" \
	    2>"$work/fuzz.err" && grep -q 'no crash, no hang' "$work/report"
	ok $? "broken ones, with owners: $(tail -n 1 "$work/report")"
else
	echo "skipped a core's leaks: the kernel writes cores elsewhere"
fi
refuses 'true does not use ukmem' leaks --at-exit -- /bin/true
ukmem leaks --at-exit -- "$BUILD/ukmem" run -- ls / >"$work/out" && grep -q 'objects are lost' "$work/out"
ok $? "a program that nobody linked with ukmem is looked into at its end, on the drop-in"
exit $failed
