#!/bin/bash
# run.sh: what is built, installed and used as users do it.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build} CC=${CC:-gcc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check NAME FUNCTION: the function's status tells.
check() {
	if "$2" >"$work/out" 2>&1; then
		echo "ok $1"
		passed=$((passed + 1))
	else
		echo "FAILED $1: tests/misc/run.sh: $2"
		sed 's/^/    /' "$work/out" | tail -n 20
		failed=$((failed + 1))
	fi
}

# needs COMMAND NAME: without the command the check is passed over with a word.
needs() {
	command -v "$1" >/dev/null 2>&1 && return 0
	echo "skipped $2: no $1"
	return 1
}

cpp() {
	g++ -std=c++14 -Wall -Wextra -Werror -pedantic -Iinclude tests/misc/cpp.cc \
	    -o "$work/cpp" -L"$BUILD" -lukmem && LD_LIBRARY_PATH=$BUILD "$work/cpp"
}

headers() {
	local header
	for header in include/ukmem/*.h; do
		for standard in c99 c11 c17; do
			echo "#include <ukmem/$(basename "$header")>" |
			    $CC -std=$standard -pedantic -Wall -Wextra -Werror -Iinclude \
			    -fsyntax-only -x c - || return 1
		done
		echo "#include <ukmem/$(basename "$header")>" |
		    g++ -std=c++11 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c++ - ||
		    return 1
	done
}

# strict LANGUAGE STANDARD COMPILER...: its macros, used by a caller who tolerates nothing.
strict() {
	local language=$1 standard=$2 compiler
	for compiler in "${@:3}"; do
		command -v "$compiler" >/dev/null || continue
		"$compiler" -std="$standard" -O2 -pedantic -Wall -Wextra -Wshadow -Werror -Iinclude \
		    -x "$language" tests/misc/strict.c -o "$work/strict" -L"$BUILD" -lukmem &&
		    LD_LIBRARY_PATH=$BUILD "$work/strict" || return 1
	done
}

macros() {
	local standard
	for standard in c99 c11 c2x; do strict c $standard gcc clang || return 1; done
	for standard in c++11 c++14 c++20; do strict c++ $standard g++ clang++ || return 1; done
}

# Each alone, with gcc and with clang; they are GNU C, like what includes them.
compat_headers() {
	local header
	for header in $(cd include/compat && ls *.h linux/*.h linux/*/*.h); do
		for compiler in gcc clang; do
			command -v $compiler >/dev/null || continue
			echo "#include <$header>" | $compiler -std=gnu11 -Wall -Wextra -Werror \
			    -Iinclude/compat -Iinclude -fsyntax-only -x c - || return 1
		done
	done
}

# The functions that the headers declare, but those of hit.h that are always inlined.
declared() {
	cat include/ukmem/*.h | $CC -Iinclude -E -P -x c - | grep -v '^static\|^typedef' |
	    grep -Eo '\b(k[a-z_]+|slabinfo_[a-z]+|ukmem_[a-z_]+|mempool_[a-z_]+|shrinker_[a-z]+|_*(v[a-z]*alloc|alloc_pages|get_[a-z]*_?page|free_pages)[a-z_]*|vfree)\(' | tr -d '(' |
	    grep -vx 'ukmem_pop\|ukmem_pop_unless\|ukmem_push\|ukmem_this_thread\|ukmem_alloc_any' | sort -u
}

symbols() {
	declared >"$work/declared"
	nm -D --defined-only "$BUILD/libukmem.so" "$BUILD/libukmem-rcu.so" | awk '$2 != "A" && $2 != "B" && $2 != "D" { print $3 }' |
	    sed 's/@.*//' | grep . | sort -u >"$work/exported"
	[ "$(wc -l <"$work/declared")" -gt 30 ] && diff "$work/declared" "$work/exported"
}

# Static TLS is scarce for whoever opens us with dlopen.
little_tls() {
	local bytes
	bytes=$(readelf -lW "$BUILD/libukmem.so" | awk '$1 == "TLS" { print $6 }')
	echo "static TLS: $((bytes)) bytes"
	[ $((bytes)) -gt 0 ] && [ $((bytes)) -le 64 ]
}

warnings_of() {
	local compiler=$1
	for source in src/*/*.c; do
		"$compiler" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes \
		    -Wmissing-prototypes -Werror -Iinclude -Isrc -fPIC -O2 -c "$source" \
		    -o "$work/object.o" || return 1
	done
}

gcc_warnings() { warnings_of gcc; }
clang_warnings() { warnings_of clang; }

install_it() {
	make -s install BUILD="$BUILD" DESTDIR="$work/root" PREFIX=/usr &&
	    [ -f "$work/root/usr/include/ukmem/slab.h" ] &&
	    [ -f "$work/root/usr/lib/libukmem.so" ] && [ -f "$work/root/usr/lib/libukmem.a" ] &&
	    [ -x "$work/root/usr/bin/ukmem" ]
}

by_pkg_config() {
	local flags
	export PKG_CONFIG_PATH=$work/root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root
	pkg-config --validate ukmem || return 1
	flags=$(pkg-config --cflags --libs ukmem) || return 1
	# shellcheck disable=SC2086
	$CC tests/misc/user.c -o "$work/user" $flags &&
	    [ "$(LD_LIBRARY_PATH=$work/root/usr/lib "$work/user")" = "hello from ukmem" ]
}

# Where distributions have their libraries.
installed_for_a_distribution() {
	make -s install BUILD="$BUILD" DESTDIR="$work/debian" PREFIX=/usr \
	    LIBDIR="/usr/lib/$(uname -m)-linux-gnu"
}

run_finds_the_library() {
	installed_for_a_distribution &&
	    "$work/debian/usr/bin/ukmem" run -- grep -q libukmem-malloc /proc/self/maps
}

# Its workers are installed, and find the library.
bench_when_installed() {
	for root in root debian; do
		"$work/$root/usr/bin/ukmem" bench --quick --rounds 1 --seconds 0.01 --only pair -o csv |
		    grep '^pair,64,ukmem,' || return 1
	done
}

# The archives that are installed leave a program its own names.
static_names() {
	local library
	for library in libukmem libukmem-malloc; do
		$CC -Iinclude tests/misc/names.c "$work/root/usr/lib/$library.a" -o "$work/names" \
		    -lpthread && [ "$("$work/names")" = 121 ] || return 1
	done
}

# configured PREFIX: what is installed there is found and used.
configured() {
	rm -rf "$work/cmake" && mkdir -p "$work/cmake" && cp tests/misc/user.c "$work/cmake/" || return 1
	cat >"$work/cmake/CMakeLists.txt" <<-'END'
		cmake_minimum_required(VERSION 3.13)
		project(user C)
		find_package(ukmem REQUIRED)
		add_executable(user user.c)
		target_link_libraries(user ukmem::ukmem)
		add_executable(user_static user.c)
		target_link_libraries(user_static ukmem::ukmem_static)
	END
	cmake -S "$work/cmake" -B "$work/cmake/build" -DCMAKE_PREFIX_PATH="$1" &&
	    cmake --build "$work/cmake/build" &&
	    [ "$(LD_LIBRARY_PATH=$1/lib "$work/cmake/build/user")" = "hello from ukmem" ] &&
	    [ "$("$work/cmake/build/user_static")" = "hello from ukmem" ]
}

by_cmake() {
	make -s install BUILD="$BUILD" PREFIX="$work/prefix" && configured "$work/prefix"
}

# Libraries deeper down; and found by a link in front of all, as /lib is one to /usr/lib.
by_cmake_elsewhere() {
	installed_for_a_distribution && configured "$work/debian/usr" &&
	    ln -sfn usr/lib "$work/debian/lib" && configured "$work/debian"
}

check headers_stand_alone_in_c_and_cpp headers
check macros_are_strict_c_and_cpp macros
check kernel_headers_stand_alone compat_headers
check exported_symbols_are_the_declared_names symbols
check static_tls_is_little little_tls
check gcc_has_nothing_to_say gcc_warnings
needs clang clang_has_nothing_to_say && check clang_has_nothing_to_say clang_warnings
needs g++ a_cpp_program_uses_it && check a_cpp_program_uses_it cpp
if [ -f scripts/ukmem.pc.in ] && [ -f scripts/ukmemConfig.cmake.in ] &&
   [ -f scripts/ukmemConfigVersion.cmake.in ]; then
	check it_can_be_installed install_it
	check a_program_has_its_own_names static_names
	check run_finds_the_library_of_a_distribution run_finds_the_library
	check bench_runs_when_installed bench_when_installed
	needs pkg-config pkg_config_finds_it && check pkg_config_finds_it by_pkg_config
	needs cmake cmake_finds_it && check cmake_finds_it by_cmake
	needs cmake cmake_finds_it_elsewhere && check cmake_finds_it_elsewhere by_cmake_elsewhere
else
	echo "skipped it_can_be_installed: no scripts/*.in"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
