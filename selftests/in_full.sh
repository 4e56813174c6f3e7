#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# in_full.sh PROGRAM: all tests of a program, each as often as nobody waits for (scope_rounds() in
# scope.h). The last line says how many there were.

out=$(mktemp)
trap 'rm -f "$out"' EXIT
SCOPE_SOAK=1 "$(dirname "$0")/$1" >"$out" 2>&1
status=$?
cat "$out"
sed -n 's/^# Totals: pass:\([0-9]*\) .* skip:\([0-9]*\) .*/\1 tests in full, \2 tests skipped/p' "$out"
exit $status
