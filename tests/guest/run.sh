#!/bin/bash
# run.sh MACHINE: boot an emulated machine and run tests in it.
#
#   numa    x86-64, four CPUs in two nodes, the second of 128 MiB (make check-numa)
#   arm64   aarch64, two CPUs (make check-arm64)
#
# tests/guest/MACHINE.sh says what the machine is and which jobs it does. It has Debian's
# kernel, init.c as its init, the jobs' programs and the C library, all in memory.
# Prints "ok NAME" or "FAILED NAME" for each test, a line for each job, and
# "N passed, N failed". The console is kept in BUILD/guest/MACHINE/console.
# Variables: BUILD; GUEST_SECONDS, when to give the machine up (default 900); ONLY, a word that a
# job's name must contain; GUEST_JOBS, a file of other jobs (calls of job) instead of the machine's.
cd "$(dirname "$0")/../.." || exit 1
machine=$1
export BUILD=${BUILD:-build}
limit=${GUEST_SECONDS:-900} jobs=() programs=() words=

# job NAME SECONDS [VARIABLE=value ...] PROGRAM [ARGUMENT ...]
job() {
	local word words=("$@")
	case $1 in *"$ONLY"*) ;; *) return ;; esac
	for word in "${@:3}"; do
		case $word in *=*) continue ;; esac
		programs+=("$word")
		break
	done
	jobs+=("$(IFS=$'\t'; echo "${words[*]}")")
}

# Of tests/guest/MACHINE.sh: build (the directory of the programs), arch, cc, strip,
# libraries (files), qemu (the command up to the kernel), console, words for the kernel, and jobs.
# shellcheck source=/dev/null
. "tests/guest/$machine.sh"
if [ -n "$GUEST_JOBS" ]; then
	jobs=() programs=()
	# shellcheck source=/dev/null
	. "$GUEST_JOBS"
fi

dir=$BUILD/guest/$machine root=$BUILD/guest/$machine/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/dev" "$root/lib" "$root/lib64"
tests/guest/kernel.sh "$arch" "$BUILD/guest/$arch" || { echo '0 passed, 1 failed'; exit 1; }
$cc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -static tests/guest/init.c -o "$root/init" || exit 1

printf '%s\n' "${jobs[@]}" >"$root/jobs"
for program in "${programs[@]}"; do
	[ -f "$root/$program" ] && continue
	mkdir -p "$root/$(dirname "$program")"
	$strip -g -o "$root/$program" "$build/$program" || exit 1
done
for library in "${libraries[@]}"; do
	cp -L "$library" "$root/lib/"
	cp -L "$library" "$root/lib64/"
done
(cd "$root" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$dir/initrd"

timeout "$limit" "${qemu[@]}" -nographic -no-reboot -nodefaults -serial stdio \
    -kernel "$BUILD/guest/$arch/vmlinuz" -initrd "$dir/initrd" \
    -append "console=$console loglevel=3 nowatchdog panic=-1 $words rdinit=/init" \
    </dev/null 2>"$dir/qemu.err" | stdbuf -oL tr -d '\r' | tee "$dir/console" |
    awk '
	/^ok /      { passed++; in_job++ }
	/^FAILED /  { failed++; bad++; print }
	/^skipped / { print }
	/^end / {
		if ($3 != 0 && !bad) { failed++; bad++; print "FAILED " $2 " ended with status " $3 }
		if (!bad && !in_job) { failed++; bad++; print "FAILED " $2 " had no tests" }
		print $2 ": " in_job + 0 " passed, " bad + 0 " failed (" $4 " s)"
		in_job = bad = 0
		fflush()
	}
	/^the guest is done$/ { done = 1 }
	END {
		if (!done) { failed++; print "FAILED the_guest_gets_to_its_end" }
		print passed + 0 " passed, " failed + 0 " failed"
		exit !done
	}'
[ "${PIPESTATUS[3]}" = 0 ] || tail -n 20 "$dir/console" "$dir/qemu.err" >&2
