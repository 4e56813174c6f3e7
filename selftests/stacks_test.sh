#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What led to faults: stacks that are unwound have the functions that a program is known to have
# called, also where code keeps no frame pointers; and what could not be found is counted.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# chains: "FAULTS CLASS END FUNCTION...": a line for each stack; a function without a name goes by
# its program's. Frame pointers tell no END.
chains()
{
	jq -r '.stacks[]? | [.faults, .class, .end // empty, (.frames[] |
		.function // (.program | split("/") | last // ""))] | join(" ")' "$work/out"
}

# number NAME: that of this name beside the stacks
number()
{
	jq "select(.way) | .$1" "$work/out"
}

# counted: the faults by class, and those of the stacks
counted()
{
	jq -n '[inputs | .classes[]?.faults] | add // 0' "$work/out"
	faults '.*'
}

# found CODE WAY OPTION COMMAND...: the stacks of a command
found()
{
	want=$1
	way=$2
	option=$3
	shift 3
	# shellcheck disable=SC2086 # an option or none
	gives "$want" mmscope stat "--stacks=$way" $option --json -- "$@" || return 1
	chains >"$work/chains"
}

# unwound CODE OPTION COMMAND...: they and those lost are as many as the faults
unwound()
{
	want=$1
	shift
	found "$want" dwarf "$@" || return 1
	# shellcheck disable=SC2046 # words
	set -- $(counted) "$(number lost)"
	[ "$1" -gt 0 ] && [ "$1" -eq $(($2 + $3)) ] && return
	note "$1 faults, $2 of them with stacks, $3 lost"
	return 1
}

# has PATTERN: a stack is like this, as a whole
has()
{
	grep -q -x "$1" "$work/chains" && return
	note "no '$1':"
	cut -c1-200 "$work/chains" | head -n 20 | sed 's/^/# /'
	return 1
}

# faults PATTERN: of all stacks like this
faults()
{
	grep -x "$1" "$work/chains" | awk '{ n += $1 } END { print n + 0 }'
}

# The C library's part: it calls main(), and is called where the program begins.
begin="main libc.so.6 __libc_start_main _start"

calls_agree()
{
	for option in "" --count; do
		unwound 0 "$option" "$here/unwind_load" calls || return 1
		has "50 anon whole touch inner middle outer $begin" || return 1
		has "40 anon whole libc.so.6 by_memset $begin" || return 1
		n=$(faults "[0-9]* anon whole touch compare .* qsort_r by_qsort $begin")
		[ "$n" -eq 30 ] || { note "$option: $n faults by qsort(3), not 30"; return 1; }
		has "10 anon whole [_a-z]*read by_read $begin" &&
			has "10 anon whole touch handler libc.so.6 [_a-z]*kill by_signal $begin" &&
			has "10 anon whole touch in_thread libc.so.6 [^ ]*" &&
			has "10 anon whole touch in_child $begin" || return 1
	done
}

# A page of the stack without callers may be missing, but not one that has them.
absent_pages_are_told()
{
	unwound 0 "" "$here/unwind_load" calls &&
		has "5 anon whole touch inner wide in_hole libc.so.6 [^ ]*" &&
		unwound 0 "" "$here/unwind_load" gone && has "5 anon absent touch inner wide"
}

# When the second is unwound, nothing is left of the first; nor of the program, in the end.
libraries_agree()
{
	unwound 0 "" "$here/unwind_load" libraries "$here/unwind_one.so" "$here/unwind_two.so" &&
		has "10 anon whole one_touch by_library $begin" &&
		has "10 anon whole two_touch by_library $begin"
}

# More calls than the copy holds: none is made up, and main() is not reached.
deep_ones_are_cut()
{
	unwound 0 "" "$here/unwind_load" deep && has "20 anon cut touch\( recurse\)*" || return 1
	deepest=$(awk '/^20 anon cut/ { print NF - 4 }' "$work/chains")
	# Frames of 64 bytes and what a call takes, in 8 KiB.
	if [ "$deepest" -lt 70 ] || [ "$deepest" -gt 120 ]; then
		note "$deepest calls"
		return 1
	fi
	mmscope stat --stacks=dwarf -- "$here/unwind_load" deep >"$work/text" 2>&1
	told=$(sed -n 's/^\([0-9]*\) of [0-9]* stacks are cut at 8 KiB.*/\1/p' "$work/text")
	# They, and the faults of the stack itself while it grew beyond what is copied
	[ "${told:-0}" -ge 20 ] && [ "$told" -le 40 ] && return
	note "'$told' were told"
	return 1
}

# Who reads them is stopped while they are made.
lost_ones_are_counted()
{
	unwound 5 "--buffer 1024" "$here/unwind_load" many || return 1
	lost=$(number lost)
	n=$(faults "[0-9]* anon whole touch too_many $begin")
	if [ "$lost" -lt 1000 ] || [ $((n + lost)) -lt 3000 ]; then
		note "$n, lost: $lost"
		return 1
	fi
	mmscope stat --stacks=dwarf --buffer 1024 -- "$here/unwind_load" many >"$work/text" 2>&1
	grep -q "^[0-9]* stacks were lost" "$work/text" && return
	note "not told:"
	tail -n 5 "$work/text" | sed 's/^/# /'
	return 1
}

# Two stacks may want the same place in the kernel's map: who comes second is there, without callers.
# Few of so many find no room in the sums.
collisions_are_counted()
{
	found 0 fp "" "$here/stack_load" many || return 1
	# shellcheck disable=SC2046 # words
	set -- $(counted) "$(number missed)" "$(number collided)" \
		"$(faults '[0-9]* anon touch_one')" "$(faults '[0-9]* [a-z]* [^ ]*')" \
		"$(faults '[0-9]* anon touch_one.*')"
	# Of 2048 in 16384 places, 128 collide; so many less nobody will ever see.
	if [ "$1" -ne $(($2 + $3)) ] || [ "$3" -gt 200 ] || [ "$5" -lt 50 ] || [ "$5" -gt "$4" ] ||
	   [ "$4" -gt "$6" ] || [ $(($3 + $7)) -lt 2048 ]; then
		note "faults, of stacks, missed, collided, touch_one() alone, any alone, touch_one():"
		note "$*"
		return 1
	fi
	mmscope stat --stacks -- "$here/stack_load" many >"$work/text" 2>&1
	grep -q "^[0-9]* faults are shown without callers" "$work/text" && return
	tail -n 5 "$work/text" | sed 's/^/# /'
	return 1
}

compat_is_told()
{
	[ -x "$here/compat32" ] || { skip "no 32-bit program"; return; }
	unwound 0 "" "$here/compat32" || return 1
	[ "$(faults "[0-9]* [a-z]* 32-bit [^ ]*")" -ge 10 ] &&
		[ "$(faults "[0-9]* [a-z]* whole .*")" -eq 0 ]
}

way_is_checked()
{
	gives 2 mmscope stat --stacks=frames -- true && grep -q "fp and dwarf" "$work/err"
}

echo "TAP version 13"
for test in calls_agree libraries_agree absent_pages_are_told deep_ones_are_cut \
	    lost_ones_are_counted collisions_are_counted compat_is_told way_is_checked; do
	try "$test" "$test"
done
finish
