# ukmem.bash: completion for the command ukmem. Commands and options are asked from
# the help texts, so they are those of the ukmem that is installed.
_ukmem() {
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words=$("${COMP_WORDS[0]}" --help 2>/dev/null |
		    sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p; s/^ .*\(--[a-z-]*\) .*/\1/p')
	elif [[ $word == -* ]]; then
		words=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null |
		    grep -oE '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,')
	else
		case $command in
		stat | map | object | walk | leaks | top | tune | shrink | record | report | profile | export)
			# Processes with the library mapped: those we may look into.
			words=$(grep -lsE 'libukmem' /proc/[0-9]*/maps | tr -cd '0-9\n') ;;
		esac
	fi
	# shellcheck disable=SC2207
	COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _ukmem ukmem
