#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope check, of drivers with one mistake each: each is told by its own check, and by no other.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
here=$(dirname "$0")

# told NAME WANT: what check has to complain of at that driver is this, and nothing else
told()
{
	recipe=/dev/mmscope_mmap_$1
	[ "$1" != old_data ] || {
		recipe=$work/recipe
		printf '%s\n' "open dev /dev/mmscope_mmap_old_data rw" "map \$dev" "length 64K" \
			"say cleared" >"$recipe"
	}
	mmscope check --yes --destructive --extent 64K -c F,P,L,D,G,A,M,B --json "$recipe" \
		>"$work/out" 2>"$work/err"
	got=$(jq -r 'select(.verdict | IN("warn", "FAIL", "HANG", "KERNEL")) | .check' "$work/out" |
		paste -sd ' ')
	jq -s -e 'any(.event == "summary")' "$work/out" >"$work/said" && [ "$got" = "$2" ] && return
	note "$1: '$got', not '$2'"
	sed 's/^/# /' "$work/err"
	return 1
}

each_mistake_by_its_check()
{
	once "the drivers and the checks are ours" || return
	[ -e "$here/mmscope_mmaps.ko" ] || { skip "no mmscope_mmaps.ko"; return; }
	insmod "$here/mmscope_mmaps.ko" || return 1
	wrong=0
	for row in page: pfn: mixed: remap: grows:F1 maywrite:F2 grants:F3 cow_pfn:F4 own_page:P1 \
		   no_write:P3 no_exec:P4 no_open:L1 forgets:L1 from_start:L1 from_first:L2 \
		   one_process:L4 at_flush:L5 resets:L10 old_data:D1 addresses:D2 wrong_access:G2 \
		   reuses:G5 leaks_fault:M1 leaks_open:M2 any_length:B1 any_offset:B2 cut_offset:B3 \
		   cut_pages:B3 no_bound:B4; do
		told "${row%%:*}" "${row#*:}" || wrong=1
	done
	rmmod mmscope_mmaps && [ "$wrong" -eq 0 ]
}

echo "TAP version 13"
try each_mistake_by_its_check each_mistake_by_its_check
finish
