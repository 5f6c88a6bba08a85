#!/bin/bash
# run.sh [BYTES...]: what checks, sampling and hardening cost. Prints the table of docs/debugging.md.
#
# ns of processor time a pair (the least of five runs) and KiB for 100,000 live objects; memcheck once, since
# it is slow and steady.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
${CC:-cc} -O2 -g -fno-builtin -Iinclude bench/checks/pair.c "$BUILD/libukmem.a" -o "$BUILD/bench-checks" || exit 1

# best OPTIONS WORDS...: the fastest of five.
best() {
	local options=$1
	shift
	for _ in 1 2 3 4 5; do UKMEM_OPTIONS=$options "$BUILD/bench-checks" "$@"; done | sort -n | head -n 1
}

echo '| bytes | mode | ns a pair | KiB for 100,000 |'
echo '|---|---|---|---|'
for bytes in ${*:-64 256 1024}; do
	row() { echo "| $bytes | $1 | ${2% *} | ${2#* } |"; }
	row plain "$(best '' cache $bytes 2000000 100000)"
	row 'sample:on' "$(best 'sample:on' cache $bytes 2000000 100000)"
	row 'debug:F' "$(best 'debug:F' cache $bytes 500000 100000)"
	row 'debug:FZP' "$(best 'debug:FZP' cache $bytes 500000 100000)"
	row 'debug:FZPU' "$(best 'debug:FZPU' cache $bytes 500000 100000)"
	row 'init_on_alloc:on' "$(best 'init_on_alloc:on' cache $bytes 500000 100000)"
	command -v valgrind >/dev/null || continue
	row 'malloc' "$("$BUILD/bench-checks" malloc $bytes 2000000 100000)"
	row 'malloc, memcheck' "$(valgrind -q "$BUILD/bench-checks" malloc $bytes 100000 100000 2>/dev/null)"
done
