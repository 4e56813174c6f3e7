#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What others make of profiles and traces that are exported: protoc decodes them by what is
# published of both formats, and all sums are those of stat.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope hostile_recording jq gunzip
here=$(cd "$(dirname "$0")" && pwd)
recordings=$here/recordings

# export_as FORMAT NAME [OPTION...]: of a recording, to stdout
export_as()
{
	format=$1
	of=$2
	shift 2
	mmscope export -f "$format" -i "$recordings/$of.rec" "$@" 2>/dev/null
}

# decode FORMAT MESSAGE: stdin, as text
decode()
{
	protoc -I "$here" --decode="$2" "$here/$1.proto"
}

# Faults, bytes and time of each class, as stat has them
classes_of_stat()
{
	mmscope stat --json -i "$recordings/$1.rec" 2>/dev/null | jq -r '.classes[]? |
		"class \(.class) \(.faults) \(.pages * 4096) \(.ns)"'
}

# sums COLUMN: of equal stacks, as lines of the format folded
sums()
{
	sed '/^class /d' "$work/told" | awk -v column="$1" '
		{
			value = $(NF - 3 + column)
			sub(/ [0-9]+ [0-9]+ [0-9]+$/, "")
			sum[$0] += value
		}
		END { for (line in sum) if (sum[line]) printf "%s %.0f\n", line, sum[line] }'
}

same_as_folded()
{
	column=0
	for value in faults bytes time; do
		column=$((column + 1))
		export_as folded "$1" -v "$value" | grep -v '^#' | LC_ALL=C sort >"$work/folded"
		sums "$column" | LC_ALL=C sort >"$work/summed"
		[ -s "$work/folded" ] && cmp -s "$work/folded" "$work/summed" && continue
		note "$1: other stacks than folded $value"
		diff "$work/folded" "$work/summed" | sed 's/^/# /' | sed 5q
		return 1
	done
}

profile_is_as_of_stat()
{
	command -v protoc >/dev/null || { skip "no protoc: protobuf-compiler"; return; }
	for rec in shell stacks fault sqlite-stacks threads; do
		export_as pprof "$rec" | gunzip | decode profile Profile >"$work/text" || return 1
		awk -f "$here/pprof.awk" "$work/text" >"$work/told" || return 1
		grep '^class ' "$work/told" | sort >"$work/classes"
		classes_of_stat "$rec" | sort >"$work/stat"
		if [ ! -s "$work/stat" ] || ! cmp -s "$work/classes" "$work/stat"; then
			note "$rec: other sums than stat"
			diff "$work/classes" "$work/stat" | sed 's/^/# /' | sed 5q
			return 1
		fi
		same_as_folded "$rec" || return 1
	done
}

# What stack_load touches it touches at one instruction, which records have, too.
leaf_comes_first()
{
	command -v protoc >/dev/null || { skip "no protoc: protobuf-compiler"; return; }
	export_as pprof stacks | gunzip | decode profile Profile | awk -f "$here/pprof.awk" |
		awk '/;stack_load[+]0x12d3 / { n += $(NF - 2) } END { print n }' >"$work/leaves"
	export_as json stacks | jq -r 'select(.event == "fault").at' |
		grep -c -x 'stack_load+0x12d3' >"$work/faults"
	[ "$(cat "$work/faults")" -gt 100 ] && cmp -s "$work/leaves" "$work/faults"
}

# Slices neither overlap nor nest, each has its end, and each flow its two; also where a thread has
# several faults at a time, which no kernel tells.
slices_are_whole()
{
	command -v protoc >/dev/null || { skip "no protoc: protobuf-compiler"; return; }
	hostile_recording "$recordings/threads.rec" "$work/threads.rec" || return 1
	for rec in "$recordings"/shell "$recordings"/stacks "$recordings"/lineage \
		   "$recordings"/random "$recordings"/threads "$recordings"/fault \
		   "$work/threads"; do
		mmscope export -f perfetto -i "$rec.rec" 2>/dev/null | decode perfetto Trace \
			>"$work/text" || return 1
		awk -f "$here/perfetto.awk" "$work/text" >"$work/events" || return 1
		grep -v '^flow' "$work/events" | sort -s -k1,1 -k2,2n -k3,3n | awk '
			$1 != track && open { print "# no end on " track; bad = 1 }
			$1 != track { track = $1; open = 0 }
			$4 == "BEGIN" { if (open++) { print "# overlap on " $0; bad = 1 } slices++ }
			$4 == "END" { if (--open < 0) { print "# no begin of " $0; bad = 1 } }
			END { exit bad || open || !slices }' || return 1
		grep '^flow' "$work/events" | sort | uniq -c | awk '
			$1 != 1 { bad = 1 }
			{ ends[$3] = ends[$3] $4 " " }
			END {
				for (flow in ends) if (ends[flow] != "begins ends ") bad = 1
				exit bad
			}' || { note "$rec: flows"; return 1; }
	done
}

# A slice for each fault, and one for each range that a VMA held
slices_are_all()
{
	command -v protoc >/dev/null || { skip "no protoc: protobuf-compiler"; return; }
	command -v sqlite3 >/dev/null || { skip "no sqlite3"; return; }
	for rec in shell lineage random; do
		export_as perfetto "$rec" | decode perfetto Trace >"$work/text" || return 1
		export_as sqlite "$rec" -o "$work/db"
		n=$(grep -c '^    type: BEGIN' "$work/text")
		[ "$n" = "$(sqlite3 "$work/db" 'SELECT (SELECT count(*) FROM fault) +
			(SELECT count(*) FROM range)')" ] || { note "$rec: $n slices"; return 1; }
	done
}

echo "TAP version 13"
for test in profile_is_as_of_stat leaf_comes_first slices_are_whole slices_are_all; do
	try "$test" "$test"
done
finish
