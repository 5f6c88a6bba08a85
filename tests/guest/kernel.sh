#!/bin/bash
# kernel.sh ARCH DIR: puts Debian's cloud kernel for ARCH (amd64, arm64) at DIR/vmlinuz.
#
# Taken out of its package, which is not installed. Of another architecture than this
# machine's the package is found with lists of its own, kept in DIR.
set -euo pipefail
arch=$1 dir=$2
[ -f "$dir/vmlinuz" ] && exit 0
mkdir -p "$dir"
cd "$dir"

# An empty list of installed packages: what is installed here says nothing about there.
options=()
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
	mkdir -p lists/partial cache/archives/partial
	: >status
	options=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "Dir::State::status=$PWD/status"
	         -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD/cache")
fi

newest() {
	apt-cache "${options[@]}" depends "linux-image-cloud-$arch" 2>/dev/null |
	    sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | tail -n 1
}

download() {
	local package
	package=$(newest)
	[ -n "$package" ] && apt-get "${options[@]}" -q download "$package" >download.log 2>&1
}

rm -rf ./*.deb unpacked
# Old lists may name packages that are gone.
if [ ${#options[@]} -gt 0 ] || ! download; then
	sudo=
	[ ${#options[@]} -gt 0 ] || [ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get "${options[@]}" -q update >update.log 2>&1 || true
	download || { tail -n 5 update.log download.log >&2; echo "no kernel for $arch" >&2; exit 1; }
fi
dpkg-deb -x linux-image-*.deb unpacked
mv unpacked/boot/vmlinuz-* vmlinuz
rm -rf ./*.deb unpacked lists cache status
