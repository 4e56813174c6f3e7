#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope check, of drivers with one mistake each: each is told by its own check, and by no other.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/check.sh
. "$(dirname "$0")/check.sh"

needs mmscope jq
here=$(dirname "$0")
device_prefix=/dev/mmscope_mmap_

# drivers: they are there
drivers()
{
	[ -e "$here/mmscope_mmaps.ko" ] || { skip "no mmscope_mmaps.ko"; return; }
	[ -e /dev/mmscope_mmap_page ] || insmod "$here/mmscope_mmaps.ko"
}

# R is left out: it takes seconds with each, and says nothing where all is well.
each_mistake_by_its_check()
{
	drivers || return
	recipe old_data "say cleared"
	wrong=0
	for row in page: pfn: mixed: remap: grows:F1 maywrite:F2 grants:F3 cow_pfn:F4 rotates:H3 \
		   twins:H3 own_page:P1 own_read:P2 no_write:P3 no_exec:P4 no_open:L1 forgets:L1 \
		   from_start:L1 from_first:L2 one_process:L4 at_flush:L5 resets:L10 old_data:D1 \
		   addresses:D2 wrong_access:G2 reuses:G5 leaks_fault:M1 leaks_open:M2 \
		   any_length:B1 any_offset:B2 cut_offset:B3 cut_pages:B3 no_bound:B4; do
		told "${row%%:*}" "${row#*:}" -c F,H3,P,L,D,G,A,M,B || wrong=1
	done
	[ "$wrong" -eq 0 ]
}

# What only a trace of the driver's hooks shows, which takes ten seconds each.
hooks_are_watched()
{
	once "hooks_test.sh has the trace on each" || return
	needs_types skip || return
	drivers || return
	told page "" -c H1,H2 && jq -s -e 'any(.check == "H1" and .verdict == "ok") and
			any(.check == "H2" and .verdict == "ok")' "$work/out" >"$work/true" &&
		told no_open H1 -c H1 && told lacks H2 -c H2
}

# A page that never comes: its check is ended, told as HANG, and the next one runs.
what_does_not_end_is_ended()
{
	drivers || return
	told never_maps P1 -c P -t 3 && [ "$code" -eq 1 ] &&
		[ "$(jq -r 'select(.check == "P1").verdict' "$work/out")" = HANG ] &&
		[ "$(jq -r 'select(.check == "P3").verdict' "$work/out")" = ok ]
}

# What the kernel complains of is quoted, and nothing is tried after it.
a_complaint_of_the_kernel_ends_all()
{
	drivers || return
	told complains P1 -c P,L && [ "$code" -eq 1 ] &&
		jq -s -e 'any(.check == "P1" and .verdict == "KERNEL" and
			(.why | contains("use-after-free, if it were one"))) and
			any(.event == "summary" and (.stopped | contains("boot anew"))) and
			all(.check != "P3" and .check != "L1")' "$work/out" >"$work/true"
}

# So few seconds are too few for all the rounds of M, which then makes fewer of them.
leaks_are_told_in_little_time()
{
	drivers || return
	told page "" -c M -t 4 && told leaks_fault M1 -c M1 -t 4
}

# An ioctl that has what is mapped used by others, and a driver that refuses it.
calls_are_tried()
{
	drivers || return
	recipe refills later "ioctl \$dev 0x1234 arg:0"
	told refills X1 -c X || return
	recipe page later "ioctl \$dev 0x1234 arg:0"
	told page "" -c R,X && jq -s -e 'any(.check == "X1" and .verdict == "ok" and
			(.why | contains("ENOTTY"))) and
		all(.event != "check" or .verdict == "ok" or
			(.check == "X3" and .verdict == "skip"))' "$work/out" >"$work/true" && return
	note "$(jq -c 'select(.event == "check" and .verdict != "ok")' "$work/out")"
	return 1
}

# From ->mmap to ->mmap_prepare and ->mapped, well and badly
conversions_are_compared()
{
	drivers || return
	[ -e /dev/mmscope_mmap_converted ] || { skip "no ->mapped"; return; }
	told page "" -c F,H3,P,L,D,G,A,M,B && mv "$work/out" "$work/was" &&
		told converted "" -c F,H3,P,L,D,G,A,M,B,N --against "$work/was" &&
		jq -s -e 'any(.check == "N1" and .verdict == "ok")' "$work/out" >"$work/true" &&
		told converted_badly "L1 N1" -c L,N --against "$work/was" &&
		jq -s -e 'any(.check == "N1" and (.why | contains("L1 was ok, and is FAIL")))' \
			"$work/out" >"$work/true"
}

danger_is_asked_for()
{
	complains 2 "say --yes" mmscope check --destructive /dev/null
}

echo "TAP version 13"
try each_mistake_by_its_check each_mistake_by_its_check
try hooks_are_watched hooks_are_watched
try what_does_not_end_is_ended what_does_not_end_is_ended
try a_complaint_of_the_kernel_ends_all a_complaint_of_the_kernel_ends_all
try leaks_are_told_in_little_time leaks_are_told_in_little_time
try calls_are_tried calls_are_tried
try conversions_are_compared conversions_are_compared
try danger_is_asked_for danger_is_asked_for
[ ! -e /dev/mmscope_mmap_page ] || rmmod mmscope_mmaps
finish
