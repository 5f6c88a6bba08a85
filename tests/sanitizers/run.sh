#!/bin/bash
# run.sh: what each tool says of a mistake with an object, and that it is silent of none.
#
# programs.c is built with each sanitizer and run, and run plain under Memcheck; the
# library is the one that everybody links. A tool that isn't there is passed over.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
unset ASAN_OPTIONS MSAN_OPTIONS LSAN_OPTIONS VALGRIND_OPTS

# run BUG: with the tool in question; the status is only said.
run() {
	local status
	timeout 100 "${tool[@]}" "$work/$name" "$1" >"$work/out" 2>&1
	status=$?
	echo "status $status" >>"$work/out"
}

verdict() {
	if [ "$3" = yes ]; then
		echo "ok $name: $1"
		passed=$((passed + 1))
	else
		echo "FAILED $name: $1: tests/sanitizers/run.sh: no \"$2\" in: $(head -c 400 "$work/out")"
		failed=$((failed + 1))
	fi
}

# finds BUG PATTERN...: each pattern matches in this order, and the program fails.
finds() {
	local bug=$1 text
	shift
	run "$bug"
	text=$(tr '\n' ' ' <"$work/out")
	for pattern in "$@"; do
		if [[ ! $text =~ $pattern ]]; then
			verdict "$bug" "$pattern" no
			return
		fi
		text=${text#*"${BASH_REMATCH[0]}"}
	done
	grep -q '^status 0$' "$work/out" && verdict "$bug" 'failure' no || verdict "$bug" '' yes
}

# silent BUG [WORDS]: all it says is that it ended.
silent() {
	UKMEM_OPTIONS="$UKMEM_OPTIONS $2" run "$1"
	[ "$(cat "$work/out")" = $'ended\nstatus 0' ] && verdict "$1 $2" '' yes ||
	    verdict "$1 $2" 'silence' no
}

# build NAME COMMAND...: false, with a word, where the tool isn't there.
build() {
	name=$1
	shift
	if ! command -v "$1" >/dev/null; then
		echo "skipped $name: no $1"
	elif ! echo 'int main(void) { return 0; }' | "$@" -x c - -o "$work/$name" 2>/dev/null ||
	     ! "$work/$name"; then
		echo "skipped $name: it does not work here"
	elif ! "$@" -g -Iinclude tests/sanitizers/programs.c -o "$work/$name" -L"$BUILD" -lukmem \
	    -Wl,-rpath,"$(realpath "$BUILD")"; then
		run none
		verdict build 'program' no
	else
		return 0
	fi
	return 1
}

address() {
	local poison='ERROR: AddressSanitizer: use-after-poison'
	silent none
	silent none init_on_free:on
	silent none debug:ZPU
	finds read_after_free "$poison" 'READ of size 1' 'in read_after_free'
	finds write_after_free "$poison" 'WRITE of size 1' 'in write_after_free'
	finds read_after_kfree "$poison" 'in read_after_kfree'
	finds write_past_the_end "$poison" 'in write_past_the_end'
	finds write_past_the_shrunk "$poison" 'in write_past_the_shrunk'
	finds write_before_the_start "$poison" 'in write_before_the_start'
	finds double_free 'ukmem: double free of .* cache subject'
	silent read_after_free debug:-
	leaks
}

# Only what malloc gave; a freed object keeps nothing alive.
leaks() {
	silent block_in_a_live_object
	finds block_in_a_freed_object 'ERROR: LeakSanitizer' 'leak of 1000 byte' 'block_in_a_freed_object'
}

memory() {
	local unwritten='WARNING: MemorySanitizer: use-of-uninitialized-value'
	silent none
	silent none init_on_free:on
	finds read_after_free "$unwritten" 'in read_after_free' 'marked as uninitialized' 'check_may_free' \
	    'in kmem_cache_free|in read_after_free'
	finds read_after_kfree "$unwritten" 'in read_after_kfree'
	finds read_of_fresh "$unwritten" 'in read_of_fresh' 'marked as uninitialized'
	finds read_of_grown "$unwritten" 'in read_of_grown' 'marked as uninitialized' 'in check_resize'
	silent read_after_free debug:-
}

threads() {
	local race='WARNING: ThreadSanitizer: data race'
	silent none
	silent none reap_ms:10
	silent threads
	silent threads reap_ms:1
	finds free_while_another_reads "$race" 'Write of size' 'free_beside' 'Previous read' 'read_now'
	finds write_late_of_an_rcu_object "$race" 'Write of size' 'write_late' 'Previous write' 'write_late'
	finds write_of_what_another_freed "$race" 'Write of size' 'write_late' 'Previous write' 'free_beside'
}

memcheck() {
	silent none
	silent none init_on_free:on
	silent none debug:ZPU
	finds read_after_free 'Invalid read of size 1' 'read_after_free' "5 bytes inside a block of size 64 free'd" \
	    'read_after_free' "Block was alloc'd at" 'main'
	finds write_after_free 'Invalid write of size 1' "5 bytes inside a block of size 64 free'd"
	finds read_after_kfree 'Invalid read of size 1' "0 bytes inside a block of size 18 free'd"
	finds write_past_the_end 'Invalid write of size 1' "0 bytes after a block of size 18 alloc'd"
	finds write_past_the_shrunk 'Invalid write of size 1' "2 bytes after a block of size 18 alloc'd"
	finds write_before_the_start 'Invalid write of size 1' "1 bytes before a block of size 64 alloc'd"
	finds read_of_fresh 'depends on uninitialised value' 'read_of_fresh'
	finds read_of_grown 'depends on uninitialised value' 'read_of_grown'
	finds leak_slabs '20,000 bytes in 100 blocks are definitely lost' 'leak_slabs'
	finds leak '640 bytes in 10 blocks are definitely lost' 'leak \(programs.c'
	silent read_after_free debug:-
}

if nm -D "$BUILD/libukmem.so" | grep -Eq ' U __(asan|msan|tsan)_init'; then
	echo "skipped: the library is itself built with a sanitizer"
	echo '1 passed, 0 failed'
	exit 0
fi

tool=()
build gcc-address gcc -fsanitize=address && address
build clang-address clang -fsanitize=address && address
# It turns hints of addresses into 0, where root may map.
build gcc-thread gcc -fsanitize=thread && threads
build clang-thread clang -fsanitize=thread && threads
build gcc-leak gcc -fsanitize=leak && silent block_in_a_live_object
MSAN_OPTIONS=fast_unwind_on_malloc=0
export MSAN_OPTIONS
build clang-memory clang -fsanitize=memory -fsanitize-memory-track-origins && memory
tool=(valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite
    --errors-for-leak-kinds=definite)
if ! command -v valgrind >/dev/null || ! nm "$BUILD/libukmem.so" | grep -q memcheck_freed; then
	echo "skipped memcheck: no valgrind, or the library was built without its header"
else
	build memcheck gcc && memcheck
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
