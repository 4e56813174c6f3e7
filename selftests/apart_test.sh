#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Why two VMAs that touch are two: in trace and in map the same words, which name what differs; and
# they are what smaps shows (apart_load).

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# It stays for a while, for what is looked at when there is nothing else to do.
mmscope trace --json -e apart -- sh -c \
	"(sleep 3; mmscope map --json --why \$(sed -n 's/^pid //p' \"$work/told\") >\"$work/map\"; :) |
	\"$here/apart_load\" >\"$work/told\"" >"$work/trace" 2>"$work/err"

load_is_right()
{
	grep -q '^ready' "$work/told" && [ "$(grep -c ^apart "$work/told")" -ge 12 ] && return
	sed 's/^/# /' "$work/err" "$work/told"
	return 1
}

# agree REASONS: for each pair the last word of those, "ADDRESS REASON" a line, is what smaps says
agree()
{
	[ -s "$1" ] || { sed 's/^/# /' "$work/err"; return 1; }
	sed -n 's/^apart //p' "$work/told" >"$work/want"
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
	jq -r 'select(.apart) | "\(.aux) \(.apart)"' "$work/trace" >"$work/traced"
	agree "$work/traced"
}

map_says_the_same()
{
	jq -r '.vmas[] | select(.apart) | "\(.start) \(.apart)"' "$work/map" >"$work/mapped"
	agree "$work/mapped"
}

# The kernel agrees: without what was named they are one.
nothing_else_differed()
{
	[ "$(grep -c ^merged "$work/told")" -ge 5 ]
}

# Not even for a moment, where there is a reason from the start.
nobody_has_tried_is_no_excuse()
{
	sed -n 's/^apart \([0-9]*\) .*/\1/p' "$work/told" >"$work/those"
	! awk 'NR == FNR { those[$1]; next } $1 in those && /nobody has tried/ { print "# " $0 }' \
		"$work/those" "$work/traced" | grep .
}

echo "TAP version 13"
for test in load_is_right trace_says_why map_says_the_same nothing_else_differed \
	    nobody_has_tried_is_no_excuse; do
	try "$test" "$test"
done
finish
