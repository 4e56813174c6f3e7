#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Random calls, for some seconds: the kernel says nothing, and nothing is left. `make soak` has more.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

fuzz=$(dirname "$0")/mmscope_fuzz

leave_nothing()
{
	"$fuzz" -t 5 "$@" >"$work/out" 2>&1
	status=$?
	sed 's/^/# /' "$work/out"
	[ "$status" -ne 3 ] || skip "no /dev/mmscope"
	[ "$status" -eq 0 ]
}

echo "TAP version 13"
try "fuzz.random_calls_leave_nothing" leave_nothing
try "fuzz.random_calls_of_one_process_leave_nothing" leave_nothing -p 1
finish
