#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the tracer calls things: causes that are no system call, and the names of all that are.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope
needs_types skip_all
here=$(dirname "$0")

# Each fault that cause_load knows of has the cause that it names, and no other.
causes_are_named()
{
	GLIBC_TUNABLES=glibc.pthread.rseq=0 mmscope trace -o where,cause,what -- \
		sh -c "exec \"$here/cause_load\" >\"$work/want\"" >"$work/trace" 2>"$work/err" ||
		{ sed 's/^/# /' "$work/err"; return 1; }
	grep -q '^[0-9]' "$work/want" || return 1
	while read -r address cause; do
		page=$(printf '%012x' "$address" | cut -c 1-9)
		case $address in
		no)	note "no $cause"
			continue ;;
		esac
		grep "^$page" "$work/trace" | grep 'by kernel in\|, for ' >"$work/those"
		grep -q ", by kernel in $cause," "$work/those" &&
			! grep -v -F "$cause" "$work/those" && continue
		note "$page: not $cause"
		sed 's/^/# /' "$work/those"
		return 1
	done <"$work/want"
}

# What the kernel calls them inside, where that differs from what is called.
names_of_calls()
{
	sed -e 's/^new\(stat\|fstat\|lstat\|uname\)$/\1/' -e 's/^newfstatat$/newfstatat/' \
		-e 's/^sendfile64$/sendfile/' -e 's/^umount$/umount2/' -e 's/^sysctl$/_sysctl/'
}

# Where the kernel traces system calls it has a list of them.
each_call_has_a_name()
{
	events=/sys/kernel/tracing/events/syscalls
	[ -d "$events" ] || mount -t tracefs none /sys/kernel/tracing 2>/dev/null
	[ -d "$events" ] || { skip "the kernel lists no system calls"; return; }
	for event in "$events"/sys_enter_*; do
		echo "${event##*/sys_enter_}"
	done | names_of_calls >"$work/calls"
	[ "$(wc -l <"$work/calls")" -ge 300 ] || return 1
	tr -c 'a-z0-9_' '\n' <"$(command -v mmscope)" | sort -u >"$work/words"
	# The linker keeps a name that another ends with as the end of that.
	grep -v -x -F -f "$work/words" "$work/calls" | while read -r call; do
		grep -q "$call\$" "$work/words" || echo "$call"
	done >"$work/unnamed"
	[ ! -s "$work/unnamed" ] && return
	note "without a name:"
	sed 's/^/# /' "$work/unnamed"
	return 1
}

# Loads that need nothing and end soon, with what they are called with
loads()
{
	cat <<-EOT
		random_load 7 100
		random_load 3 30 3 1
		fault_load
		map_load once
		again_load
		apart_load
	EOT
}

# A blank too many, a comma that nothing follows, a number that is none: in words that were meant to
# have something there
untidy()
{
	grep -n -E '  |(^| ),| $|,$|, ,|\( *\)|: *$|:  |[0-9]{16}|-[0-9]{13}|unknown|\(null\)' "$1"
}

# In the words of each record
no_blanks()
{
	loads | while read -r load words; do
		echo "\"$here/$load\" $words </dev/null >/dev/null 2>&1; echo \$? >>\"$work/ended\""
	done >"$work/loads.sh"
	: >"$work/ended"
	mmscope trace -o what -- sh "$work/loads.sh" 2>"$work/err" >"$work/what"
	if [ "$(wc -l <"$work/what")" -lt 1000 ] || [ "$(grep -c -x 0 "$work/ended")" -ne 6 ]; then
		note "$(wc -l <"$work/what") records, status $(paste -s -d ' ' "$work/ended")"
		sed 's/^/# /' "$work/err"
		return 1
	fi
	untidy "$work/what" >"$work/bad" || return 0
	head -n 5 "$work/bad" | sed 's/^/# /'
	return 1
}

echo "TAP version 13"
for test in causes_are_named each_call_has_a_name no_blanks; do
	try "$test" "$test"
done
finish
