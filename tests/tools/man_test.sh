#!/bin/bash
# man_test.sh: help, man pages and completion tell the same.
. "$(dirname "$0")/inspect.sh"

ukmem --help >"$work/help"
[ "$(wc -l <"$work/help")" -le 24 ] && [ "$(awk '{ print length }' "$work/help" | sort -n | tail -n 1)" -le 80 ]
ok $? "ukmem --help fits a screen"
commands=$(sed -n 's/^  \([a-z]*\)  .*/\1/p' "$work/help")
[ "$(wc -w <<<"$commands")" -ge 10 ]
ok $? "ukmem --help lists the commands"

# Where a command is told: its own page, or one that holds several.
page_of() {
	local page
	for page in "man/ukmem-$1.1" man/ukmem-tune.1 man/ukmem.1; do
		[ -f "$page" ] && grep -Eq "^\.(Cm|Nm ukmem Cm) $1\$|^\.Ss ukmem $1\$" "$page" &&
		    echo "$page" && return
	done
}

# What a page lists of one command's options.
listed_in() {
	awk -v command="$2" '/^\.S[sh] / { other = /^\.Ss ukmem / && $3 != command }
	    !other && /^\.It Fl/' "$1" | grep -oE 'Fl -[a-z][a-z-]+' | sed 's/Fl -/--/' | sort -u
}

for command in $commands; do
	page=$(page_of "$command")
	[ -n "$page" ]
	ok $? "ukmem $command has a man page"
	ukmem "$command" --help >"$work/help"
	ok $? "ukmem $command --help ends with status 0"
	[ "$(awk '{ print length }' "$work/help" | sort -n | tail -n 1)" -le 90 ] &&
	    [ "$(wc -l <"$work/help")" -le 40 ]
	ok $? "ukmem $command --help fits a screen"
	missing=
	for option in $(grep -oE -- '(^|[ ,])--[a-z][a-z-]+' "$work/help" | tr -d ' ,' | sort -u); do
		grep -q -- "-${option#--}" "${page:-/dev/null}" || missing="$missing $option"
	done
	[ -z "$missing" ]
	ok $? "the man page of $command tells all options$missing"
	missing=
	for option in $(listed_in "$page" "$command"); do
		grep -q -- "$option" "$work/help" || missing="$missing $option"
	done
	[ -z "$missing" ]
	ok $? "ukmem $command --help tells all that its man page does$missing"
done

missing=
for word in $(grep -ohE '(has_value|is_flag)\(word, "[a-z_]+|^\s+\{ "[a-z_]+|name_length, "[a-z_]+' \
    src/os/options.c src/os/debug_options.c | sed 's/.*"//' | sort -u); do
	grep -Eq "[. ]Cm $word( |\$)" man/ukmem-options.7 || missing="$missing $word"
done
[ -z "$missing" ]
ok $? "ukmem-options.7 tells all words$missing"

if has mandoc "man pages"; then
	mandoc -T lint -W warning man/*.[0-9] 2>&1 | grep -v 'outdated mandoc.db' >"$work/lint"
	[ ! -s "$work/lint" ]
	ok $? "mandoc has nothing to say of the man pages"
	head -n 5 "$work/lint"
fi

completes() {
	bash -c '. scripts/completion/ukmem.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_ukmem; echo "${COMPREPLY[@]}"' bash "$BUILD/ukmem" "$@"
}
[ "$(completes sh)" = shrink ]
ok $? "completion knows the commands"
[[ " $(completes top --) " == *' --batch '*' --sort '* ]]
ok $? "completion knows a command's options"
start
[[ " $(completes stat '') " == *" $pid "* ]]
ok $? "completion knows whom to look into"
exit $failed
