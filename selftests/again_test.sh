#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Pages that were given back and are touched again: each fault says so that again_load knows to be
# one, and by what; no other does. stat sums them up.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/loads.sh
. "$(dirname "$0")/loads.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

trace_all()
{
	mmscope trace --json -- sh -c "exec \"$here/again_load\" >\"$work/told\"" >"$work/trace" \
		2>"$work/trace.err"
	well_told $? trace
}

load_is_right()
{
	shared trace trace_all &&
		[ "$(grep -c ^again "$work/told")" -ge 24 ] &&
		! grep '^without' "$work/told" | sed 's/^/# /' | grep . && return
	sed 's/^/# /' "$work/told"
	return 1
}

# Faults at pages that the load names, in order: "again ADDRESS BY" or "fresh ADDRESS"
each_page_is_told()
{
	shared trace trace_all || return 1
	grep '^again\|^fresh' "$work/told" >"$work/want"
	awk '{ print $2 }' "$work/want" | sort -u >"$work/pages"
	jq -r 'select(.event == "fault" and .again_ns) | "again \(.addr) \(.again_by)"' \
		"$work/trace" >"$work/those"
	awk 'NR == FNR { page[$1]; next } $2 in page' "$work/pages" "$work/those" >"$work/got"
	grep '^again' "$work/want" >"$work/again"
	# The child's are at addresses that nobody else names.
	cmp -s "$work/again" "$work/got" && return
	diff "$work/again" "$work/got" | sed 's/^/# /'
	return 1
}

child_has_its_parents()
{
	shared trace trace_all || return 1
	# shellcheck disable=SC2046 # words
	set -- $(sed -n 's/^child //p' "$work/told")
	n=$(jq -n --argjson from "$1" '[inputs | select(.again_by == "madvise(2) DONTNEED" and
		.addr >= $from and .addr < $from + 8 * 4096)] | length' "$work/trace")
	[ "$n" -eq "$2" ] && return
	note "$n, not $2"
	return 1
}

# Words, and the filter that shows nothing else
words_and_filter()
{
	once "what is told is looked at as JSON" || return
	mmscope trace --again -- "$here/again_load" >"$work/text" || return 1
	grep -q 'fresh page, again: given back by brk(2) [0-9]* [mu]s ago, by user at ' "$work/text" &&
		! grep -v 'again: given back by .* [0-9][0-9]* [mu]\?s ago' "$work/text" |
			grep ' fault ' | sed 's/^/# /' | grep . && return
	sed 's/^/# /' "$work/text"
	return 1
}

# Both ways to count
stat_has_them_all()
{
	for way in "" --count; do
		# shellcheck disable=SC2086 # an option or none
		mmscope stat --again $way --json -- sh -c "exec \"$here/again_load\" >\"$work/summed\"" \
			>"$work/stat" || return 1
		jq -r '.again[]? | "\(.faults) \(.by)"' "$work/stat" >"$work/sums"
		for by in "brk(2)" "munmap(2)" "mmap(2)" "mremap(2)" "madvise(2) REMOVE"; do
			want=$(grep -c -F " $by" "$work/summed")
			got=$(sed -n "s/^\([0-9]*\) $by\$/\1/p" "$work/sums")
			# The loader gives back, too.
			[ "${got:-0}" -ge "$want" ] && [ "$got" -le $((want + 8)) ] && continue
			note "$way: $got by $by, not $want"
			return 1
		done
	done
}

stat_has_them_in_text()
{
	once "a table is printed the same" || return
	mmscope stat --again -- "$here/again_load" | grep -q '^[0-9]* of them again, in pages that were given back by$'
}

echo "TAP version 13"
for test in load_is_right each_page_is_told child_has_its_parents words_and_filter stat_has_them_all \
	    stat_has_them_in_text; do
	try "$test" "$test"
done
finish
