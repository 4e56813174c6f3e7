#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What export writes of recordings has the numbers that stat and trace have, and is whole or absent.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope sanitized_export
recordings=$(dirname "$0")/recordings

# faults NAME: that stat counts in a recording
faults()
{
	mmscope stat --json -i "$recordings/$1.rec" 2>/dev/null | grep -o '"classes":.*' |
		grep -o '"faults":[0-9]*' | cut -d: -f2 | awk '{ n += $1 } END { print n }'
}

json_is_as_of_trace()
{
	for recording in shell lineage both random; do
		mmscope trace --questions --json -i "$recordings/$recording.rec" 2>/dev/null |
			sed '$d' >"$work/trace"
		mmscope export -f json -i "$recordings/$recording.rec" 2>/dev/null |
			sed '$d' >"$work/json"
		[ -s "$work/json" ] && cmp -s "$work/trace" "$work/json" || return 1
	done
}

folded_sum_is_as_of_stat()
{
	for recording in shell stacks fault sqlite; do
		sum=$(mmscope export -f folded -i "$recordings/$recording.rec" 2>/dev/null |
			awk '{ n += $NF } END { print n }')
		[ "$sum" -gt 0 ] && [ "$sum" = "$(faults "$recording")" ] || return 1
	done
}

sqlite_is_as_of_stat()
{
	command -v sqlite3 >/dev/null || { skip "no sqlite3"; return; }
	for recording in shell stacks fault sqlite; do
		mmscope export -f sqlite -i "$recordings/$recording.rec" -o "$work/db" 2>/dev/null
		n=$(sqlite3 "$work/db" "SELECT sum(faults) FROM by_class")
		[ "$n" -gt 0 ] && [ "$n" = "$(faults "$recording")" ] || return 1
	done
}

# By what is built with the sanitizers, which end it: each recording in each format
each_is_written()
{
	for format in json html folded pprof sqlite perfetto; do
		for recording in "$recordings"/*.rec; do
			sanitized_export -f "$format" -i "$recording" -o "$work/out" 2>"$work/told"
			code=$?
			[ "$code" = 0 ] && [ -s "$work/out" ] && continue
			note "$recording, $format: exit code $code"
			sed 's/^/# /; 20q' "$work/told"
			return 1
		done
	done
}

full_disk_leaves_nothing()
{
	mmscope export -f json -i "$recordings/shell.rec" >/dev/full 2>"$work/told"
	[ $? = 3 ] && [ -s "$work/told" ] || return 1
	mkdir "$work/small"
	(ulimit -f 8; mmscope export -f perfetto -i "$recordings/shell.rec" -o "$work/small/x") \
		2>"$work/told"
	[ $? = 3 ] && [ -s "$work/told" ] && rmdir "$work/small"
}

recording_is_not_overwritten()
{
	cp "$recordings/true.rec" "$work/own.rec"
	mmscope export -f json -i "$work/own.rec" -o "$work/own.rec" 2>/dev/null
	[ $? = 2 ] && cmp -s "$recordings/true.rec" "$work/own.rec"
}

for test in json_is_as_of_trace folded_sum_is_as_of_stat sqlite_is_as_of_stat each_is_written \
	    full_disk_leaves_nothing recording_is_not_overwritten; do
	try "$test" "$test"
done
finish
