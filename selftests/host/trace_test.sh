#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What trace and stat leave out or put together when they are asked to, of recordings.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope
recordings=$(dirname "$0")/recordings

# count: faults that are told on standard input, in lines of their own or folded
count()
{
	awk '$3 != "fault" { next }
		match($0, /, [0-9]+ faults/) { n += substr($0, RSTART + 2, RLENGTH - 9); next }
		{ n++ }
		END { print n + 0 }'
}

folded_faults_are_all_there()
{
	for recording in shell random sqlite stacks threads causes; do
		mmscope trace -e fault -i "$recordings/$recording.rec" >"$work/lines" 2>/dev/null
		mmscope trace --fold -e fault -i "$recordings/$recording.rec" >"$work/folded" 2>/dev/null
		[ "$(count <"$work/lines")" -gt 100 ] || return 1
		[ "$(count <"$work/lines")" = "$(count <"$work/folded")" ] ||
			{ note "$recording: $(count <"$work/folded")"; return 1; }
		[ "$(wc -l <"$work/folded")" -lt "$(wc -l <"$work/lines")" ] || return 1
	done
}

# What was folded says how many pages, and its time is that of all.
folded_time_is_the_sum()
{
	# shellcheck disable=SC2016 # awk expands it
	us='{ for (i = 1; i < NF; i++) if ($(i + 1) == "us") n += $i } END { printf "%.0f", n / 100 }'
	mmscope trace -e fault -c anon -i "$recordings/sqlite.rec" 2>/dev/null | awk "$us" >"$work/lines"
	mmscope trace -f -e fault -c anon -i "$recordings/sqlite.rec" 2>/dev/null | awk "$us" >"$work/folded"
	[ -s "$work/lines" ] && cmp -s "$work/lines" "$work/folded" && return
	note "$(cat "$work/lines") $(cat "$work/folded")"
	return 1
}

folded_is_no_json()
{
	mmscope trace --fold --json -i "$recordings/true.rec" >"$work/out" 2>"$work/err"
	[ $? = 2 ] && grep -q 'for lines' "$work/err"
}

# The last lines add up those before them, and no others.
sums_are_of_what_is_shown()
{
	command -v jq >/dev/null || { reason="no jq"; return 4; }
	for recording in again causes random both; do
		for filter in "" "-e fault" "-e unmap,split,advise,failed"; do
			# shellcheck disable=SC2086	# words of a command
			mmscope trace --json $filter -i "$recordings/$recording.rec" >"$work/out" 2>/dev/null
			jq -es 'def n(f): map(select(f)) | length;
				(.[:-1]) as $lines | .[-1].sums as $sums | $lines |
				([.[] | select(.event == "fault") | .class // "device"] | group_by(.) |
					map({ key: .[0], value: length }) | from_entries) == $sums.faults and
				n(.event == "split") == $sums.cut and
				n(.event | IN("split", "mmap", "copy", "dup")) == $sums.born and
				n(.event | IN("unmap", "move")) == $sums.gone and
				n(.event == "failed") == $sums.failed and
				([.[] | select(.cause != -2 and (.event == "unmap" or .event == "advise")) |
					.pages | numbers] | add // 0) == $sums.given_back' \
				"$work/out" >/dev/null && continue
			note "$recording $filter: $(tail -n 1 "$work/out" | cut -c 1-300)"
			return 1
		done
	done
	mmscope trace -e fault -c anon -i "$recordings/again.rec" 2>/dev/null | tail -n 2 >"$work/out"
	grep -q '^96 faults, 96 pages: 96 fresh page$' "$work/out"
}

copies_of_stacks_are_no_records()
{
	mmscope trace -i "$recordings/stacks.rec" >"$work/all" 2>/dev/null
	grep -q ' fault ' "$work/all" && ! grep -q ' unknown ' "$work/all"
}

# rows N: of stat's last table
rows()
{
	mmscope stat --top "$1" -i "$recordings/sqlite.rec" 2>/dev/null |
		awk '/^ *faults +pages/ { n = 0; next } /^and / { next } { n++ } END { print n }'
}

top_rows_are_shown()
{
	all=$(mmscope stat -n 0 -i "$recordings/sqlite.rec" 2>/dev/null)
	! echo "$all" | grep -q '^and ' && [ "$(rows 3)" = 3 ] && [ "$(rows 0)" -gt 12 ] || return 1
	mmscope stat -n x -i "$recordings/sqlite.rec" 2>"$work/err"
	[ $? = 2 ]
}

rows_are_sorted()
{
	for by in faults:1 pages:2 time:3; do
		mmscope stat -n 0 -k "${by%:*}" -i "$recordings/sqlite.rec" 2>/dev/null |
			awk -v c="${by#*:}" '/^ *faults +pages/ { n = 0; next } { v[++n] = $c }
				END { for (i = 2; i <= n; i++) if (v[i] + 0 > v[i - 1] + 0) exit 1 }' ||
			{ note "${by%:*}"; return 1; }
	done
	mmscope stat -k size -i "$recordings/sqlite.rec" 2>"$work/err"
	[ $? = 2 ]
}

echo "TAP version 13"
for test in folded_faults_are_all_there folded_time_is_the_sum folded_is_no_json sums_are_of_what_is_shown \
	    copies_of_stacks_are_no_records top_rows_are_shown rows_are_sorted; do
	try "$test" "$test"
done
finish
