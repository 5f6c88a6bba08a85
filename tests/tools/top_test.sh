#!/bin/bash
# top_test.sh: ukmem top, as tables and on a terminal (tmux).
. "$(dirname "$0")/inspect.sh"

start churn
ukmem top -b -n 2 -d 0.2 "$pid" >"$work/top"
ok $? "batch mode ends after the tables that were asked for"
[ "$(grep -c ' NAME$' "$work/top")" = 2 ]
ok $? "batch mode prints a title for each table"
awk '$10 == "subject-small" { right += $1 == 700 && $6 == "64K" } END { exit right != 2 }' "$work/top"
ok $? "a row tells live objects and memory"
awk '$10 == "subject-churned" { misses = $8 } END { exit !(misses > 1000) }' "$work/top"
ok $? "the second table tells the rate of misses"
awk '$10 == "subject-churned" { hits = $9 + 0 } END { exit !(hits > 80 && hits < 100) }' "$work/top"
ok $? "and how many calls hit, as counted from below"
awk '$10 == "subject-small" { misses = $8 } END { exit misses != "0" }' "$work/top"
ok $? "a cache at rest has none"

# A row that moved while it was read ends with an asterisk, behind the name.

# Largest memory first; by name on request.
ukmem top -b -n 1 "$pid" | awk 'rows { print $6 + 0 } / NAME$/ { rows = 1 }' | sed '/^0$/d' |
    sort -rnc 2>/dev/null
ok $? "rows are in the order of memory"
ukmem top -b -n 1 -s n "$pid" | awk 'rows && NF { print $10 } / NAME$/ { rows = 1 }' |
    LC_ALL=C sort -c 2>/dev/null
ok $? "rows are in the order of names when that is asked for"

refuses 'from 0.1 to 3600' top -d 0 "$pid"
refuses 'from 0.1 to 3600' top -d nan "$pid"
refuses 'is no key' top -s x "$pid"
refuses 'expected a number' top -n 0 "$pid"
refuses 'no terminal' top "$pid"
refuses 'one PID' top

# ---- On a terminal ------------------------------------------------------------------

has tmux "the screen of top" || exit $failed
export TMUX_TMPDIR=$work
mux() { tmux -L "$server" "$@"; }
seen() { mux capture-pane -p >"$work/seen"; grep -Eq -- "$1" "$work/seen"; }

# see PATTERN: soon the screen shows it.
see() {
	within 20 seen "$1" && return
	sed 's/^/    /' "$work/seen" | head -n 12
	return 1
}

# A server of its own each time: one that was told to end may still be ending.
# shellcheck disable=SC2016
open_top() {
	server=$1
	mux new-session -d -x 100 -y 40 -e "TERM=$1" \
	    "'$PWD/$BUILD/ukmem' top -d 0.2 $pid; echo status=\$?; sleep 60"
}

open_top "${TERM_NAME:-screen-256color}"
see '^ +[0-9]+ .* subject-large'
ok $? "the screen shows the caches"
see '^ +[0-9]+ +[0-9]+ .* [0-9]{3,} +9[0-9]\.[0-9]% subject-churned'
ok $? "the screen shows rates, and goes on by itself"
mux send-keys n
see '^sorted by n'
ok $? "a key changes the order"
mux send-keys o Down Up Enter
see '^subject-small: objects of 64 bytes'
ok $? "Enter looks into the chosen cache"
seen '^CPU [0-9]+ +\[.*\] +[0-9]+/120' && seen '^node 0 +\[.*\] 16/16|1[0-6]/1[0-6]' && seen '^full +\[\|+'
ok $? "its pane shows arrays, nodes and how full slabs are"
mux send-keys Escape
see '^ +LIVE +PARKED'
ok $? "Escape goes back to the table"
# fits WIDTH ROWS: the table is drawn, no wider and with no more caches than that.
fits() {
	seen '^ +LIVE +PARKED' && awk -v width="$1" -v rows="$2" 'length > width { bad = 1 }
	    /^ +[0-9]+ / { caches++ } END { exit bad || !caches || caches > rows }' "$work/seen"
}

mux resize-window -x 80 -y 24
see '% subject-churned *$'
ok $? "on 80 columns names are whole"
mux send-keys Enter
see '^full +\[' && seen '^CPU [0-9]+ +\[.*\] +[0-9]+/120'
ok $? "on 24 lines a pane shows all of it"
mux send-keys Escape
mux resize-window -x 60 -y 12
within 20 fits 60 6
ok $? "it follows the size of the terminal"
mux resize-window -x 20 -y 3
sleep 0.4
mux resize-window -x 100 -y 40
see 'subject-large'
ok $? "it lives through a tiny terminal"
mux send-keys q
see '^status=0'
ok $? "q quits, with status 0"
mux kill-server

open_top vt100
see '^ +[0-9]+ .* subject-large'
ok $? "a terminal without colours will do"
kill -KILL "$pid"
see "^ukmem: process $pid ended while it was read" && see '^status=2'
ok $? "when the program ends, top says so and ends with status 2"
mux kill-server

# Two that look alike are two rows, and two panes.
start named
open_top xterm
mux resize-window -x 100 -y 90
mux send-keys n
see '^sorted by n' && see ' twin\?1$'
row=$(awk '/^ +LIVE/ { title = NR } / twin\?1$/ { print NR - title - 1; exit }' "$work/seen")
for ((i = 0; i < row; i++)); do mux send-keys Down; done
mux send-keys Enter
see '^twin\?1: objects of 5[34][0-9] bytes' && one=$(grep '^twin' "$work/seen")
mux send-keys Escape Down Enter
see '^twin\?1: objects of 5[34][0-9] bytes' && other=$(grep '^twin' "$work/seen")
printf '%s\n' "$one" "$other" | grep -o 'of 5[0-9]* bytes' | sort | tr '\n' ' ' | grep -qx 'of 532 bytes of 540 bytes '
ok $? "each of two caches that look alike has a pane of its own"
mux kill-server
exit $failed
