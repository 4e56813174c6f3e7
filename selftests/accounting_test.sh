#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Every record is delivered, or known to be lost: mmscope_accounting.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

program=$(dirname "$0")/mmscope_accounting
faults=150000
# A kernel that checks itself is many times slower.
[ "${SCOPE_SLOW:-1}" -eq 1 ] || faults=30000

needs "$program"

books_balance()
{
	"$program" -n "$faults" >"$work/out" 2>&1
	status=$?
	case $status in
	0)	note "$(tail -n 1 "$work/out")" ;;
	4)	skip "$(sed -n 's/^# //p' "$work/out")" ;;
	*)	sed 's/^#* */# /' "$work/out" ;;
	esac
	return "$status"
}

echo "TAP version 13"
try books_balance books_balance
finish
