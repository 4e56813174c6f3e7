#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tracer of any process: each fault's class is the one that a program knows it provoked, and
# that the page table shows; there are as many as getrusage(2) counts; and stat has them all.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/loads.sh
. "$(dirname "$0")/loads.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")
size=/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled
depth=/proc/sys/kernel/perf_event_max_stack
drivers="drivers \"$here/hooks_load\" mmscope"

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
	rmdir "$work/disk"
}

# faults NAME: those of its part: "ADDRESS CLASS WAYS ERROR TID NS", with the ways of fault_load.h
faults()
{
	jq -r 'def word: . // "-" | split(" ") | join("_");
		select(.event == "fault" and .source == "bpf") | .flags as $flags |
		[("remote", "gup", "major") as $way |
		 select($flags | index($way)) | $way] as $ways |
		[.addr, (.class | word), (if $ways == [] then "-" else $ways | join(",") end),
		 (.error | word), .tid, .ns] | join(" ")' "$work/$1.part" >"$work/$1.faults"
}

trace_all()
{
	get_disks >"$work/disks" 2>&1
	together trace "plain \"$here/fault_load\"" "$drivers" \
		"rare \"$here/fault_rare_load\" \"$work/disk\""
	mmscope trace --json -- sh "$work/trace.sh" >"$work/trace.out" 2>"$work/trace.err"
	result=$?
	free_disks >/dev/null 2>&1
	well_told "$result" trace || return 1
	parts trace
	faults plain
	faults rare
}

# traced NAME: its faults are in NAME.faults
traced()
{
	shared trace trace_all && ended_well "$1"
}

# agree N NAME: what happened at the N addresses, or more, that it names, in order, and that it took
# its time
agree()
{
	traced "$2" || return 1
	grep '^[0-9]' "$work/$2.told" >"$work/want"
	awk 'NR == FNR { page[int($1 / 4096)]; next }
		int($1 / 4096) in page' "$work/want" "$work/$2.faults" >"$work/those"
	cut -d ' ' -f 1-3 "$work/those" >"$work/got"
	if grep -v ' [1-9][0-9]*$' "$work/those" >"$work/untimed"; then
		note "without a time:"
		sed 's/^/# /' "$work/untimed"
		return 1
	fi
	# A child's faults, and the one that hit a page twice, are in the order of the program.
	cmp -s "$work/want" "$work/got" && [ "$(wc -l <"$work/want")" -ge "$1" ] && return
	note "wanted, got:"
	diff "$work/want" "$work/got" | sed 's/^/# /'
	return 1
}

classes_agree()
{
	agree 20 plain
}

counts_agree()
{
	traced plain || return 1
	# shellcheck disable=SC2046 # words
	set -- $(sed -n 's/^counted //p' "$work/plain.told")
	[ "$1" -ge 37 ] || return 1
	n=$(awk -v from="$2" -v to="$3" '
		$1 == to && tid == $5 { print n + 0; exit }
		tid && tid == $5 && $4 == "-" { n++ }
		$1 == from { tid = $5 }' "$work/plain.faults")
	[ "$n" = "$1" ] && return
	note "getrusage counts $1, the trace has $n"
	return 1
}

errors_are_told()
{
	traced plain || return 1
	for error in "SIGSEGV_MAPERR" "SIGSEGV_ACCERR" "SIGBUS" "EFAULT"; do
		grep -q " $error " "$work/plain.faults" || { note "no $error"; return 1; }
	done
}

rare_classes_agree()
{
	agree 4 rare
}

# What this machine could not show is no success.
none_is_lacking()
{
	lacks=$(sed -n 's/^no //p' "$work/rare.told" | sort -u | tr '\n' ',')
	[ -z "$lacks" ] && return
	sed 's/^/# /' "$work/disks"
	skip "no ${lacks%,}"
}

# sum_of NAME SET: all numbers of that name in the classes of a set
sum_of()
{
	jq -n "[inputs | .classes[]?.$1] | add // 0" "$work/$2.out"
}

# summed SET OPTION...: stat of its programs
summed()
{
	set_of_loads=$1
	shift
	mmscope stat "$@" --json -- sh "$work/$set_of_loads.sh" >"$work/$set_of_loads.out" \
		2>"$work/$set_of_loads.err"
	well_told $? "$set_of_loads"
}

time_all()
{
	together timed "timed_plain \"$here/fault_load\"" "$drivers"
	summed timed
}

count_all()
{
	together counted "counted_plain \"$here/fault_load\"" "$drivers"
	summed counted --count
}

stat_has_them_all()
{
	traced plain && shared timed time_all && shared counted count_all &&
		ended_well timed_plain counted_plain || return 1
	told=$(cat "$work/trace.part" "$work/plain.part" "$work/drivers.part" |
		grep '"event":"fault"' | grep -c '"source":"bpf"')
	for way in timed counted; do
		jq -r '.classes[]?.class' "$work/$way.out" >"$work/classes"
		for class in anon zero copy reuse private file shmem stack refused; do
			grep -q -x "$class" "$work/classes" || { note "$way: no $class"; return 1; }
		done
		n=$(sum_of faults "$way")
		# A page of the program that another process keeps warm makes a few less.
		if [ "$n" -le $((told * 8 / 10)) ] || [ "$n" -ge $((told * 12 / 10)) ]; then
			note "$way: $n faults, traced $told"
			return 1
		fi
	done
	[ "$(sum_of ns counted)" -eq 0 ]
}

time_stacks()
{
	together deep "deep_stacks \"$here/stack_load\""
	summed deep --stacks
}

# set_depth N: of stacks; not while a map for some is there, which goes when nobody can look
set_depth()
{
	for _ in $(seq $((100 * ${SCOPE_SLOW:-1}))); do
		echo "$1" 2>/dev/null >"$depth" && return
		sleep 0.1
	done
	note "$depth cannot be set"
	return 1
}

# Where the kernel keeps short ones only, and memory comes in folios of 16 pages, if it has them
count_stacks()
{
	together short "short_stacks \"$here/stack_load\"" "counted_folios \"$here/folio_load\""
	was_depth=$(cat "$depth")
	was_size=$(sed -n 's/.*\[\(.*\)\].*/\1/p' "$size" 2>/dev/null)
	set_depth 16 || return 1
	[ -z "$was_size" ] || echo madvise >"$size"
	summed short --stacks --count
	result=$?
	set_depth "$was_depth"
	[ -z "$was_size" ] || echo "$was_size" >"$size"
	return "$result"
}

# stack_of FAULTS CALLER SET: so many fresh pages were touched on behalf of CALLER
stack_of()
{
	jq -e -n --argjson n "$1" --arg caller "$2" 'any(inputs | .stacks[]?;
		.faults == $n and .pages == $n and .class == "anon" and
		[.frames[:3][] | .function] == ["touch", $caller, "main"] and
		all(.frames[:3][]; .file == "stack_load.c"))' "$work/$3.out" >"$work/found" && return
	note "no $1 faults of $2():"
	jq -c '.stacks[]?' "$work/$3.out" | cut -c1-400 | sed -n '1,8s/^/# /p'
	return 1
}

# The stacks have as many faults as the classes; also where the kernel keeps short ones only.
stacks()
{
	shared deep time_stacks && shared short count_stacks &&
		ended_well deep_stacks short_stacks || return 1
	for way in deep short; do
		stack_of 100 touch_few "$way" && stack_of 400 touch_many "$way" || return 1
		n=$(jq -n '[inputs | .stacks[]?.faults] | add // 0' "$work/$way.out")
		[ "$n" -eq "$(sum_of faults "$way")" ] && continue
		note "$way: $(sum_of faults "$way") faults, $n of them with stacks"
		return 1
	done
}

# driver_faults OPS NAME: of drivers whose operations and name match
driver_faults()
{
	jq -n --arg ops "$1" --arg name "$2" '[inputs | .drivers[]? | select((.ops | test($ops)) and
		(.name | test($name))) | .faults] | add // 0' "$work/timed.out"
}

# By its operations, and what the kernel maps itself by its name; both of them are the class.
drivers_are_named()
{
	shared timed time_all && ended_well drivers || return 1
	# shellcheck disable=SC2046 # words
	set -- $(jq '.classes[]? | select(.class == "driver") | .faults' "$work/timed.out") \
		$(driver_faults '^vm_ops[a-z_]*$' '^$') \
		$(driver_faults '^special_mapping_vmops$' '^\[v[a-z_]*\]$')
	[ "$1" -eq $(($2 + $3)) ] && [ "$2" -gt 0 ] && [ "$3" -gt 0 ] && return
	note "class driver $1, the module's $2, the kernel's $3"
	return 1
}

drivers_are_named_in_text()
{
	once "a table is printed the same" || return
	mmscope stat -- "$here/hooks_load" mmscope >"$work/text" 2>&1
	grep -q '^  vm_ops  *[0-9]' "$work/text" && grep -q '^  \[v[a-z_]*\]  *[0-9]' "$work/text"
}

trace_folios()
{
	was=$(sed 's/.*\[\(.*\)\].*/\1/' "$size")
	echo madvise >"$size"
	mmscope trace --json -- sh -c "exec \"$here/folio_load\" >\"$work/folios\"" \
		>"$work/folios.out" 2>"$work/folios.err"
	result=$?
	echo "$was" >"$size"
	well_told "$result" folios
}

# Folios of 16 pages: as many pages as pagemap shows, and the faults are summed up as such.
several_pages_at_once()
{
	[ -w "$size" ] || { skip "no folios of several anonymous pages before 6.8"; return; }
	shared folios trace_folios && shared short count_stacks && ended_well counted_folios || return 1
	jq -r 'select(.class == "anon") | "\(.addr) \(.npages)"' "$work/folios.out" >"$work/got"
	grep -q ' 16$' "$work/folios" || { note "the kernel gave no 16 pages"; return 1; }
	grep -v -x -F -f "$work/got" "$work/folios" && { note "traced otherwise"; return 1; }
	pages=$(jq '.classes[]? | select(.class == "anon") | .pages - .faults' "$work/short.out")
	[ "$pages" -eq 60 ] && return
	note "stat: pages - faults is $pages, not 60"
	return 1
}

echo "TAP version 13"
for test in classes_agree counts_agree errors_are_told stat_has_them_all rare_classes_agree \
	    none_is_lacking stacks drivers_are_named drivers_are_named_in_text several_pages_at_once; do
	try "$test" "$test"
done
finish
