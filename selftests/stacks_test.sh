#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What led to faults: stacks that are unwound have the functions that a program is known to have
# called, also where code keeps no frame pointers; and what could not be found is counted.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/loads.sh
. "$(dirname "$0")/loads.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# chains SET: "FAULTS CLASS END FUNCTION...": a line for each stack; a function without a name goes
# by its program's. Frame pointers tell no END.
chains()
{
	jq -r '.stacks[]? | [.faults, .class, .end // empty, (.frames[] |
		.function // (.program | split("/") | last // ""))] | join(" ")' "$work/$1.out"
}

# number NAME SET: that of this name beside the stacks
number()
{
	jq "select(.way) | .$1" "$work/$2.out"
}

# counted SET: the faults by class, and those of the stacks
counted()
{
	jq -n '[inputs | .classes[]?.faults] | add // 0' "$work/$1.out"
	faults '.*' "$1"
}

# found CODE SET OPTION... -- COMMAND...: the stacks of a command, as JSON
found()
{
	want=$1
	set_of_loads=$2
	shift 2
	mmscope stat --json "$@" >"$work/$set_of_loads.out" 2>"$work/$set_of_loads.err"
	code=$?
	chains "$set_of_loads" >"$work/$set_of_loads.chains"
	[ "$code" -eq "$want" ] && return
	[ "$want" -eq 0 ] && well_told "$code" "$set_of_loads" && return
	note "exit code $code, not $want"
	return 1
}

# Those that are unwound: all there are but for those that are there in too large a number
unwind_all()
{
	set -- "calls \"$here/unwind_load\" calls" "gone \"$here/unwind_load\" gone" \
		"libraries \"$here/unwind_load\" libraries \"$here\"/unwind_one.so \"$here\"/unwind_two.so" \
		"deep \"$here/unwind_load\" deep"
	[ ! -x "$here/compat32" ] || set -- "$@" "compat \"$here/compat32\""
	together unwound "$@"
	found 0 unwound --stacks=dwarf -- sh "$work/unwound.sh"
}

count_calls()
{
	together untimed "untimed_calls \"$here/unwind_load\" calls"
	found 0 untimed --stacks=dwarf --count -- sh "$work/untimed.sh"
}

# Who reads them is stopped while they are made.
unwind_many()
{
	found 5 many --stacks=dwarf --buffer 1024 -- "$here/unwind_load" many
}

# made SET COMMAND: its stacks, and those that were lost, are as many as its faults
made()
{
	shared "$1" "$2" || return 1
	# shellcheck disable=SC2046 # words
	set -- $(counted "$1") "$(number lost "$1")"
	[ "$1" -gt 0 ] && [ "$1" -eq $(($2 + $3)) ] && return
	note "$1 faults, $2 of them with stacks, $3 lost"
	return 1
}

# has PATTERN SET: a stack is like this, as a whole
has()
{
	grep -q -x "$1" "$work/$2.chains" && return
	note "no '$1':"
	cut -c1-200 "$work/$2.chains" | head -n 20 | sed 's/^/# /'
	return 1
}

# faults PATTERN SET: of all stacks like this
faults()
{
	grep -x "$1" "$work/$2.chains" | awk '{ n += $1 } END { print n + 0 }'
}

# The C library's part: it calls main(), and is called where the program begins.
begin="main libc.so.6 __libc_start_main _start"

# calls_of SET
calls_of()
{
	has "50 anon whole touch inner middle outer $begin" "$1" || return 1
	# Its first or last page it may touch with another instruction than the others.
	n=$(faults "[0-9]* anon whole libc.so.6 by_memset $begin" "$1")
	[ "$n" -eq 40 ] || { note "$1: $n faults by memset(3), not 40"; return 1; }
	n=$(faults "[0-9]* anon whole touch compare .* qsort_r by_qsort $begin" "$1")
	[ "$n" -eq 30 ] || { note "$1: $n faults by qsort(3), not 30"; return 1; }
	has "10 anon whole [_a-z]*read by_read $begin" "$1" &&
		has "10 anon whole touch handler libc.so.6 [_a-z]*kill by_signal $begin" "$1" &&
		has "10 anon whole touch in_thread libc.so.6 [^ ]*" "$1" &&
		has "10 anon whole touch in_child $begin" "$1"
}

calls_agree()
{
	made unwound unwind_all && ended_well calls && calls_of unwound &&
		made untimed count_calls && ended_well untimed_calls && calls_of untimed
}

# A page of the stack without callers may be missing, but not one that has them.
absent_pages_are_told()
{
	made unwound unwind_all && ended_well calls gone &&
		has "5 anon whole touch inner wide in_hole libc.so.6 [^ ]*" unwound &&
		has "5 anon absent touch inner wide" unwound
}

# When the second is unwound, nothing is left of the first; nor of the program, in the end.
libraries_agree()
{
	made unwound unwind_all && ended_well libraries &&
		has "10 anon whole one_touch by_library $begin" unwound &&
		has "10 anon whole two_touch by_library $begin" unwound
}

# More calls than the copy holds: none is made up, and main() is not reached.
deep_ones_are_cut()
{
	made unwound unwind_all && ended_well deep &&
		has "20 anon cut touch\( recurse\)*" unwound || return 1
	deepest=$(awk '/^20 anon cut/ { print NF - 4 }' "$work/unwound.chains")
	# Frames of 64 bytes and what a call takes, in 8 KiB.
	[ "$deepest" -ge 70 ] && [ "$deepest" -le 120 ] && return
	note "$deepest calls"
	return 1
}

lost_ones_are_counted()
{
	made many unwind_many || return 1
	lost=$(number lost many)
	n=$(faults "[0-9]* anon whole touch too_many $begin" many)
	[ "$lost" -ge 1000 ] && [ $((n + lost)) -ge 3000 ] && return
	note "$n, lost: $lost"
	return 1
}

cut_and_lost_are_told_in_text()
{
	once "lines are printed the same" || return
	# Who stops its parent is to be the command itself.
	mmscope stat --stacks=dwarf --buffer 1024 -- \
		sh -c "\"$here/unwind_load\" deep; exec \"$here/unwind_load\" many" >"$work/text" 2>&1
	told=$(sed -n 's/^\([0-9]*\) of [0-9]* stacks are cut at 8 KiB.*/\1/p' "$work/text")
	# They, and the faults of the stack itself while it grew beyond what is copied
	[ "${told:-0}" -ge 20 ] && [ "$told" -le 40 ] &&
		grep -q "^[0-9]* stacks were lost" "$work/text" && return
	note "'$told' were told:"
	tail -n 5 "$work/text" | sed 's/^/# /'
	return 1
}

find_many()
{
	found 0 fp --stacks=fp -- "$here/stack_load" many
}

# Two stacks may want the same place in the kernel's map: who comes second is there, without callers.
# Few of so many find no room in the sums.
collisions_are_counted()
{
	shared fp find_many || return 1
	# shellcheck disable=SC2046 # words
	set -- $(counted fp) "$(number missed fp)" "$(number collided fp)" \
		"$(faults '[0-9]* anon touch_one' fp)" "$(faults '[0-9]* [a-z]* [^ ]*' fp)" \
		"$(faults '[0-9]* anon touch_one.*' fp)"
	# Of 2048 in 16384 places, 128 collide; so many less nobody will ever see.
	[ "$1" -eq $(($2 + $3)) ] && [ "$3" -le 200 ] && [ "$5" -ge 50 ] && [ "$5" -le "$4" ] &&
		[ "$4" -le "$6" ] && [ $(($3 + $7)) -ge 2048 ] && return
	note "faults, of stacks, missed, collided, touch_one() alone, any alone, touch_one():"
	note "$*"
	return 1
}

collisions_are_told_in_text()
{
	once "lines are printed the same" || return
	mmscope stat --stacks -- "$here/stack_load" many >"$work/text" 2>&1
	grep -q "^[0-9]* faults are shown without callers" "$work/text" && return
	tail -n 5 "$work/text" | sed 's/^/# /'
	return 1
}

# compat_faults TEST: those in its code that have such a stack
compat_faults()
{
	jq -n "[inputs | .stacks[]? |
		select(any(.frames[]; .program // \"\" | endswith(\"/compat32\"))) |
		select($1) | .faults] | add // 0" "$work/unwound.out"
}

compat_is_told()
{
	[ -x "$here/compat32" ] || { skip "no 32-bit program"; return; }
	made unwound unwind_all && ended_well compat || return 1
	few=$(compat_faults '.end == "32-bit" and (.frames | length == 1)')
	others=$(compat_faults '.end == "whole"')
	[ "$few" -ge 10 ] && [ "$others" -eq 0 ] && return
	note "$few of a frame each, $others whole"
	return 1
}

way_is_checked()
{
	gives 2 mmscope stat --stacks=frames -- true && grep -q "fp and dwarf" "$work/err"
}

echo "TAP version 13"
for test in calls_agree libraries_agree absent_pages_are_told deep_ones_are_cut \
	    lost_ones_are_counted cut_and_lost_are_told_in_text collisions_are_counted \
	    collisions_are_told_in_text compat_is_told way_is_checked; do
	try "$test" "$test"
done
finish
