#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope doctor --deep: the kernel calls each program of the tracer, and one that it does not call
# is noticed.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/memory.sh
. "$(dirname "$0")/memory.sh"

needs mmscope jq
needs_types skip_all
nothing_is_amiss()
{
	mmscope doctor --deep >"$work/deep" 2>&1
	! grep -B 1 -A 1 "^fail" "$work/deep" | sed 's/^/# /' | grep .
}

# What a machine of ours has is tried: whatever is left has its reason.
all_is_tried()
{
	sed -n 's/^warn  \(.*\): cannot be done here.*/\1/p' "$work/deep" >"$work/not_done"
	[ ! -e "$swap" ] && echo "a page that goes to swap and comes back" >>"$work/may"
	[ ! -e "$ksm" ] && echo "KSM" >>"$work/may"
	[ ! -e /proc/sys/vm/nr_hugepages ] && echo "hugetlbfs" >>"$work/may"
	touch "$work/may"
	if grep -v -F -f "$work/may" "$work/not_done" >"$work/left"; then
		sed 's/^/# not done: /' "$work/left"
		return 1
	fi
	[ "$(grep -c "^ok " "$work/deep")" -gt 35 ]
}

# deaf PROGRAM WHAT: as if the kernel no longer called it
deaf()
{
	MMSCOPE_NEVER_CALLED=$1 mmscope doctor --deep >"$work/out" 2>&1
	[ $? -eq 3 ] && grep -q "^fail  $2: not called: $1" "$work/out" && return
	sed -n 's/^fail/# fail/p' "$work/out"
	return 1
}

one_that_is_not_called_is_noticed()
{
	deaf vm_area_dup "munmap(2) of a part" && deaf process_exec "execve(2)" &&
		deaf fault_counted "a fault"
}

it_is_the_same_as_json()
{
	mmscope doctor --deep --json >"$work/json" 2>"$work/err"
	jq -e -n 'any(inputs | .. | objects; .what // "" | startswith("execve(2): process_exec"))' \
		"$work/json" >/dev/null
}

memory_prepare >"$work/prepare" 2>&1
set_to advise "$thp/shmem_enabled"
for test in nothing_is_amiss all_is_tried one_that_is_not_called_is_noticed \
	    it_is_the_same_as_json; do
	try "$test" "$test"
done
memory_restore >"$work/restore" 2>&1
finish
