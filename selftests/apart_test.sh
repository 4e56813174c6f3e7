#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Why two VMAs that touch are two: in trace and in map the same words, which name what differs; and
# they are what smaps shows (apart_load).

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/loads.sh
. "$(dirname "$0")/loads.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# While it waits for the end of its standard input, the load is looked at.
trace_all()
{
	mkfifo "$work/in"
	together trace "apart \"$here/apart_load\" <\"$work/in\"" "once \"$here/map_load\" once"
	mmscope trace --json -e apart,fork,exec -- sh "$work/trace.sh" >"$work/trace.out" \
		2>"$work/trace.err" &
	tracer=$!
	exec 9<>"$work/in"
	until grep -q -s ^ready "$work/apart.told"; do
		kill -0 "$tracer" || break
		sleep 0.1
	done
	mmscope map --json --why "$(cat "$work/apart.pid")" >"$work/map" 2>"$work/map.err"
	exec 9>&-
	wait "$tracer"
	result=$?
	rm "$work/in"
	cat "$work/map.err" >>"$work/trace.err"
	well_told "$result" trace && parts trace
}

# traced NAME: a load, and its part
traced()
{
	shared trace trace_all && ended_well "$1"
}

load_is_right()
{
	traced apart && grep -q '^ready' "$work/apart.told" &&
		[ "$(grep -c ^apart "$work/apart.told")" -ge 12 ] && return
	sed 's/^/# /' "$work/apart.told"
	return 1
}

# agree REASONS: for each pair the last word of those, "ADDRESS REASON" a line, is what smaps says
agree()
{
	[ -s "$1" ] || return 1
	sed -n 's/^apart //p' "$work/apart.told" >"$work/want"
	while read -r start words; do
		grep "^$start " "$1" | tail -n 1 >"$work/got"
		[ "$(cat "$work/got")" = "$start $words" ] && continue
		note "at $start: not '$words'"
		sed 's/^/# /' "$work/got"
		return 1
	done <"$work/want"
}

trace_says_why()
{
	traced apart || return 1
	jq -r 'select(.apart) | "\(.aux) \(.apart)"' "$work/apart.part" >"$work/traced"
	agree "$work/traced"
}

map_says_the_same()
{
	traced apart || return 1
	jq -r '.vmas[] | select(.apart) | "\(.start) \(.apart)"' "$work/map" >"$work/mapped"
	agree "$work/mapped"
}

# The kernel agrees: without what was named they are one.
nothing_else_differed()
{
	traced apart && [ "$(grep -c ^merged "$work/apart.told")" -ge 5 ]
}

# Not even for a moment, where there is a reason from the start.
nobody_has_tried_is_no_excuse()
{
	sed -n 's/^apart \([0-9]*\) .*/\1/p' "$work/apart.told" >"$work/those"
	! awk 'NR == FNR { those[$1]; next } $1 in those && /nobody has tried/ { print "# " $0 }' \
		"$work/those" "$work/traced" | grep .
}

# words OF: those for the reason
words()
{
	case $1 in
	flags | locked) echo "flags differ" ;;
	file) echo "files differ" ;;
	offset) echo "offsets do not go on" ;;
	anon_vma) echo "anon_vmas differ" ;;
	close) echo "the driver has a close hook" ;;
	special) echo "special mappings never merge" ;;
	policy) echo "NUMA policies differ" ;;
	name) echo "names differ" ;;
	uffd*) echo "userfaultfds differ" ;;
	esac
}

# Also the system calls that only change what is compared
each_reason_is_an_event()
{
	traced once && [ "$(grep -c ^why "$work/once.told")" -ge 8 ] || return 1
	jq -r 'select(.aux and .why) | "\(.aux) \(.why)"' "$work/once.part" >"$work/events"
	sed -n 's/^why //p' "$work/once.told" | while read -r start _ what; do
		grep -q -x -F "$start $(words "$what")" "$work/events" && continue
		note "$what: no such event at $start"
		sed -n "s/^$start /# &/p" "$work/events"
		return 1
	done
}

echo "TAP version 13"
for test in load_is_right trace_says_why map_says_the_same nothing_else_differed \
	    nobody_has_tried_is_no_excuse each_reason_is_an_event; do
	try "$test" "$test"
done
finish
