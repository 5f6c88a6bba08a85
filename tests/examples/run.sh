#!/bin/bash
# run.sh: examples/ are built as a user would, and do what they say.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-gcc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
export LD_LIBRARY_PATH=$BUILD

# example NAME LINE [LIBRARY]: it builds without a warning, prints LINE and ends well, on
# each back-end and profile.
example() {
	local name=$1 line=$2 library=$3 words
	if [ -n "$library" ] && ! pkg-config --exists "$library"; then
		echo "skipped examples/$name: no $library"
		return
	fi
	# shellcheck disable=SC2046
	if ! $CC -g -O2 -Wall -Wextra -Werror -Iinclude "examples/$name.c" -o "$work/$name" -L"$BUILD" -lukmem \
	    $([ -n "$library" ] && pkg-config --cflags --libs "$library") 2>"$work/err"; then
		echo "FAILED examples/$name: it does not build: $(head -n 1 "$work/err")"
		failed=$((failed + 1))
		return
	fi
	for words in profile:fast profile:slab 'profile:fast backend:locked'; do
		if UKMEM_OPTIONS=$words timeout 300 "$work/$name" >"$work/out" 2>"$work/err" &&
		    grep -qFx "$line" "$work/out"; then
			echo "ok examples/$name $words"
			passed=$((passed + 1))
		else
			echo "FAILED examples/$name $words: $(tail -n 1 "$work/out" "$work/err" | tr '\n' ' ')"
			failed=$((failed + 1))
		fi
	done
}

example shared '10000 of 10000 orders answered by another process, 0 bytes in use afterwards'
example dpdk '4000 of 4000 objects in DPDK'\''s memory, 0 bytes in use afterwards' libdpdk
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
