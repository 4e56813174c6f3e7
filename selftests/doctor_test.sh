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

# As if the kernel no longer called some
examine_deaf()
{
	MMSCOPE_NEVER_CALLED=vm_area_dup,process_exec,fault_counted \
		mmscope doctor --deep --json >"$work/deaf.out" 2>"$work/deaf.err"
	[ $? -eq 3 ]
}

# deaf PROGRAM WHAT: that is noticed
deaf()
{
	jq -e -n --arg what "$2: not called: $1" 'any(inputs.findings[];
		.finding == "fail" and (.what | startswith($what)))' "$work/deaf.out" \
		>"$work/found" && return
	note "$1 is not missed:"
	jq -r '.findings[] | select(.finding == "fail") | "# \(.what)"' "$work/deaf.out"
	return 1
}

one_that_is_not_called_is_noticed()
{
	once "that it is not called is pretended" || return
	shared deaf examine_deaf && deaf vm_area_dup "munmap(2) of a part" &&
		deaf process_exec "execve(2)" && deaf fault_counted "a fault"
}

# The deeds in text are those as JSON.
it_is_the_same_as_json()
{
	once "a list is written the same" || return
	shared deaf examine_deaf
	jq -r '.findings[].what' "$work/deaf.out" | cut -d : -f 1 | sort -u >"$work/as_json"
	sed -n 's/^\(ok\|warn\|fail\)  *//p' "$work/deep" | cut -d : -f 1 | sort -u >"$work/as_text"
	[ "$(wc -l <"$work/as_json")" -gt 35 ] && cmp -s "$work/as_json" "$work/as_text" && return
	diff "$work/as_text" "$work/as_json" | sed 's/^/# /'
	return 1
}

memory_prepare >"$work/prepare" 2>&1
set_to advise "$thp/shmem_enabled"
for test in nothing_is_amiss all_is_tried one_that_is_not_called_is_noticed \
	    it_is_the_same_as_json; do
	try "$test" "$test"
done
memory_restore >"$work/restore" 2>&1
finish
