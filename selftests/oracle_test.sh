#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Random operations, and after each the log replayed is what the kernel shows: mmscope_oracle.
# MMSCOPE_SEED=N repeats what a failing run has printed, MMSCOPE_OPS=N does more or fewer.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

oracle=$(dirname "$0")/mmscope_oracle
ops=20000
# A kernel that checks itself is many times slower.
[ "${SCOPE_SLOW:-1}" -eq 1 ] || ops=2000
ops=${MMSCOPE_OPS:-$ops}

needs "$oracle"

# oracle ARGUMENT...: its status; what it says when it fails, else its last line
oracle()
{
	"$oracle" "$@" >"$work/out" 2>&1
	status=$?
	case $status in
	0)	note "$(tail -n 1 "$work/out")" ;;
	4)	skip "$(sed -n 's/^# //p' "$work/out")" ;;
	*)	sed 's/^#* */# /' "$work/out" ;;
	esac
	return "$status"
}

# What it does is the same in each run: what fails here, fails again
a_known_seed()
{
	oracle -s 1 -n $((ops / 2)) -l 1000
}

a_new_seed()
{
	oracle ${MMSCOPE_SEED:+-s "$MMSCOPE_SEED"} -n $((ops - ops / 2)) -l 1000
}

# Mostly storms
concurrent_operations()
{
	oracle -n $((ops / 50)) -l 100 -c 10
}

# It must be able to fail: some records of a type are hidden from the model
fails_without()
{
	"$oracle" -s 1 -n 20000 -c 0 -t 0 -x "$1" >"$work/out" 2>&1
	[ $? -eq 1 ] && return 0
	tail -n 3 "$work/out"
	return 1
}

# A failing sequence is shrunk and printed; that plays again, and fails again
prints_a_script_that_fails()
{
	"$oracle" -s 1 -n 20000 -c 0 -t 10 -x unmap >"$work/out" 2>&1
	sed -n '/^\/\*/,/^#/p' "$work/out" | grep -v '^#' >"$work/script"
	"$oracle" -x unmap -r "$work/script" >"$work/again" 2>&1
	[ $? -eq 1 ] && [ "$(wc -l <"$work/script")" -lt 30 ] && return 0
	sed 's/^/# /' "$work/script" "$work/again"
	return 1
}

# What it prints of operations is what it reads
reads_what_it_prints()
{
	"$oracle" -s 3 -n 300 -v >"$work/out" 2>&1 || return 1
	grep '^p[0-9]' "$work/out" | head -n 400 >"$work/script"
	"$oracle" -v -r "$work/script" >"$work/out" 2>&1 || return 1
	grep '^p[0-9]' "$work/out" | cmp - "$work/script"
}

echo "TAP version 13"
try a_known_seed a_known_seed
try a_new_seed a_new_seed
try concurrent_operations concurrent_operations
for type in mmap may_split split copy dup mremap mprotect unmap move fork end fault mkwrite \
	pfn_mkwrite access name; do
	try "fails_without_$type" fails_without $type
done
try prints_a_script_that_fails prints_a_script_that_fails
try reads_what_it_prints reads_what_it_prints
finish
