#!/bin/bash
# radix_tree.sh: Linux 6.1's tests of its trees (tools/testing/radix-tree), unchanged, with
# ukmem in place of the slab stand-in that comes with them.
#
# xarray, idr-test, multiorder and main must pass. maple of Debian's 6.1.192 stops in one of
# its own checks (next_prev_test) whatever allocates; so it is run with the stand-in too,
# and must get exactly as far.
#
# Variables: BUILD, KERNEL_SOURCE (the tar file; default that of package linux-source-6.1).
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
source=${KERNEL_SOURCE:-/usr/src/linux-source-6.1.tar.xz}
work=$build/kernel-code
tree=linux-source-6.1
passed=0 failed=0

[ -f "$source" ] || { echo "skipped radix_tree: no $source"; echo "0 passed, 0 failed"; exit 0; }

if [ ! -d "$work/$tree" ]; then
	mkdir -p "$work"
	tar -C "$work" -xf "$source" $tree/tools/testing/radix-tree $tree/tools/include \
	    $tree/tools/lib $tree/tools/arch $tree/lib $tree/include $tree/arch/x86/include || exit 1
fi

# The stable tree's test uses this word without the header that has it.
flags="-I. -I../../include -g -Og -w -D_LGPL_SOURCE -fsanitize=address,undefined \
    -Dfallthrough='__attribute__((__fallthrough__))'"

# make_tests FLAGS VARIABLE=... : in a copy of the tree for each allocator.
make_tests() {
	make -s -j2 LDFLAGS=-fsanitize=address,undefined CFLAGS="$1 $flags" "${@:2}"
}

rm -rf "$work/ours" "$work/theirs"
cp -r "$work/$tree" "$work/ours" && cp -r "$work/$tree" "$work/theirs" || exit 1
repository=$PWD
(cd "$work/ours/tools/testing/radix-tree" && make_tests \
    "-DUKMEM_TESTING -I$repository/include/compat -I$repository/include" \
    CORE_OFILES="xarray.o radix-tree.o idr.o test.o find_bit.o bitmap.o maple.o" \
    LDLIBS="-lpthread -lurcu $build/libukmem-testing.a $build/libukmem.a") || exit 1
(cd "$work/theirs/tools/testing/radix-tree" && make_tests "" maple) || exit 1

verdict() {
	if [ "$2" = 0 ]; then
		echo "ok $1"
		passed=$((passed + 1))
	else
		echo "FAILED $1: tests/kernel/radix_tree.sh: $3"
		failed=$((failed + 1))
	fi
}

cd "$work" || exit 1
ulimit -c 0
for name in xarray idr-test multiorder main; do
	timeout 600 "ours/tools/testing/radix-tree/$name" >"$name.out" 2>&1
	status=$?
	verdict "radix-tree/$name" $status "status $status, see $work/$name.out"
done

# Where maple ends: its last complaint and last summary, without addresses.
ending() {
	timeout 600 "$1/tools/testing/radix-tree/maple" >"$1.out" 2>&1
	echo "status $?"
	grep -a 'BUG at\|^ *seq test\|check_rev_seq\|passed' "$1.out" | sed 's/0x[0-9a-f]*//g'
}
ending theirs >theirs.end
ending ours >ours.end
cmp -s ours.end theirs.end
verdict radix-tree/maple $? "it ends otherwise than with Linux's own stand-in: see $work/*.end"
tail -n 1 ours.end | sed 's/^/    maple, with either: /'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
