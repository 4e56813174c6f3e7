#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each experiment of the tool is a test: what it predicts for this kernel must hold.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope

experiment()
{
	mmscope run "$1" >"$work/out" 2>&1
	case $? in
	0)	return 0 ;;
	4)	skip "$(grep -i -m 1 skip "$work/out")" ;;
	*)	sed 's/^/# /' "$work/out"
		return 1 ;;
	esac
}

names()
{
	mmscope list --json | grep -o '"name":"[^"]*"' | cut -d '"' -f 4
}

some_are_listed()
{
	[ "$(names | wc -l)" -ge 10 ]
}

# What a person reads and what a program reads are the same list
lists_agree()
{
	names | sort >"$work/json"
	mmscope list | sed -n 's/^  \([a-z][a-z0-9-]*\) .*/\1/p' | sort >"$work/plain"
	diff "$work/json" "$work/plain" | sed 's/^/# /'
	cmp -s "$work/json" "$work/plain"
}

echo "TAP version 13"
try some_are_listed some_are_listed
try lists_agree lists_agree
for name in $(names); do
	try "$name" experiment "$name"
done
finish
