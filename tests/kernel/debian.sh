# debian.sh: Debian's packages, unpacked into a folder; sourced. The system stays as it is.
# shellcheck shell=bash

# A list of our own with sources in it; what apt knows otherwise is not touched.
apt_lists=$work/apt
apt_options=(-qq -o "Dir::Etc::sourcelist=$apt_lists/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$apt_lists/lists" -o APT::Sandbox::User=root)

lists_are_there() {
	[ -d "$apt_lists/lists" ] && return
	mkdir -p "$apt_lists/lists/partial"
	# shellcheck disable=SC1091
	echo "deb-src http://deb.debian.org/debian $(. /etc/os-release; echo "$VERSION_CODENAME") main" \
	    >"$apt_lists/sources.list"
	apt-get "${apt_options[@]}" update >/dev/null 2>"$work/apt.log" && return
	rm -rf "$apt_lists"
	return 1
}

# source_package NAME DIRECTORY: its source, in DIRECTORY.
source_package() {
	[ -d "$2" ] && return
	lists_are_there || return 1
	(mkdir -p "$work/fetch" && cd "$work/fetch" && rm -rf "$1"-*/ &&
	    apt-get "${apt_options[@]}" source "$1" >/dev/null 2>>"$work/apt.log" &&
	    mv "$1"-*/ "$2")
}

# binary_package NAME DIRECTORY: its files, in DIRECTORY.
binary_package() {
	[ -d "$2" ] && return
	(mkdir -p "$work/fetch" && cd "$work/fetch" && rm -f "$1"_*.deb &&
	    apt-get -qq -o APT::Sandbox::User=root download "$1" >/dev/null 2>>"$work/apt.log" &&
	    dpkg-deb -x "$1"_*.deb "$2")
}

passed=0 failed=0

# verdict NAME STATUS WHY
verdict() {
	if [ "$2" = 0 ]; then
		echo "ok $1"
		passed=$((passed + 1))
	else
		echo "FAILED $1: ${0#./}: $3"
		failed=$((failed + 1))
	fi
}

skip() {
	echo "skipped $1"
	echo "0 passed, 0 failed"
	exit 0
}
