#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Counts are never short without a word: what stat sums up is what getrusage(2) counts, and trace
# shows every child, however many VMAs, threads, processes and programs there are; and where there
# is no room that is told, in text and JSON, and by the exit code.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")
mkfifo "$work/go"

# attached PID: mmscope, of this number, watches the process that it was to watch: it waits for records
attached()
{
	poll=7
	while kill -0 "$1" 2>/dev/null; do
		read -r call rest <"/proc/$1/syscall" && [ "$call" = "$poll" ] && return
		sleep 0.1
	done 2>/dev/null
	return 1
}

# figures: of the JSON a line "short NAME N" for all that it lacks, "usage NAME N" for what it says of
# getrusage(2), and "sum TABLE N" with the faults of all rows of a table; at once, as it may be long
figures()
{
	jq -r '(.short // empty | to_entries[] | "short \(.key) \(.value)"),
		(.usage // empty | to_entries[] | "usage \(.key) \(.value)"),
		(select(.event == null) | to_entries[] | select(.value | type == "array") |
		 "sum \(.key) \([.value[].faults] | add // 0)")' "$work/out"
}

# watched VERB WORDS... -- LOAD N...: mmscope VERB WORDS -p of the loads, from before they begin;
# its exit code says whether anything is short, and how many faults they had is in $truth
watched()
{
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	"$here/count_load" "$@" <"$work/go" >"$work/told" &
	load=$!
	exec 9>"$work/go"
	# It has its last fault before it waits, in read(2).
	until [ -s "$work/told" ] && grep -q "^State:.S" "/proc/$load/status"; do
		sleep 0.1
	done
	# shellcheck disable=SC2086 # words
	mmscope $words -p "$load" >"$work/out" 2>"$work/err" 9>&- &
	tool=$!
	attached "$tool"
	echo go >&9
	exec 9>&-
	wait "$load" || note "the load failed"
	wait "$tool"
	code=$?
	truth=$(sed -n 2p "$work/told")
	figures >"$work/figures"
	if grep '^short .* [1-9]' "$work/figures" >"$work/short"; then
		want=5
	else
		want=0
	fi
	[ "$code" -eq "$want" ] && return
	note "mmscope $words, $*: exit code $code, not $want: $(cat "$work/short")"
	tail -n 5 "$work/out" "$work/err" | cut -c1-200 | sed 's/^/# /'
	return 1
}

# short NAME: how many faults stat says that it lacks, and why
short()
{
	sed -n "s/^short $1 //p" "$work/figures"
}

# unseen: those that the kernel did not tell of
unseen()
{
	short faults
}

# lacking TABLE: those for which it has no row, as it learned too late of a VMA that went at once
lacking()
{
	case $1 in
	vmas) short vmas ;;
	*) echo 0 ;;
	esac
}

# usage NAME: what stat says of what getrusage(2) counts
usage()
{
	sed -n "s/^usage $1 //p" "$work/figures"
}

# sums LOAD N...: by class, by VMA, by lineage and by line they are what the kernel counts, but for
# those that a kernel that preempts itself does not tell of: how many these are is said, and exact. The
# kernel counts a fault for who has it, stat for whose memory it is in: the two differ where somebody
# else wants a page of the load, or the load one of somebody else.
sums()
{
	watched stat --json -- "$@" || return 1
	if [ "$(unseen)" -gt $((truth / 10)) ]; then
		note "$*: $(unseen) of $truth faults were not seen"
		return 1
	fi
	truth=$((truth + $(usage by_others) - $(usage in_others)))
	for table in classes vmas roots sites lines; do
		sum=$(sed -n "s/^sum $table //p" "$work/figures")
		[ $((sum + $(unseen) + $(lacking "$table"))) -eq "$truth" ] && continue
		note "$*: $sum faults in $table, $(unseen) not seen, by getrusage(2) $truth"
		note "$(cat "$work/short")"
		note "by others $(usage by_others), in others $(usage in_others)"
		note "$(jq -c '.classes // empty' "$work/out" | cut -c1-2000)"
		return 1
	done
}

# On one kernel more than anything of ours should mind, and with make soak T=count as many as a
# process may have VMAs, and a machine processes. On others more than the tables of fixed size hold,
# which the programs sum up and remember in: for each CPU, struct fault_sums has 4 * 256 VMAs and
# 4 * 1024 sites, of which a child has five; 1024 unmaps, 4096 counts of pages and 8192 files at a
# time.
processes=1000 living=1100 many=9000
[ -n "$SCOPE_ELSEWHERE" ] || processes=3000 living=3000 many=20000
[ -z "$SCOPE_SOAK" ] || processes=10000 many=60000

# all_in_one: where time is saved: the sums of all of them are exact only if those of each are
all_in_one()
{
	[ -n "$SCOPE_ELSEWHERE" ] || { skip "each is looked at by itself here"; return; }
	# VMAs last: a child would get them.
	sums forks "$processes" programs 300 threads 200 vmas 4000 vmas "$many"
}

by_itself()
{
	once "all_in_one has it, too"
}

few_thousand_vmas()
{
	by_itself || return
	sums vmas 4000
}

many_vmas()
{
	by_itself || return
	sums vmas "$many"
}

many_threads()
{
	by_itself || return
	sums threads 200
}

children()
{
	by_itself || return
	sums forks "$processes"
}

many_programs()
{
	by_itself || return
	sums programs 300
}

# Faults of execve(2) in the memory of the new program are the program's.
a_command()
{
	mmscope stat --json -- true >"$work/out" 2>"$work/err" || return 1
	figures >"$work/figures"
	truth=$(($(usage faults) + $(usage by_others) - $(usage in_others)))
	sum=$(sed -n 's/^sum classes //p' "$work/figures")
	[ $((sum + $(unseen))) -eq "$truth" ] && [ "$truth" -gt 0 ] && return
	note "$sum faults, $(unseen) not seen, by getrusage(2) $truth: $(cat "$work/figures")"
	return 1
}

forks_are_all_shown()
{
	watched trace -e fork --json -- alive "$living" || return 1
	n=$(jq -n '[inputs | select(.event == "fork")] | length' "$work/out")
	[ "$n" -eq "$living" ] || { note "$n forks of $living"; return 1; }
}

echo "TAP version 13"
for test in a_command few_thousand_vmas many_vmas many_threads children many_programs all_in_one \
	    forks_are_all_shown; do
	try "$test" "$test"
done
finish
