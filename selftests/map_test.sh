#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope map: what it shows of an address space of which everything is known (map_load) is what is
# there; the reasons for which neighbours are two are those that made them two.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
here=$(dirname "$0")

# Its standard input is held open, and tells it to go on.
mkfifo "$work/in"
"$here/map_load" <"$work/in" >"$work/told" &
load=$!
exec 9>"$work/in"
trap 'exec 9>&-; wait "$load"; rm -rf "$work"' EXIT

# ready N: it has said so N times
ready()
{
	for _ in $(seq $((300 * ${SCOPE_SLOW:-1}))); do
		[ "$(grep -c ready "$work/told")" -ge "$1" ] && return
		sleep 0.1
	done
	note "map_load is not ready"
	return 1
}

# draw OPTION...: a map as JSON, and a line for each VMA in $work/vmas
draw()
{
	mmscope map --json "$@" >"$work/json" 2>"$work/err"
	code=$?
	# What the command says is there, too.
	grep '^{"schema"' "$work/json" | jq -c '.vmas[]' >"$work/vmas"
	[ $code -eq 0 ] && return
	sed 's/^/# /' "$work/err"
	return 1
}

# at START: the VMA there
at()
{
	jq -c "select(.start == $1)" "$work/vmas"
}

# is START TEST WORDS...: the VMA there is as jq tests, with more words of its command line
is()
{
	start=$1
	how=$2
	shift 2
	jq -e -n "$@" "any(inputs; .start == $start and ($how))" "$work/vmas" >"$work/found"
}

# place OF: where map_load says that OF is why two are two
place()
{
	sed -n "s/^why \([0-9]*\) [0-9]* $1\$/\1/p" "$work/told"
}

# Pages and VMAs

pages_are_those_that_were_touched()
{
	grep '^pages' "$work/told" >"$work/pages"
	[ "$(wc -l <"$work/pages")" -ge 4 ] || return 1
	while read -r _ start shared private zero swapped guarded strip; do
		want="{shared: $shared, private: $private, zero: $zero"
		want=".pages == $want, swapped: $swapped, guarded: $guarded} and .strip == \$strip"
		is "$start" "$want" --arg strip "$strip" && continue
		note "at $start: not $want"
		at "$start" | sed 's/^/# /'
		return 1
	done <"$work/pages"
}

# Sums that the kernel has made; pages without a struct page are in neither
present_is_rss()
{
	told=$(jq -n '[inputs | .pages // empty | .shared + .private] | add * 4' "$work/vmas")
	rss=$(awk '/^Rss:/ { sum += $2 } END { print sum }' "/proc/$load/smaps")
	[ "$told" = "$rss" ] && return
	note "$told KiB, not $rss"
	return 1
}

vmas_are_those_of_proc()
{
	jq -r '"\(.start) \(.end) \(.rights)"' "$work/vmas" >"$work/ranges"
	grep -v vsyscall "/proc/$load/maps" | while read -r range rights _; do
		echo "$((0x${range%-*})) $((0x${range#*-})) $rights"
	done >"$work/maps"
	cmp -s "$work/ranges" "$work/maps" && return
	diff "$work/maps" "$work/ranges" | sed 's/^/# /'
	return 1
}

holes_and_headroom()
{
	COLUMNS=80 mmscope map --why "$load" >"$work/text" || return 1
	max=$(cat /proc/sys/vm/max_map_count)
	free=$((max - $(wc -l <"$work/maps")))
	# The largest, by /proc
	from=$(awk '{ if ($1 - end > most) { most = $1 - end; from = end } end = $2 }
		END { if (140737488351232 - end > most) from = end; printf "%.0f\n", from }' \
		"$work/maps")
	grep -q "^  VMAs     $free more may be made (vm.max_map_count $max)$" "$work/text" &&
		grep -q "^  hole .*from $(printf '%012x' "$from")$" "$work/text" && return
	sed 's/^/# /' "$work/text"
	return 1
}

fits_80_columns()
{
	awk 'length > 80 { print "# " $0; bad = 1 } END { exit bad || NR < 40 }' "$work/text" &&
		! grep -q "$(printf '\033')" "$work/text" && ! LC_ALL=C grep -q '[^ -~]' "$work/text"
}

# Drivers

hooks_are_those_of_the_driver()
{
	needs_types skip || return
	[ -c /dev/mmscope ] || { skip "no /dev/mmscope"; return; }
	# kmod/vm_ops.c
	hooks='"open","close","may_split","mremap","mprotect","fault","map_pages"'
	is "$(place special)" ".ops == \"vm_ops\" and .hooks == [$hooks]" || return 1
	jq -e -n 'any(inputs; .name == "[vdso]" and .ops == "special_mapping_vmops")' "$work/vmas" \
		>"$work/found" || return 1
	# What nobody implements has none.
	is "$(place flags)" '.ops == null'
}

# Why neighbours are two

# reasons FILE: for each "START NUMBER NAME" of it the map gives that reason
reasons()
{
	while read -r start why what; do
		is "$start" ".why == $why" && continue
		note "$what: not $why"
		at "$start" | sed 's/^/# /'
		return 1
	done <"$1"
}

each_reason_is_told()
{
	needs_types skip || return
	sed -n 's/^why //p' "$work/told" >"$work/why"
	[ "$(wc -l <"$work/why")" -ge 8 ] && reasons "$work/why"
}

name_is_a_reason()
{
	grep -q "^without name" "$work/told" && { skip "no CONFIG_ANON_VMA_NAME"; return; }
	place name | grep -q .
}

nothing_but_that_nobody_tried()
{
	needs_types skip || return
	read -r child start why what <<-EOT
		$(sed -n 's/^child //p' "$work/told")
	EOT
	draw --why "$child" || return 1
	echo "$start $why $what" >"$work/why"
	reasons "$work/why"
}

# The kernel agrees: without the reason it merges.
without_the_reason_they_merge()
{
	echo >&9
	ready 2 || return 1
	for what in flags policy name uffd uffds; do
		place "$what" | grep -q . || continue
		grep -q "^merged $what$" "$work/told" && continue
		note "$what: still two"
		return 1
	done
}

# Lineage

# mprotect cuts off what is outside its range: the lower half is new.
command_has_lineage()
{
	needs_types skip || return
	draw -- "$here/map_load" once || return 1
	upper=$(sed -n 's/^split //p' "$work/json")
	parent=$(at "$upper" | jq .vma)
	is "$upper" '.born == "mmap" and .by == "mmap(2)"' &&
		is "$((upper - 4 * 4096))" \
			".born == \"split\" and .by == \"mprotect(2)\" and
			 .parent == $parent" && return
	at "$upper" | sed 's/^/# /'
	at "$((upper - 4 * 4096))" | sed 's/^/# /'
	return 1
}

# Whoever looks

anybody_may_look_at_his_own()
{
	needs_types skip || return
	complains 0 "not shown: .* CAP_BPF and CAP_PERFMON" su user -c "mmscope map --why self" &&
		grep -q "flags differ" "$work/out" && grep -q "\[stack\]" "$work/out" &&
		! grep -q "^operations" "$work/out"
}

not_at_that_of_others()
{
	complains 3 "not permitted" su user -c "mmscope map $load"
}

nobody_there()
{
	true &
	gone=$!
	wait "$gone"
	complains 3 "no such process" mmscope map "$gone" &&
		complains 3 "kernel thread" mmscope map 2 &&
		complains 2 "of which process" mmscope map &&
		complains 2 "no process id" mmscope map nonsense
}

# A process that ends while it is looked at: a map, or one sentence
ends_meanwhile()
{
	for delay in 0.4 1.6; do
		sleep "$delay" &
		mmscope map $! >"$work/out" 2>"$work/err"
		code=$?
		[ "$code" -eq 0 ] && continue
		[ "$code" -eq 3 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && continue
		note "exit code $code"
		return 1
	done
}

echo "TAP version 13"
ready 1 && draw --why "$load" || exit 1
for test in pages_are_those_that_were_touched present_is_rss vmas_are_those_of_proc \
	    holes_and_headroom fits_80_columns hooks_are_those_of_the_driver each_reason_is_told \
	    name_is_a_reason nothing_but_that_nobody_tried \
	    without_the_reason_they_merge command_has_lineage anybody_may_look_at_his_own \
	    not_at_that_of_others nobody_there ends_meanwhile; do
	try "$test" "$test"
done
finish
