#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tracer of any process: the set of VMAs that its records tell is the one that the kernel has,
# also when records were lost.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/loads.sh
. "$(dirname "$0")/loads.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

compare_all()
{
	set -- "one \"$here/random_load\" 1 200" "another \"$here/random_load\" 2 200" \
		"several \"$here/random_load\" 3 200 3 1" "heap \"$here/alloc_load\" 4 300"
	[ ! -x "$here/compat32" ] || set -- "$@" "compat \"$here/compat32\""
	together verified "$@"
	mmscope trace --verify --json -- sh "$work/verified.sh" >"$work/verified.out" \
		2>"$work/verified.err"
}

# Where the records of a load do not fit into the ring
compare_with_losses()
{
	together lossy "lossy_one \"$here/random_load\" 5 100" \
		"lossy_several \"$here/random_load\" 3 200 3 1"
	mmscope trace --verify --json --buffer 16 -- sh "$work/lossy.sh" >"$work/lossy.out" \
		2>"$work/lossy.err"
	[ $? -eq 5 ]
}

# compared SET NAME COUNT LEAST: of one of the programs COUNT is at least LEAST, and never was
# anything different; its processes have the numbers up to that of the next program
compared()
{
	ended_well "$2" || return 1
	from=$(cat "$work/$2.pid")
	to=$(cat "$work"/*.pid | sort -n | awk -v from="$from" '$1 > from { print; exit }')
	n=$(jq --argjson from "$from" --argjson to "${to:-null}" "
		[.processes[]? | select(.pid >= \$from and (\$to == null or .pid < \$to))] |
		(if any(.differing > 0) then 0 else map(.$3) | add end)" "$work/$1.out")
	[ "${n:-0}" -ge "$4" ] && return
	note "$2: $n, not $4 $3"
	return 1
}

verified()
{
	shared verified compare_all && compared verified "$1" compared "$2" && return
	sed 's/^/# /' "$work/verified.out" "$work/verified.err"
	return 1
}

one_thread()
{
	verified one 150 && verified another 150
}

threads_and_fork()
{
	verified several 50
}

allocator()
{
	verified heap 20
}

program_of_32_bits()
{
	[ -x "$here/compat32" ] || { skip "no 32-bit program"; return; }
	verified compat 5
}

verified_knows_a_difference()
{
	once "mmscope is made to miss something" || return
	MMSCOPE_WITHOUT=process_exec mmscope trace --verify -- "$here/random_load" 1 20 \
		>"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq 1 ] && grep -q "not told: the names of programs" "$work/err" && return
	note "exit code $code"
	sed 's/^/# /' "$work/out" "$work/err"
	return 1
}

# What does not fit into the ring is counted, and read anew.
losses()
{
	shared lossy compare_with_losses && compared lossy lossy_one anew 1 &&
		compared lossy lossy_several anew 1 &&
		jq -e '.lost > 0' "$work/lossy.out" >"$work/found" && return
	sed 's/^/# /' "$work/lossy.out" "$work/lossy.err"
	return 1
}

losses_are_shown()
{
	once "the others look at what is lost, this at how it is written" || return
	mmscope trace --buffer 16 -- "$here/random_load" 5 3000 >"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq 5 ] && grep -q 'LOST .* missing here, of CPU [01]$' "$work/out" &&
		grep -q 'anew .*read anew' "$work/out" && grep -q ' there ' "$work/out" &&
		tail -n 1 "$work/out" | grep -q ' events, [1-9][0-9]* lost$' && return
	note "exit code $code"
	tail -n 5 "$work/out" | sed 's/^/# /'
	return 1
}

# A process that is there already, with threads, is as well known as a new one.
attached()
{
	mkfifo "$work/go"
	sh -c "read go <$work/go; exec $here/random_load 6 100" &
	pid=$!
	: >"$work/out"
	mmscope trace -p "$pid" >"$work/out" 2>"$work/err" &
	tracer=$!
	while [ ! -s "$work/out" ] && kill -0 "$tracer"; do
		sleep 0.1
	done
	echo go >"$work/go"
	wait "$tracer" && [ "$(grep -c ' there ' "$work/out")" -ge 5 ] && grep -q ' exec ' "$work/out" &&
		grep -q ' end ' "$work/out" && return
	sed 's/^/# /' "$work/err"
	tail -n 5 "$work/out" | sed 's/^/# /'
	return 1
}

# shellcheck disable=SC2016	# for the shell that is traced
stacks='for i in $(seq 20); do /bin/grep -F "[stack]" /proc/self/maps; done'

trace_all()
{
	together trace "both \"$here/both_load\"" "stacks sh -c '$stacks'"
	mmscope trace --json -- sh "$work/trace.sh" >"$work/trace.out" 2>"$work/trace.err"
	well_told $? trace && parts trace
}

# traced NAME
traced()
{
	shared trace trace_all && ended_well "$1"
}

# What the module tells and what the tracer tells is one story, in the order of the program.
two_streams()
{
	[ -c /dev/mmscope ] || { skip "the module is not loaded"; return; }
	traced both || return 1
	# The module counts address spaces by itself.
	jq -r '"\(.source) \(.event) \(.addr // .start)"' "$work/trace.out" |
		awk 'NR == FNR { wanted[$0]; next } $0 in wanted' "$work/both.told" - >"$work/got"
	cmp -s "$work/both.told" "$work/got" && [ "$(wc -l <"$work/got")" -eq 80 ] && return
	diff "$work/both.told" "$work/got" | head -n 20 | sed 's/^/# /'
	return 1
}

# execve(2) makes the stack at the end of the address space, and moves it up to 16 GiB down: one story
# each time, and it ends where the kernel says that the stack is.
stack_is_moved()
{
	traced stacks || return 1
	[ "$(wc -l <"$work/stacks.told")" -eq 20 ] || return 1
	jq -r 'select((.event | IN("mremap", "grow", "shrink", "mmap")) and
		.syscall == "execve" and .end) | "\(.event) \(.vma) \(.start) \(.end)"' \
		"$work/stacks.part" >"$work/execs"
	while read -r range _; do
		grep -q "^mremap .* $((0x${range#*-}))\$" "$work/execs" && continue
		note "no move to $range"
		return 1
	done <"$work/stacks.told"
	# Each grows by what it may need at first, 128 KiB, and never shrinks.
	awk '$1 == "mremap" { stack[$2] }
		$2 in stack { n[$1]++; if ($4 - $3 > 64 * 4096) print "far", $0 }
		END { print (n["mremap"] == n["grow"]), n["shrink"] + 0, (n["mremap"] >= 20) }' "$work/execs" >"$work/got"
	[ "$(cat "$work/got")" = "1 0 1" ] && return
	sed 's/^/# /' "$work/got"
	sed -n '1,10s/^/# /p' "$work/execs"
	return 1
}

# told OPTION...: what is told of a program that does the same each time, from its execve(2) on, and
# how many programs the tool has attached
told()
{
	# shellcheck disable=SC2016	# for the shell that is traced
	mmscope trace --json "$@" -- sh -c 'grep -l ^link_type: /proc/$PPID/fdinfo/* >"$0"
		exec "$1" 3 300 >/dev/null' "$work/links" "$here/random_load" >"$work/json" 2>"$work/err" || {
		note "$*: exit code $?"
		sed 's/^/# /' "$work/err"
		return 1
	}
	links=$(wc -l <"$work/links")
	# Of the shell before it some memory depends on numbers of processes.
	[ $# -gt 0 ] || mm=$(jq -s '[.[] | select(.event == "exec") | .mm] | max' "$work/json")
	jq -r --argjson mm "$mm" 'select(.event != "summary" and .mm >= $mm) |
		[.event, .vma, .parent, .start, .end, .aux, .pages, .anon, .name, .class, .addr, .ip,
		 .again_by, .why, .syscall] | @tsv' "$work/json"
}

# Which events are asked for makes no difference to what is told of them, but it costs less.
asked_for_alone()
{
	# What is in the page cache is so from the first run on.
	"$here/random_load" 3 300 >/dev/null
	told >"$work/whole" || return 1
	before=$links
	for events in fault apart unmap mmap,split,merge,fork,exec,name,end; do
		told -e "$events" >"$work/got" || return 1
		grep -E "^(anew|$(echo "$events" | tr , '|'))	" "$work/whole" >"$work/want"
		if ! [ -s "$work/want" ] || ! cmp -s "$work/want" "$work/got"; then
			note "$events:"
			diff "$work/want" "$work/got" | head -n 20 | sed 's/^/# /'
			return 1
		fi
		note "$events: $(wc -l <"$work/got") events, $links programs attached of $before"
		[ "$links" -ge 10 ] && [ "$links" -lt $((before * 2 / 3)) ] || return 1
	done
	[ "$links" -le 20 ]
}

without_aslr()
{
	aslr=/proc/sys/kernel/randomize_va_space
	read -r was <"$aslr"
	echo 0 >"$aslr"
	"$@"
	code=$?
	echo "$was" >"$aslr"
	return "$code"
}

events_alone_are_as_among_all()
{
	without_aslr asked_for_alone
}

echo "TAP version 13"
for test in one_thread threads_and_fork allocator losses losses_are_shown attached two_streams stack_is_moved \
	    program_of_32_bits events_alone_are_as_among_all verified_knows_a_difference; do
	try "$test" "$test"
done
finish
