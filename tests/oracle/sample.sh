#!/bin/sh
# Choose the sample again: sample.sh FOLDER-OF-ALL-TABLES. README.md says by which rule.
set -eu
all=$(cd "$1" && pwd)
cd "$(dirname "$0")"
rm -rf sample
mkdir -p sample/scripts

# pack FILE: FILE as it stands, plain or not, under the same name with .zst.
plain() { case $1 in *.zst) zstd -dcq "$1" ;; *) cat "$1" ;; esac; }
pack() { zstd -19 -q -o "sample/${2%.zst}.zst"; }

# Every tenth row of the large tables.
for table in "$all"/geometry-*.csv*; do
	plain "$table" | awk 'NR == 1 || NR % 10 == 2' | pack - "$(basename "$table")"
done

# All of the small ones.
for table in "$all"/caches-*.csv "$all"/err.csv "$all"/merge-seq.csv "$all"/slabinfo-*.txt; do
	cp "$table" sample/
done
for table in "$all"/kmalloc.csv* "$all"/merge.csv*; do
	plain "$table" | pack - "$(basename "$table")"
done

# Replays: one size of each freelist placement, and all that is special.
for table in "$all"/*/behaviour-*-s100.csv* "$all"/*/behaviour-*-s5000.csv* \
             "$all"/*/behaviour-*-s1000c.csv* "$all"/*/behaviour-colour-1300-0-1.csv* \
             "$all"/*/behaviour-alien-*.csv* "$all"/*/behaviour-hotplug-*.csv* \
             "$all"/*/behaviour-slabinfo-write.csv*; do
	folder=$(basename "$(dirname "$table")")
	name=$folder/$(basename "$table")
	mkdir -p "sample/$folder"
	[ -e "sample/${name%.zst}.zst" ] || plain "$table" | pack - "$name"
done

# Their scripts, and those of one more size, which are run for want of tables.
for script in "$all"/scripts/*-s100.txt "$all"/scripts/*-s5000.txt "$all"/scripts/*-s1000c.txt \
              "$all"/scripts/beh-*-s32.txt; do
	cp "$script" sample/scripts/
done
chmod -R u+w sample
