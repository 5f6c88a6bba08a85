#!/bin/bash
# glibc.sh [WORD...]: glibc's own malloc tests, built outside of its tree, on the drop-in.
#
# Sources: the Debian package glibc-source. WORDs choose tests. The fork tests run
# FORK_ROUNDS times (default 3). Variables: BUILD, GLIBC_TARBALL, WITHOUT=1 (run on
# glibc's malloc, to see what the tests themselves do here).
# Tests of glibc's internals are listed below with the reason; they run too, and what they
# do is told, but it does not count.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-gcc} FORK_ROUNDS=${FORK_ROUNDS:-3}
library=$PWD/$BUILD/libukmem-malloc.so
[ -z "$WITHOUT" ] || library=
work=$BUILD/programs/glibc
shim=$PWD/tests/programs/glibc
tarball=${GLIBC_TARBALL:-$(ls /usr/src/glibc/glibc-*.tar.xz 2>/dev/null | head -n 1)}
passed=0 failed=0
ulimit -c 0

if [ -z "$tarball" ]; then
	echo "skipped glibc's malloc tests: no /usr/src/glibc (package glibc-source)"
	echo "0 passed, 0 failed"
	exit 0
fi

# What mistakes glibc finds, and what it says of a block's size when it checks, we find and
# say with checks. (Two of these glibc's own makefile runs with MALLOC_CHECK_=3.)
declare -A options=(
	[tst-tcfree1]=debug:FZ
	[tst-tcfree2]=debug:FZ
	[tst-malloc-backtrace]=debug:FZ
	[tst-malloc-usable]=debug:FZ
	[tst-malloc-usable-tunables]=debug:FZ
)

# What tests glibc's own inside, by reading its chunks or expecting its words.
declare -A internal=(
	[tst-safe-linking]="corrupts glibc's tcache and fastbin lists and expects its words"
	[tst-dynarray-fail]="fills the heap with two sizes and expects a third to be refused: a block of its class was free"
	[tst-mallocstate]="malloc_set_state of glibc 2.25 and older"
	[tst-compathooks-off]="needs libc_malloc_debug.so's hooks"
	[tst-compathooks-on]="needs libc_malloc_debug.so's hooks"
)

unpack() {
	[ -f "$work/malloc/tst-malloc.c" ] && return
	mkdir -p "$work" && tar xf "$tarball" -C "$work" --strip-components=1 \
	    --wildcards '*/malloc/*' '*/support/*' '*/test-skeleton.c' '*/include/*.h' \
	    '*/sysdeps/pthread/tst-malloc*' '*/sysdeps/generic/malloc-*.h' 2>/dev/null
	[ -f "$work/malloc/tst-malloc.c" ]
}

# Only these of glibc's internal headers; the rest of include/ would hide the system's.
compile() {
	$CC -std=gnu11 -w -O2 -D_GNU_SOURCE -include "$shim/shim.h" -I "$work/headers" \
	    -I "$work/support" -fno-builtin-malloc -c "$1" -o "$2" 2>>"$work/compile.log"
}

build_support() {
	local header source
	mkdir -p "$work/headers" "$work/objects" "$work/tests"
	for header in libc-diag array_length libc-pointer-arith alloc_buffer scratch_buffer \
	    intprops verify; do
		cp "$work/include/$header.h" "$work/headers/" 2>/dev/null
	done
	echo '#define TEST_COMPAT(library, first, last) 0' >"$work/headers/shlib-compat.h"
	echo >"$work/headers/config.h"
	cp "$work"/sysdeps/generic/malloc-{size,alignment}.h "$work/headers/"
	ln -sfn ../support "$work/headers/support"
	ln -sfn ../malloc "$work/headers/malloc"
	for source in "$work"/support/*.c "$work"/malloc/{alloc_buffer,dynarray,scratch}*.c; do
		compile "$source" "$work/objects/$(basename "$source" .c).o"
	done
	rm -f "$work/objects/"{test-container,shell-container,echo-container,true-container,links-dso-program*,test-run-command,tst-*}.o
	ar rcs "$work/libsupport.a" "$work"/objects/*.o
}

# The interpose tests bring a malloc of their own along.
build_test() {
	local aux=
	[ -x "$work/tests/$1" ] && return
	case $1 in tst-interpose-*)
		aux=$work/tests/aux-${1#tst-interpose-}.o
		compile "$work/malloc/tst-interpose-aux-${1#tst-interpose-}.c" "$aux" || return ;;
	esac
	compile "$2" "$work/tests/$1.o" && $CC "$work/tests/$1.o" $aux -Wl,--export-dynamic \
	    "$work/libsupport.a" -lpthread -ldl -o "$work/tests/$1" 2>>"$work/compile.log"
}

# Status 0 passed, 77 nothing to test here.
run_test() {
	UKMEM_OPTIONS="${options[$1]} $UKMEM_OPTIONS" LD_PRELOAD=$library \
	    timeout 120 "$work/tests/$1" >"$work/tests/$1.log" 2>&1
}

rounds_of() {
	case $1 in *fork*) echo "$FORK_ROUNDS" ;; *) echo 1 ;; esac
}

judge() {
	local name=$1 round status=0
	for ((round = 1; round <= $(rounds_of "$name"); round++)); do
		run_test "$name"
		status=$?
		[ $status -eq 0 ] || break
	done
	if [ $status -eq 0 ]; then
		echo "ok $name ($((round - 1))) ${options[$name]}"
		passed=$((passed + 1))
	elif [ -n "${internal[$name]}" ]; then
		echo "skipped $name: ${internal[$name]} (status $status)"
	elif [ $status -eq 77 ]; then
		echo "skipped $name: it says there is nothing to test here"
	else
		echo "FAILED $name: status $status in round $round"
		tail -n 5 "$work/tests/$name.log" | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

unpack || { echo "FAILED glibc.sh: cannot unpack $tarball"; exit 1; }
[ -f "$work/libsupport.a" ] || build_support
for source in "$work"/malloc/tst-*.c "$work"/malloc/mallocbug.c; do
	name=$(basename "$source" .c)
	case $name in *-aux* | *-skeleton | *-static-*) continue ;; esac
	[ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	if build_test "$name" "$source"; then
		judge "$name"
	else
		echo "skipped $name: does not build outside of glibc's tree"
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
