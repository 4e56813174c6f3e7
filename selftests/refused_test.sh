#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What was refused, and why: of faults the reason is the one for which a program has provoked them,
# in trace and in stat.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# A group that may have little memory, in $group
get_group()
{
	group=
	mkdir "$work/cgroup" && mount -t cgroup2 none "$work/cgroup" || return
	echo +memory >"$work/cgroup/cgroup.subtree_control"
	mkdir "$work/cgroup/narrow" && echo 4194304 >"$work/cgroup/narrow/memory.max" || return
	group=$work/cgroup/narrow
}

free_group()
{
	rmdir "$work/cgroup/narrow"
	umount "$work/cgroup"
}

# loaded VERB...: the load, watched
loaded()
{
	mmscope "$@" -- sh -c "exec \"$here/refused_load\" \"$work\" \"$group\" >\"$work/load\"" \
		>"$work/told" 2>"$work/err" && [ ! -s "$work/err" ] && return
	sed 's/^/# /' "$work/err"
	return 1
}

# Faults of the trace: "PAGE ERROR REASON CLASS"
faults()
{
	jq -r 'select(.event == "fault" and .error) |
		"\(.addr) \(.error | split(" ") | join("_")) \(.reason) \(.class)"' "$work/told" |
		awk '{ print int($1 / 4096), $2, $3, $4 }'
}

reasons_are_told()
{
	get_group >"$work/groups" 2>&1
	loaded trace --json
	result=$?
	free_group >>"$work/groups" 2>&1
	[ "$result" -eq 0 ] || return 1
	awk '/^[0-9]/ && $3 != "none" { print int($1 / 4096), $2, $3, "refused" }' "$work/load" \
		>"$work/want"
	faults | awk 'NR == FNR { page[$1]; next } $1 in page' "$work/want" - >"$work/got"
	cmp -s "$work/want" "$work/got" && [ "$(wc -l <"$work/want")" -ge 22 ] && return
	note "wanted, got:"
	diff "$work/want" "$work/got" | sed 's/^/# /'
	return 1
}

# What they say is of use: figures that the program knows.
figures_are_told()
{
	jq -c 'select(.reason) | [.reason, .limit_bytes, .cgroup]' "$work/told" >"$work/figures"
	for figure in '["end_of_file",8192,null]' '["tmpfs_full",16384,null]' \
		      '["stack_limit",1048576,null]'; do
		grep -q -x -F "$figure" "$work/figures" || { note "no $figure"; return 1; }
	done
	grep -q '^[0-9].* cgroup_limit$' "$work/load" || return 0
	grep -q -x -F '["cgroup_limit",4194304,"narrow"]' "$work/figures"
}

# What this machine could not show is no success.
none_is_lacking()
{
	lacks=$(sed -n 's/^no //p' "$work/load" | sort -u | tr '\n' ',')
	[ -z "$lacks" ] && return
	sed 's/^/# /' "$work/groups"
	skip "no ${lacks%,}"
}

# As many for each reason as the program has provoked, and none of them in another class
stat_has_reasons()
{
	for way in "" --count; do
		# shellcheck disable=SC2086 # an option or none
		loaded stat $way --json || return 1
		awk '/^[0-9]/ && $3 != "none" { print $3 }' "$work/load" | sort | uniq -c |
			awk '{ print $2, $1 }' >"$work/want"
		jq -r '.refused[]? | "\(.reason) \(.faults)"' "$work/told" |
			awk '{ n[$1] += $2 } END { for (why in n) print why, n[why] }' |
			sort >"$work/got"
		total=$(jq '.classes[]? | select(.class == "refused") | .faults' "$work/told")
		cmp -s "$work/want" "$work/got" &&
			[ "$total" = "$(awk '{ n += $2 } END { print n }' "$work/want")" ] &&
			continue
		note "stat $way: $total in all; wanted, got:"
		diff "$work/want" "$work/got" | sed 's/^/# /'
		return 1
	done
}

# On the screen each reason has a row below their class, and words in the trace.
words()
{
	once "what is told is looked at as JSON" || return
	loaded stat || return 1
	n=$(grep -c ' end_of_file$' "$work/load")
	[ "$(sed -n 's/^  beyond the end of the file  *\([0-9]*\) .*/\1/p' "$work/told")" = "$n" ] ||
		return 1
	loaded trace -c refused || return 1
	grep -q 'SIGBUS: beyond the end of the file, 8 KiB, by user' "$work/told" &&
		grep -q 'SIGSEGV ACCERR: may not be written (r--), by user' "$work/told" &&
		grep -q 'SIGSEGV MAPERR: a kernel address, by user' "$work/told" &&
		! grep -q ' ,' "$work/told" && ! grep -q '[0-9]\{12,\} KiB' "$work/told"
}

echo "TAP version 13"
for test in reasons_are_told figures_are_told none_is_lacking stat_has_reasons words; do
	try "$test" "$test"
done
finish
