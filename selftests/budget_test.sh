#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Budgets of a command that runs, and what differs between two recordings of it: one fault more is
# found by both, and nothing else. host/budget_test.sh and host/diff_test.sh have the rest.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")
load=$here/budget_load
record="what is judged are records, which other tests compare with the kernel"

# What is written of one run another keeps, that takes one fault more; and that is found.
one_fault_more_is_found()
{
	once "$record" || return
	gives 0 mmscope record -o "$work/100.rec" -- "$load" 100 &&
		gives 0 mmscope stat --write-budget "$work/budget" -i "$work/100.rec" || return 1
	written=$(grep -c '^[a-z]' "$work/budget")
	echo "faults(anon) in touch_pages <= 100" >>"$work/budget"
	gives 0 mmscope stat --budget "$work/budget" -i "$work/100.rec" &&
		gives 1 mmscope stat --budget "$work/budget" -- "$load" 101 || return 1
	[ "$(grep -c '^ok' "$work/out")" -eq "$written" ] && [ "$written" -ge 10 ] &&
		grep -q '^not ok .* in touch_pages <= 100 (101)' "$work/out" && return
	grep '^not\|SKIP' "$work/out" | sed 's/^/# /'
	return 1
}

# Both runs have other addresses.
one_fault_more_is_the_difference()
{
	once "$record" || return
	gives 0 mmscope record -o "$work/101.rec" -- "$load" 101 || return 1
	gives 1 mmscope diff "$work/100.rec" "$work/101.rec" --json || return 1
	jq -e -s '(.[0].changes | add) == 0 and (.[0].one_recording | not) and
		  (map(.places // empty) | add | map(select(.name == "touch_pages"))) as $of |
		  ($of | length) == 1 and $of[0].a == 100 and $of[0].b == 101' "$work/out" >"$work/true" &&
		return
	jq -c -s '.[0].changes, .[0].vmas, (map(.places // empty) | add)' "$work/out" | cut -c1-600 |
		sed 's/^/# /'
	return 1
}

echo "TAP version 13"
for test in one_fault_more_is_found one_fault_more_is_the_difference; do
	try "$test" "$test"
done
finish
