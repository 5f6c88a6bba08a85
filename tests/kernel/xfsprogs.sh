#!/bin/bash
# xfsprogs.sh: Debian's xfsprogs, whose libxfs is the kernel's XFS in user space, with ukmem
# behind its kmem calls (tests/kernel/xfsprogs/kmem.h in place of include/kmem.h and
# libxfs/kmem.c).
#
# Images that it makes, checks, looks into and repairs are compared with what the stock
# programs of the same version do: every byte and every line must be the same.
#
# One line of it is changed: libxfs/init.c gives to kmem_free what malloc made, which
# ukmem reports.
#
# Variables: BUILD.
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
repository=$PWD
work=$build/kernel-code
mkdir -p "$work"
. tests/kernel/debian.sh

source_package xfsprogs "$work/xfsprogs" || skip "xfsprogs: its source is not to be had"
binary_package xfsprogs "$work/xfsprogs-stock" || skip "xfsprogs: its package is not to be had"

# ---- Build -----------------------------------------------------------------------------

build_ours() {
	rm -rf "$work/xfs"
	cp -r "$work/xfsprogs" "$work/xfs" && cd "$work/xfs" &&
	    cp "$repository/tests/kernel/xfsprogs/kmem.h" include/kmem.h &&
	    cp "$repository/tests/kernel/xfsprogs/kmem.c" libxfs/kmem.c &&
	    sed -i 's/btp = malloc(sizeof(\*btp))/btp = kmem_alloc(sizeof(*btp), 0)/' libxfs/init.c &&
	    ./configure --disable-gettext --disable-scrub \
		CFLAGS="-O1 -I$repository/include" &&
	    make -j2 headers && make -j2 MALLOCLIB="$build/libukmem.a -lpthread" mkfs repair db
}
(build_ours) >"$work/xfs.log" 2>&1
verdict "xfsprogs/builds" $? "see $work/xfs.log"
[ $failed = 0 ] || exit 1
cc -shared -fPIC -O1 tests/kernel/frozen_clock.c -o "$work/frozen_clock.so" || exit 1

# ---- Compare ----------------------------------------------------------------------------

MKFS=0 DB=1 REPAIR=2
ours=("$work/xfs/mkfs/mkfs.xfs" "$work/xfs/db/xfs_db" "$work/xfs/repair/xfs_repair")
them=("$work/xfsprogs-stock/sbin/mkfs.xfs" "$work/xfsprogs-stock/usr/sbin/xfs_db"
    "$work/xfsprogs-stock/sbin/xfs_repair")
cd "$work" || exit 1

# A protofile: folders of xfsprogs, files, links, a folder of 3000 names.
make_proto() {
	echo "/dev/null"
	echo "0 0"
	echo "d--755 0 0"
	for folder in libxfs man include; do
		(cd "$work/xfsprogs" && describe "$folder" 0)
	done
	echo "many d--755 0 0"
	seq -f 'a_name_of_some_length_%g l--777 0 0 nowhere' 1 3000
	echo '$'
	echo '$'
}
describe() {
	echo "${1##*/} d--755 $2 0"
	local entry
	for entry in "$1"/*; do
		if [ -L "$entry" ]; then
			echo "${entry##*/} l--777 0 0 $(readlink "$entry")"
		elif [ -d "$entry" ]; then
			describe "$entry" $(($2 + 1))
		elif [ -f "$entry" ]; then
			echo "${entry##*/} ---644 $2 7 $work/xfsprogs/$entry"
		fi
	done
	echo '$'
}
make_proto >proto

# with WHOSE NUMBER WORD...: run that program of theirs on WHOSE.img; what it says in
# WHOSE.out, without names and addresses. Repair has a thread for each allocation group, and
# they interrupt one another: its words are sorted.
with() {
	local whose=$1 number=$2 status
	shift 2
	local -n programs=$whose
	LD_PRELOAD=$work/frozen_clock.so timeout 600 "${programs[number]}" "$@" "$whose.img" \
	    >"$whose.raw" 2>&1
	status=$?
	{
		echo "status $status"
		sed "s|$whose\.img|IMAGE|g; s|detected at 0x[0-9a-f]*|detected|; s|^[0-9a-f]*: Bad|Bad|
		    s|^[^ ]*/\(xfs_[a-z]*\|mkfs.xfs\):|\1:|" "$whose.raw" |
		    if [ "$number" = $REPAIR ]; then grep -oE '[a-z]+|[A-Z]+|[0-9]+' | LC_ALL=C sort; else cat; fi
	} >"$whose.out"
}

# both NAME NUMBER WORD...: the same from both, the images too.
both() {
	local name=$1
	shift
	with ours "$@"
	with them "$@"
	cmp -s ours.out them.out && cmp -s ours.img them.img
	verdict "xfsprogs/$name" $? "$(diff ours.out them.out | head -n 3 | tr '\n' ' ') ($1)"
}

look=(-r -c 'sb 0' -c p -c 'agf 0' -c p -c 'agi 0' -c p -c freesp -c frag -c 'inode 128' -c p
    -c 'blockget -n' -c ncheck -c blockuse)

# round NAME WORD...: one file system's life, mkfs being told WORDs.
round() {
	local name=$1
	shift
	rm -f ours.img them.img
	truncate -s 400M ours.img them.img
	both "mkfs $name" $MKFS -f -p proto -m uuid=12345678-1234-1234-1234-123456789abc "$@"
	grep -q '^status 0' ours.out
	verdict "xfsprogs/mkfs makes $name" $? "$(tail -n 1 ours.raw)"
	both "db $name" $DB "${look[@]}"
	both "repair -n $name" $REPAIR -n -P
	grep -q '^status 0' ours.out
	verdict "xfsprogs/repair finds nothing in $name" $? "$(tail -n 1 ours.raw)"
	both "trash $name" $DB -x -c 'blockget -n' -c 'blocktrash -s 7 -n 40 -x 1 -y 64'
	both "repair -n, trashed, $name" $REPAIR -n -P
	both "repair, trashed, $name" $REPAIR -P -L
	both "db, repaired, $name" $DB "${look[@]}"
	both "repair -n, repaired, $name" $REPAIR -n -P
}

round "v5"
round "v5 with reverse maps and reflink" -m rmapbt=1,reflink=1 -i sparse=1
round "v4" -m crc=0
round "blocks of 1 KiB" -b size=1024 -n size=4096

# Red zones, poison, and libxfs's own count of what it leaves.
rm -f ours.img them.img
truncate -s 400M ours.img them.img
export UKMEM_OPTIONS="slab_nomerge debug:FZP"
both "mkfs with checks" $MKFS -f -p proto -m uuid=12345678-1234-1234-1234-123456789abc
both "repair with checks" $REPAIR -P
LIBXFS_LEAK_CHECK=1 with ours $DB "${look[@]}"
grep -q '^status 0' ours.out && ! grep -q '^ukmem:' ours.out
verdict "xfsprogs/db leaves nothing in its caches" $? "$(tail -n 1 ours.raw)"
rm -f ours.img them.img
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
