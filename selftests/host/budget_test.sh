#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope stat --budget: limits of what a run may take. The recordings are those beside this.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq awk
kept=$(dirname "$0")/recordings
[ -e "$kept/sqlite.rec" ] || skip_all "no recordings"
sqlite=$kept/sqlite.rec

# budget LINE...: a file of them
budget()
{
	printf '%s\n' "$@" >"$work/budget"
}

# judges CODE RECORDING LINE...: by a budget of these lines
judges()
{
	want_code=$1 of=$2
	shift 2
	budget "$@"
	gives "$want_code" mmscope stat --budget "$work/budget" -i "$of"
}

# Each figure is what stat or trace shows, exactly: it is kept by itself, and not by one less.
figures_are_stats()
{
	for of in sqlite threads shell; do
		mmscope stat -i "$kept/$of.rec" --json >"$work/stat" || return 1
		mmscope trace -i "$kept/$of.rec" --json >"$work/trace" || return 1
		jq -s -r '[.[].classes // empty] | add | .[] |
			"faults(\(.class)) \(.faults)", "pages(\(.class)) \(.pages)",
			"time(\(.class)) \(.ns)ns", "p50(\(.class)) \(.p50_ns)ns",
			"p99(\(.class)) \(.p99_ns)ns"' "$work/stat" >"$work/figures"
		jq -s -r 'map(select(.source == "bpf")) |
			"mmaps \(map(select(.event == "mmap")) | length)",
			"failed \(map(select(.event == "failed")) | length)",
			"execs \(map(select(.event == "exec")) | length)",
			"faults \(map(select(.event == "fault")) | length)"' "$work/trace" >>"$work/figures"
		[ "$(wc -l <"$work/figures")" -gt 20 ] || return 1
		sed 's/ / == /' "$work/figures" >"$work/exact"
		gives 0 mmscope stat --budget "$work/exact" -i "$kept/$of.rec" || return 1
		# What is 0 cannot be less.
		awk '$2 + 0 { print $1 " < " $2 }' "$work/figures" >"$work/exact"
		gives 1 mmscope stat --budget "$work/exact" -i "$kept/$of.rec" || return 1
		! grep '^ok' "$work/out" || return 1
	done
}

# A fault is planted between two instants: there is one of _int_malloc's more.
one_fault_more_is_caught()
{
	judges 0 "$sqlite" "faults(anon) in _int_malloc <= 470" "faults in malloc.c:4378 <= 470" &&
		judges 1 "$sqlite" "faults(anon) in _int_malloc <= 469" &&
		grep -q "^not ok 1 - faults(anon) in _int_malloc <= 469 (470)" "$work/out" || return 1
	first=$(mmscope trace -i "$sqlite" --json | jq -s '.[0].time_ns')
	last=$(mmscope trace -i "$sqlite" --json -e fault |
		jq -s 'map(select(.event == "fault" and .class == "anon") | .time_ns) | max')
	at=$(awk -v ns=$((last - first)) 'BEGIN { printf "%d.%09d", ns / 1e9, ns % 1e9 }')
	budget "faults(anon) <= 869"
	gives 0 mmscope stat --budget "$work/budget" -i "$sqlite" --to "$at" &&
		gives 1 mmscope stat --budget "$work/budget" -i "$sqlite"
}

places_are_found()
{
	judges 0 "$sqlite" "faults in libc.so.6 == 834" "faults in /lib/x86_64-linux-gnu/libc.so.6 == 834" \
		"faults(anon) in \"_int_malloc\" == 470 # as it was" "faults in malloc.c >= 470"
}

# How many faults may be in a place that is not found is known: all that have no name.
place_that_is_not_found_is_not_judged()
{
	judges 4 "$sqlite" "faults in nowhere.c <= 10" &&
		grep -q "^ok 1 .* # SKIP not judged: no such place" "$work/out" &&
		judges 0 "$sqlite" "faults in nowhere.c <= 1000" &&
		judges 1 "$sqlite" "faults in nowhere.c <= 10" "vmas < 2"
}

# A recording that was cut has at least what it has.
lost_is_not_judged()
{
	of=$kept/sqlite-stacks.rec
	head -c $(($(wc -c <"$of") - 2000)) "$of" >"$work/cut.rec"
	judges 5 "$work/cut.rec" "faults <= 5000" "p99(anon) <= 1s" "faults >= 1" &&
		[ "$(grep -c 'SKIP not judged: something was lost' "$work/out")" -eq 2 ] &&
		judges 1 "$work/cut.rec" "faults <= 5000" "faults <= 1" &&
		grep -q "^not ok 2" "$work/out" &&
		complains_of_loss || return 1
	# Of a block that is not whole there is nothing.
	head -c 9000 "$sqlite" >"$work/cut.rec"
	judges 5 "$work/cut.rec" "faults <= 5000" && grep -q "^ok 1 .* (0) # SKIP" "$work/out"
}

complains_of_loss()
{
	gives 5 mmscope stat --write-budget "$work/new" -i "$work/cut.rec" && [ ! -e "$work/new" ]
}

# wrong LINE TEXT: told with file and number, before anything is read
wrong()
{
	budget "# first" "" "$1"
	complains 2 "budget:3: .*$2" mmscope stat --budget "$work/budget" -i "$work/none"
}

bad_lines_are_told()
{
	wrong "fault <= 3" "no such figure (did you mean faults" &&
		wrong "faults(anom) <= 3" "no class of faults" &&
		wrong "faults(anon <= 3" "a ) is missing" &&
		wrong "vmas(anon) <= 3" "it has no classes" &&
		wrong "vmas in main <= 3" "only faults are counted by place" &&
		wrong "faults in" "in which place" &&
		wrong 'faults in "main <= 3' "is missing behind it" &&
		wrong "faults = 3" "no operator" &&
		wrong "faults" "end of line: no operator" &&
		wrong "faults <= many" "no number" &&
		wrong "faults <= 1.5" "no whole number" &&
		wrong "faults <= 3K" "a number has no unit here" &&
		wrong "rss_peak <= 3us" "units are K, M and G" &&
		wrong "p99(anon) <= 3M" "units are ns" &&
		wrong "p100(anon) <= 3us" "no such figure" &&
		wrong "p0 <= 3us" "no such figure" &&
		wrong "p99 <= 3us 4" "one word too many" &&
		wrong "faults <= 99999999999999999999" "too large" &&
		wrong "faults <= 1.2.3" "no number" || return 1
	printf 'faults <= 3\n\0\n' >"$work/budget"
	complains 2 "budget:2: a NUL" mmscope stat --budget "$work/budget" -i "$sqlite"
}

bad_files_are_told()
{
	budget "# nothing"
	complains 2 "no limit is in it" mmscope stat --budget "$work/budget" -i "$sqlite" &&
		complains 2 "No such file" mmscope stat --budget "$work/none" -i "$sqlite" &&
		complains 2 "Is a directory" mmscope stat --budget "$work" -i "$sqlite" &&
		complains 2 "not with" mmscope stat --count --budget "$work/budget" -i "$sqlite" &&
		complains 2 "write another" mmscope stat --budget "$work/budget" \
			--write-budget "$work/new" -i "$sqlite" &&
		complains 3 "No such file" mmscope stat --write-budget "$work/no/new" -i "$sqlite" || return 1
	awk 'BEGIN { for (i = 0; i < 10001; i++) print "faults <= 5000" }' >"$work/budget"
	complains 2 "too many lines" mmscope stat --budget "$work/budget" -i "$sqlite"
}

written_budget_is_kept()
{
	for of in true sqlite threads shell fault both; do
		rm -f "$work/new"
		gives 0 mmscope stat --write-budget "$work/new" -i "$kept/$of.rec" &&
			gives 0 mmscope stat --budget "$work/new" -i "$kept/$of.rec" || return 1
	done
	# It is not overwritten, and has room for another run, not for any.
	complains 2 "is not overwritten" mmscope stat --write-budget "$work/new" -i "$sqlite" || return 1
	rm "$work/new"
	mmscope stat --write-budget "$work/new" -i "$kept/sqlite-stacks.rec" >/dev/null || return 1
	gives 1 mmscope stat --budget "$work/new" -i "$sqlite" &&
		grep -q "^not ok .* faults(anon)" "$work/out"
}

output_is_tap_and_json()
{
	judges 1 "$sqlite" "faults <= 1" 'faults in "a # b" <= 5000 # of it' "vmas >= 1" || return 1
	[ "$(head -n 2 "$work/out" | tr '\n' ' ')" = "TAP version 13 1..3 " ] &&
		grep -q '^ok 2 - faults in "a \\# b" <= 5000 (0)$' "$work/out" || return 1
	gives 1 mmscope stat --budget "$work/budget" -i "$sqlite" --json &&
		jq -e '.event == "budget" and .failed == 1 and .held == 2 and
			(.limits | map(.line) == [1, 2, 3]) and .limits[0].measured == 996' \
			"$work/out" >/dev/null
}

for test in figures_are_stats one_fault_more_is_caught places_are_found \
	    place_that_is_not_found_is_not_judged lost_is_not_judged bad_lines_are_told \
	    bad_files_are_told written_budget_is_kept output_is_tap_and_json; do
	try "$test" "$test"
done
finish
