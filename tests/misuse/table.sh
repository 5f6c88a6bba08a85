#!/bin/bash
# table.sh: which mode stops which of misuse/checked; the table of docs/debugging.md.
#
# Stopped: the program ended by abort or by a fault.
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
modes=('debug:-' 'sample:1' 'debug:F' 'debug:FZ' 'debug:FZP' 'debug:FZPU')
declare -A count
total=0
ulimit -c 0
echo "| bug | none | ${modes[*]:1} |" | sed 's/ debug/ | debug/g'
echo '|---|---|---|---|---|---|---|'
for source in tests/misuse/checked/*.c; do
	name=$(basename "$source" .c)
	case $name in sampled_* | flags_alone*) continue ;; esac
	total=$((total + 1))
	row="| $name"
	for mode in "${modes[@]}"; do
		UKMEM_OPTIONS=$mode timeout 20 "$BUILD/tests/misuse/checked/$name" >/dev/null 2>&1
		if [ $? -ge 128 ]; then
			row="$row | x"
			count[$mode]=$((${count[$mode]:-0} + 1))
		else
			row="$row |"
		fi
	done
	echo "$row |"
done 2>/dev/null
row="| **of $total**"
for mode in "${modes[@]}"; do row="$row | ${count[$mode]:-0}"; done
echo "$row |"
