#!/bin/sh
# deps.sh GROUP: install the Debian packages that GROUP needs, if any is missing.
# The one list of what ukmem needs; the Makefile, README's commands and CI use it.
set -eu

case "${1:-}" in
build) packages="gcc libc6-dev libzstd-dev" ;;
check) packages="gcc g++ libc6-dev libzstd-dev zstd clang libclang-rt-14-dev valgrind python3 mandoc pkg-config cmake binutils" ;;
prove) packages="gcc libc6-dev spin z3" ;;
bench) packages="gcc libc6-dev libzstd-dev libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0" ;;
*) echo "usage: scripts/deps.sh build|check|prove|bench" >&2; exit 2 ;;
esac

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# Elsewhere than on Debian the compiler's own messages must do.
command -v dpkg-query >/dev/null 2>&1 || exit 0

missing=
for package in $packages; do
	installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing what is missing:$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
# An old list may name packages that are gone: update it, once.
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
