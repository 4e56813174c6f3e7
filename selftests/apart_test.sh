#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Why two VMAs that touch are two: in trace and in map the same words, which name what differs; and
# they are what smaps shows (apart_load).

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope
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

# agree FILE ADDRESS-MEMBER: for each pair the last word of that file is what smaps says
agree()
{
	[ -s "$1" ] || { sed 's/^/# /' "$work/err"; return 1; }
	sed -n 's/^apart //p' "$work/told" >"$work/want"
	while read -r start words; do
		sed 's/{"start"/\n&/g' "$1" | grep "\"$2\":$start," | tail -n 1 >"$work/got"
		grep -q -F "\"apart\":\"$words\"" "$work/got" && continue
		note "at $start: not '$words'"
		sed 's/^/# /' "$work/got"
		return 1
	done <"$work/want"
}

trace_says_why()
{
	agree "$work/trace" aux
}

map_says_the_same()
{
	agree "$work/map" start
}

# The kernel agrees: without what was named they are one.
nothing_else_differed()
{
	[ "$(grep -c ^merged "$work/told")" -ge 5 ]
}

# Not even for a moment, where there is a reason from the start.
nobody_has_tried_is_no_excuse()
{
	sed -n 's/^apart \([0-9]*\) .*/"aux":\1,/p' "$work/told" >"$work/those"
	! grep -F -f "$work/those" "$work/trace" | grep 'nobody has tried' | sed 's/^/# /' | grep .
}

echo "TAP version 13"
for test in load_is_right trace_says_why map_says_the_same nothing_else_differed \
	    nobody_has_tried_is_no_excuse; do
	try "$test" "$test"
done
finish
