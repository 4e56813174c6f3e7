#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tracer of any process: each fault's class is the one that a program knows it provoked, and
# that the page table shows; there are as many as getrusage(2) counts; and stat has them all.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# faults: those of the trace: "ADDRESS CLASS WAYS ERROR TID NS", with the ways of fault_load.h
faults()
{
	jq -r 'def word: . // "-" | split(" ") | join("_");
		select(.event == "fault") | .flags as $flags |
		[("remote", "gup", "major") as $way |
		 select($flags | index($way)) | $way] as $ways |
		[.addr, (.class | word), (if $ways == [] then "-" else $ways | join(",") end),
		 (.error | word), .tid, .ns] | join(" ")' "$work/trace"
}

# traced PROGRAM [ARG]: its faults are in $work/faults
traced()
{
	if mmscope trace --json -- sh -c "exec \"$here/$1\" \"$2\" >\"$work/load\"" >"$work/trace" \
		2>"$work/err" && [ ! -s "$work/err" ]; then
		faults >"$work/faults"
		return
	fi
	sed 's/^/# /' "$work/err"
	return 1
}

# agree N PROGRAM [ARG]: what happened at the N addresses, or more, that it names, in order, and
# that it took its time
agree()
{
	fewest=$1
	shift
	traced "$@" || return 1
	grep '^[0-9]' "$work/load" >"$work/want"
	awk 'NR == FNR { page[int($1 / 4096)]; next }
		int($1 / 4096) in page' "$work/want" "$work/faults" >"$work/those"
	cut -d ' ' -f 1-3 "$work/those" >"$work/got"
	if grep -v ' [1-9][0-9]*$' "$work/those" >"$work/untimed"; then
		note "without a time:"
		sed 's/^/# /' "$work/untimed"
		return 1
	fi
	# A child's faults, and the one that hit a page twice, are in the order of the program.
	cmp -s "$work/want" "$work/got" && [ "$(wc -l <"$work/want")" -ge "$fewest" ] && return
	note "wanted, got:"
	diff "$work/want" "$work/got" | sed 's/^/# /'
	return 1
}

classes_agree()
{
	agree 20 fault_load
}

counts_agree()
{
	# shellcheck disable=SC2046 # words
	set -- $(sed -n 's/^counted //p' "$work/load")
	[ "$1" -ge 37 ] || return 1
	n=$(awk -v from="$2" -v to="$3" '
		$1 == to && tid == $5 { print n + 0; exit }
		tid && tid == $5 && $4 == "-" { n++ }
		$1 == from { tid = $5 }' "$work/faults")
	[ "$n" = "$1" ] && return
	note "getrusage counts $1, the trace has $n"
	return 1
}

errors_are_told()
{
	for error in "SIGSEGV_MAPERR" "SIGSEGV_ACCERR" "SIGBUS" "EFAULT"; do
		grep -q " $error " "$work/faults" || { note "no $error"; return 1; }
	done
}

# sum_of NAME: all numbers of that name in stat's classes
sum_of()
{
	jq -n "[inputs | .classes[]?.$1] | add // 0" "$work/stat"
}

stat_has_them_all()
{
	for way in "" --count; do
		# shellcheck disable=SC2086 # an option or none
		if ! mmscope stat $way --json -- sh -c "exec \"$here/fault_load\" >\"$work/load\"" \
			>"$work/stat" 2>"$work/err" || [ -s "$work/err" ]; then
			note "stat $way failed"
			sed 's/^/# /' "$work/err"
			return 1
		fi
		jq -r '.classes[]?.class' "$work/stat" >"$work/classes"
		for class in anon zero copy reuse private file shmem stack refused; do
			grep -q -x "$class" "$work/classes" || { note "$way: no $class"; return 1; }
		done
		n=$(sum_of faults)
		told=$(wc -l <"$work/faults")
		# A page of the program that another process keeps warm makes a few less.
		if [ "$n" -le $((told * 8 / 10)) ] || [ "$n" -ge $((told * 12 / 10)) ]; then
			note "$way: $n faults, traced $told"
			return 1
		fi
	done
	[ "$(sum_of ns)" -eq 0 ]
}

# stack_of FAULTS CALLER: so many fresh pages were touched on behalf of CALLER
stack_of()
{
	jq -e -n --argjson n "$1" --arg caller "$2" 'any(inputs | .stacks[]?;
		.faults == $n and .pages == $n and .class == "anon" and
		[.frames[:3][] | .function] == ["touch", $caller, "main"] and
		all(.frames[:3][]; .file == "stack_load.c"))' "$work/stat" >"$work/found" && return
	note "no $1 faults of $2():"
	jq -c '.stacks[]?' "$work/stat" | cut -c1-400 | sed -n '1,8s/^/# /p'
	return 1
}

# The stacks have as many faults as the classes; also where the kernel keeps short ones only.
stacks()
{
	depth=/proc/sys/kernel/perf_event_max_stack
	was=$(cat "$depth")
	stacks_agree && echo 16 >"$depth" && stacks_agree
	result=$?
	echo "$was" >"$depth"
	return "$result"
}

stacks_agree()
{
	for way in "" --count; do
		# shellcheck disable=SC2086 # an option or none
		mmscope stat $way --stacks --json -- "$here/stack_load" >"$work/stat" 2>"$work/err" ||
			return 1
		stack_of 100 touch_few && stack_of 400 touch_many || return 1
		n=$(jq -n '[inputs | .stacks[]?.faults] | add // 0' "$work/stat")
		[ "$n" -eq "$(sum_of faults)" ] && continue
		note "$way: $(sum_of faults) faults, $n of them with stacks"
		return 1
	done
}

# driver_faults OPS NAME: of drivers whose operations and name match
driver_faults()
{
	jq -n --arg ops "$1" --arg name "$2" '[inputs | .drivers[]? | select((.ops | test($ops)) and
		(.name | test($name))) | .faults] | add // 0' "$work/stat"
}

# By its operations, and what the kernel maps itself by its name; both of them are the class.
drivers_are_named()
{
	mmscope stat --json -- sh -c "exec \"$here/hooks_load\" mmscope >\"$work/load\"" \
		>"$work/stat" 2>"$work/err" || return 1
	# shellcheck disable=SC2046 # words
	set -- $(jq '.classes[]? | select(.class == "driver") | .faults' "$work/stat") \
		$(driver_faults '^vm_ops[a-z_]*$' '^$') \
		$(driver_faults '^special_mapping_vmops$' '^\[v[a-z_]*\]$')
	if [ "$1" -ne $(($2 + $3)) ] || [ "$2" -eq 0 ] || [ "$3" -eq 0 ]; then
		note "class driver $1, the module's $2, the kernel's $3"
		return 1
	fi
	mmscope stat -- "$here/hooks_load" mmscope >"$work/text" 2>&1
	grep -q '^  vm_ops  *[0-9]' "$work/text" && grep -q '^  \[v[a-z_]*\]  *[0-9]' "$work/text"
}

# Folios of 16 pages: as many pages as pagemap shows, and the faults are summed up as such.
several_pages_at_once()
{
	size=/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled
	[ -w "$size" ] || { skip "no folios of several anonymous pages before 6.8"; return; }
	was=$(sed 's/.*\[\(.*\)\].*/\1/' "$size")
	echo madvise >"$size"
	mmscope trace --json -- sh -c "exec \"$here/folio_load\" >\"$work/want\"" >"$work/trace" \
		2>"$work/err"
	mmscope stat --count --json -- sh -c "exec \"$here/folio_load\" >\"$work/load\"" \
		>"$work/stat" 2>>"$work/err"
	echo "$was" >"$size"
	jq -r 'select(.class == "anon") | "\(.addr) \(.npages)"' "$work/trace" >"$work/got"
	grep -q ' 16$' "$work/want" || { note "the kernel gave no 16 pages"; return 1; }
	grep -v -x -F -f "$work/got" "$work/want" && { note "traced otherwise"; return 1; }
	pages=$(jq '.classes[]? | select(.class == "anon") | .pages - .faults' "$work/stat")
	[ "$pages" -eq 60 ] && [ ! -s "$work/err" ] && return
	note "stat: pages - faults is $pages, not 60"
	sed 's/^/# /' "$work/err"
	return 1
}

# With memory for a disk, both to swap to and for files: zram and brd.
get_disks()
{
	mkdir "$work/disk"
	mkfs.minix /dev/ram0 && mount -t minix /dev/ram0 "$work/disk"
	echo 1 >/sys/block/zram0/reset
	echo 64M >/sys/block/zram0/disksize && mkswap /dev/zram0 && swapon /dev/zram0
}

free_disks()
{
	umount "$work/disk"
	swapoff /dev/zram0
	echo 1 >/sys/block/zram0/reset
}

rare_classes_agree()
{
	get_disks >"$work/disks" 2>&1
	agree 4 fault_rare_load "$work/disk"
	result=$?
	free_disks >/dev/null 2>&1
	return "$result"
}

# What this machine could not show is no success.
none_is_lacking()
{
	lacks=$(sed -n 's/^no //p' "$work/load" | sort -u | tr '\n' ',')
	[ -z "$lacks" ] && return
	sed 's/^/# /' "$work/disks"
	skip "no ${lacks%,}"
}

echo "TAP version 13"
for test in classes_agree counts_agree errors_are_told stat_has_them_all rare_classes_agree \
	    none_is_lacking stacks drivers_are_named several_pages_at_once; do
	try "$test" "$test"
done
finish
