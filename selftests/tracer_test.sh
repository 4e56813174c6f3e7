#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tracer of any process: the set of VMAs that its records tell is the one that the kernel has,
# and who may not or cannot trace learns why.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope
here=$(dirname "$0")

# verified COUNT COMMAND...: compared at least COUNT times, and never different
verified()
{
	least=$1
	shift
	mmscope trace --verify -- "$@" >"$work/out" 2>"$work/err"
	code=$?
	count=$(sed -n 's/ times compared.*//p' "$work/out")
	[ "$code" -eq 0 ] && [ "${count:-0}" -ge "$least" ] && return
	note "$*: exit code $code"
	sed 's/^/# /' "$work/out" "$work/err"
	return 1
}

one_thread()
{
	for seed in 1 2; do
		verified 150 "$here/random_load" "$seed" 200 || return 1
	done
}

threads_and_fork()
{
	verified 50 "$here/random_load" 3 200 3 1
}

# complains CODE TEXT COMMAND...: the exit code, and one line on stderr with the text
complains()
{
	want=$1 text=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq "$want" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep -q "$text" "$work/err" && return
	note "$*: exit code $code"
	sed 's/^/# /' "$work/err"
	return 1
}

no_right()
{
	complains 3 "CAP_BPF and CAP_PERFMON" su user -c "mmscope trace -- /bin/true"
}

no_process()
{
	true &
	gone=$!
	wait "$gone"
	complains 3 "no such process" mmscope trace -p "$gone" && kernel_thread
}

kernel_thread()
{
	complains 3 "kernel thread" mmscope trace -p 2
}

verified_knows_a_difference()
{
	MMSCOPE_WITHOUT=process_exec mmscope trace --verify -- "$here/random_load" 1 20 \
		>"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq 1 ] && grep -q "not told: the names of programs" "$work/err" && return
	note "exit code $code"
	sed 's/^/# /' "$work/out" "$work/err"
	return 1
}

echo "TAP version 13"
for test in one_thread threads_and_fork verified_knows_a_difference no_right no_process; do
	try "$test" "$test"
done
finish
