#!/bin/bash
# radix_tree.sh: Linux's tests of its trees (tools/testing/radix-tree), unchanged, with
# ukmem in place of the slab stand-in that comes with them.
#
# Of Linux 6.1 xarray, idr-test, multiorder and main must pass. maple of Debian's 6.1.192
# stops in one of its own checks (next_prev_test) whatever allocates; so it is run with
# the stand-in too, and must get exactly as far. Of Linux 6.12 all five must pass.
#
# Variables: BUILD, KERNEL_SOURCE (the tar file; default that of package linux-source-6.1).
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
repository=$PWD
work=$build/kernel-code
mkdir -p "$work"
. tests/kernel/debian.sh

# ---- Build ------------------------------------------------------------------------------

# unpack TAR TREE FOLDER...: what the tests need of it, in $work/TREE.
unpack() {
	local tree=$2
	[ -d "$work/$tree" ] ||
	    tar -C "$work" -xf "$1" "${@:3}" "$tree/tools/testing/radix-tree" "$tree/tools/include" \
		"$tree/tools/lib" "$tree/tools/arch" "$tree/lib" "$tree/include" \
		"$tree/arch/x86/include"
}

# The stable tree's test uses "fallthrough" without the header that has it.
flags="-I. -I../../include -g -Og -w -D_LGPL_SOURCE -fsanitize=address,undefined \
    -Dfallthrough='__attribute__((__fallthrough__))'"
with_ukmem="-DUKMEM_TESTING -I$repository/include/compat -I$repository/include"
ukmem="-lpthread -lurcu $build/libukmem-testing.a $build/libukmem.a"

# make_tests TREE COPY FLAGS WORD...: in a copy of the tree.
make_tests() {
	rm -rf "${work:?}/$2" && cp -r "$work/$1" "$work/$2" &&
	    make -s -j2 -C "$work/$2/tools/testing/radix-tree" LDFLAGS=-fsanitize=address,undefined \
		CFLAGS="$3 $flags" "${@:4}" >"$work/$2.log" 2>&1
}

make_6_1() {
	unpack "$1" linux-source-6.1 &&
	    make_tests linux-source-6.1 ours "$with_ukmem" LDLIBS="$ukmem" \
		CORE_OFILES="xarray.o radix-tree.o idr.o test.o find_bit.o bitmap.o maple.o" &&
	    make_tests linux-source-6.1 theirs "" maple
}

make_6_12() {
	unpack "$work/package-6.12/usr/src/linux-source-6.12.tar.xz" linux-source-6.12 \
	    linux-source-6.12/tools/testing/shared &&
	    make_tests linux-source-6.12 ours-6.12 \
		"$with_ukmem -I../shared -I../../arch/x86/include -I../../../lib" LDLIBS="$ukmem" \
		SHARED_OFILES="xarray-shared.o radix-tree.o idr.o find_bit.o bitmap.o hweight.o vsprintf.o"
}

# ---- Run --------------------------------------------------------------------------------

ulimit -c 0

# run COPY NAME: what it says in COPY-NAME.out; how it ended in .status.
run() {
	(timeout 1200 "$work/$1/tools/testing/radix-tree/$2" >"$work/$1-$2.out" 2>&1
	echo $? >"$work/$1-$2.status") 2>/dev/null      # the shell tells of aborts
}

passes() {
	local status
	status=$(cat "$work/$1-$2.status")
	verdict "radix-tree/$3$2" "$status" "status $status, see $work/$1-$2.out"
	grep -a 'tests passed$' "$work/$1-$2.out" | sed 's/^/    /'
}

# Where maple of 6.1 ends: its last complaint and last summary, without addresses.
ending() {
	run "$1" maple
	echo "status $(cat "$work/$1-maple.status")"
	grep -a 'BUG at\|^ *seq test\|check_rev_seq\|passed' "$work/$1-maple.out" |
	    sed 's/0x[0-9a-f]*//g'
}

# Its tests of readers count on being run soon: on a busy machine they can fail before the end.
ends_alike() {
	local try
	for try in 1 2 3; do
		ending theirs >"$work/theirs.end"
		ending ours >"$work/ours.end"
		cmp -s "$work/ours.end" "$work/theirs.end" && return
	done
	return 1
}

tar=${KERNEL_SOURCE:-/usr/src/linux-source-6.1.tar.xz}
if [ -f "$tar" ]; then
	make_6_1 "$tar"
	verdict radix-tree/builds $? "see $work/ours.log and theirs.log"
	for name in xarray idr-test multiorder main; do
		run ours $name
		passes ours $name
	done
	ends_alike
	verdict radix-tree/maple $? "it ends otherwise than with Linux's own stand-in: see $work/*.end"
	tail -n 1 "$work/ours.end" | sed 's/^/    maple, with either: /'
else
	echo "skipped radix-tree: no $tar"
fi

if binary_package linux-source-6.12 "$work/package-6.12"; then
	make_6_12
	verdict radix-tree/6.12/builds $? "see $work/ours-6.12.log"
	run ours-6.12 maple &           # the longest, minutes
	for name in xarray idr-test multiorder main; do
		run ours-6.12 $name
		passes ours-6.12 $name 6.12/
	done
	wait
	passes ours-6.12 maple 6.12/
else
	echo "skipped radix-tree/6.12: package linux-source-6.12 is not to be had"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
