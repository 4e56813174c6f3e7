#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope check, of drivers of many shapes: right ones, that it has nothing to complain of, and ones
# with a mistake each, which is told by its own check, and by no other. Those whose mistake costs
# the kernel something are for scripts/deadly.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/check.sh
. "$(dirname "$0")/check.sh"

needs mmscope jq
here=$(dirname "$0")
device_prefix=/dev/mmscope_shape_
usual=F,H3,P,L,D,G,A,M,B

# drivers: they are there
drivers()
{
	[ -e "$here/mmscope_shapes.ko" ] || { skip "no mmscope_shapes.ko"; return; }
	[ -e "${device_prefix}lazy" ] || insmod "$here/mmscope_shapes.ko"
}

# each_told CHECKS NAME[:ID]...: as told, of each of them
each_told()
{
	checks=$1
	wrong=0
	shift
	for row; do
		told "${row%%:*}" "$(echo "$row" | sed 's/[^:]*:*//')" -c "$checks" || wrong=1
	done
	[ "$wrong" -eq 0 ]
}

# All of it at once, by the first fault, for each mapping, for all that have it open
right_ones_pass()
{
	drivers || return
	each_told "$usual" vmalloc insert dma single ticks global global_cleared lazy lazy_locked \
		lazy_pfn lazy_insert mkwrite object until_close mirror calls reads revokes
}

# A page frame is faulted in again only where cutting the mapping takes a huge entry away: 6.1 maps
# this memory by small ones.
huge_ones_pass()
{
	drivers || return
	extent=2M
	by_start=L1
	case $(uname -r) in
	6.1.*)	by_start= ;;
	esac
	told huge "" --length 2M -c "$usual" && told compound "" --length 2M -c "$usual" &&
		told huge_start "$by_start" --length 2M -c "$usual"
	status=$?
	extent=64K
	return "$status"
}

each_mistake_by_its_check()
{
	once "the mistakes are the drivers'" || return
	drivers || return
	each_told "$usual" one_more:B1 int:B3 signed:B3 unchecked:B1 lazy_lost:H3 lazy_two_refs:M2 \
		lazy_no_end:B4 lazy_user:G1 lazy_random:A1 lazy_not_locked:A2 lazy_old:D2 \
		object_no_put:M1 object_small:M3 object_copy:L1 object_start:L2 \
		object_refused:M4 object_clears:L1
}

# A page that never comes: mm takes it for one that was truncated.
what_does_not_end_is_ended()
{
	once "the tool ends it" || return
	drivers || return
	told mkwrite_zero T1 -t 5 -c T1 && [ "$(complaints | jq -r .verdict)" = HANG ]
}

# VM_IO is written only where that is asked for.
rights_of_page_tables()
{
	once "the mistakes are the drivers'" || return
	drivers || return
	told frames "" --write -c F,P,L && told writable F3 --write -c F,P &&
		told private P1 --write -c F,P
}

races()
{
	once "the mistakes are the drivers'" || return
	drivers || return
	each_told R lazy object calls object_racy:R2 lazy_unlocked:R4 shared:R3
}

# What a call reaches for may be the driver's own memory; and it may free what is mapped.
calls()
{
	once "the mistakes are the drivers'" || return
	drivers || return
	for kind in calls revokes call_frees; do
		recipe "$kind" later "ioctl \$dev 0x1234 arg:\$mapping"
		want=
		[ "$kind" != call_frees ] || want=X1
		told "$kind" "$want" -c X || return
	done
	told reads "" -c X
}

# Who counts in ->mmap_prepare counts two for the one VMA that mm makes of two halves.
conversions()
{
	needs_types skip || return
	drivers || return
	[ -e /dev/mmscope_shape_mapped ] || { skip "no ->mapped"; return; }
	told mapped "" -c L,M,H1 || return
	jq -s -e 'any(.check == "H1" and .verdict == "ok")' "$work/out" >"$work/true" ||
		{ skip "$(jq -r 'select(.check == "H1").why' "$work/out")"; return; }
	told prepared M5 -c L,M,H1
}

echo "TAP version 13"
try right_ones_pass right_ones_pass
try huge_ones_pass huge_ones_pass
try each_mistake_by_its_check each_mistake_by_its_check
try what_does_not_end_is_ended what_does_not_end_is_ended
try rights_of_page_tables rights_of_page_tables
try races races
try calls calls
try conversions conversions
[ ! -e /dev/mmscope_shape_lazy ] || rmmod mmscope_shapes
finish
