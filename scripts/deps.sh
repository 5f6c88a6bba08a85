#!/bin/sh
# deps.sh GROUP: install the Debian packages that GROUP needs, if any is missing.
# The one list of what ukmem needs; the Makefile, README's commands and CI use it.
# "a|b": the first of these that there is, since Debian 12 and 13 have other versions.
set -eu

# What looks inside (tools/inspect) is made with.
inspect="libelf-dev libdw-dev zlib1g-dev libjansson-dev libncurses-dev libmicrohttpd-dev"

case "${1:-}" in
# valgrind: its header alone, for src/debug/shadow.c.
build) packages="gcc libc6-dev libzstd-dev liburcu-dev valgrind $inspect" ;;
check) packages="libcapstone-dev gcc g++ libc6-dev libzstd-dev liburcu-dev $inspect zstd clang libclang-rt-14-dev|libclang-rt-19-dev llvm valgrind python3 mandoc pkg-config cmake binutils procps prometheus tmux" ;;
# Large ones, without which a few tests are passed over with a word.
look) packages="qemu-user chromium golang-go gdb bpftrace libdpdk-dev" ;;
kernel-code) packages="gcc make libc6-dev xz-utils liburcu-dev linux-source-6.1|linux-source-6.12 dpkg-dev uuid-dev libblkid-dev libinih-dev libattr1-dev pkg-config" ;;
programs) packages="gcc g++ libc6-dev python3 perl sqlite3 git redis-server redis-tools postgresql nginx-light wrk glibc-source xz-utils ruby php-cli lua5.4 nodejs emacs-nox mariadb-server bind9 bind9-dnsutils" ;;
# The machines that tests/guest emulates.
numa) packages="gcc libc6-dev cpio qemu-system-x86" ;;
arm64) packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross cpio qemu-system-arm qemu-user" ;;
prove) packages="gcc libc6-dev spin z3" ;;
lines) packages="gcc libc6-dev libcapstone-dev" ;;
bench) packages="gcc libc6-dev libzstd-dev liburcu-dev $inspect libjemalloc2 libtcmalloc-minimal4|libtcmalloc-minimal4t64 libmimalloc2.0|libmimalloc3 libdpdk-dev pkg-config gnuplot-nox binutils" ;;
*) echo "usage: scripts/deps.sh arm64|build|check|kernel-code|look|numa|programs|prove|lines|bench" >&2; exit 2 ;;
esac

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
to_be_had() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

# first CONDITION A|B|C: print the first of the alternatives that fulfils it.
first() {
	for name in $(echo "$2" | tr '|' ' '); do
		if "$1" "$name"; then
			echo "$name"
			return 0
		fi
	done
	return 1
}

# Elsewhere than on Debian the compiler's own messages must do.
command -v dpkg-query >/dev/null 2>&1 || exit 0

missing=
for package in $packages; do
	first installed "$package" >/dev/null || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing what is missing:$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
# An old list may name packages that are gone: update it, once.
$sudo apt-get update -qq
names=
for package in $missing; do
	names="$names $(first to_be_had "$package" || echo "${package%%|*}")"
done
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $names >/dev/null
