#!/bin/sh
# own_names.sh ARCHIVE OUT: the same archive, with "ukmem__" before the names that its objects
# know each other by. A program that is linked with it may have a variable "options", or a
# function "reclaim", of its own. (In the shared library such names are hidden anyway.)
set -eu
names=$(mktemp)
trap 'rm -f "$names"' EXIT
readelf -sW "$1" | awk '$5 == "GLOBAL" && $6 == "HIDDEN" && $7 != "UND" && $8 !~ /^ukmem/ {
	print $8, "ukmem__" $8 }' | sort -u >"$names"
objcopy --redefine-syms="$names" "$1" "$2"
