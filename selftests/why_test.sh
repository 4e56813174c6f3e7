#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope why while a program runs: a command, a process that is there, and Ctrl-C. host/why_test.sh
# has all causes, of a recording.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
dir=$(dirname "$0")
load=$dir/why_load

# cause_is WANTED: of the answer in $work/out, whose ledger closes
cause_is()
{
	jq -es --arg wanted "$1" '.[0].cause == $wanted and .[0].remainder == 0' \
		"$work/out" >/dev/null && return
	note "not $1: $(head -n 1 "$work/out" | cut -c 1-300) $(head -n 1 "$work/err")"
	return 1
}

answer_of_a_command()
{
	once "the same answer is found in recordings" || return
	mmscope why rss --json -- "$load" leak_heap >"$work/out" 2>"$work/err" && cause_is leak
}

# It was there before, and has not grown since: nobody tells who brought it. What smaps has is what
# the records add up to, although it forks, and copies pages, while the tracer is taken away.
process_that_is_there()
{
	once "smaps and records are compared by rss_test" || return
	sh -c 'while :; do sleep 0.1; done' &
	pid=$!
	mmscope why rss --json -p "$pid" >"$work/out" 2>"$work/err" &
	tool=$!
	while kill -0 "$tool" 2>/dev/null; do
		read -r call rest <"/proc/$tool/syscall" && [ "$call" = 7 ] && break
		sleep 0.1
	done 2>/dev/null
	sleep 1
	kill -INT "$tool"
	wait "$tool"
	code=$?
	kill -0 "$pid" || { note "Ctrl-C has ended it"; return 1; }
	kill "$pid"
	[ "$code" -eq 4 ] && cause_is unknown &&
		jq -es '.[] | select(.event == "smaps") | .rss > 0 and .remainder == 0' \
			"$work/out" >/dev/null && return
	note "status $code: $(grep smaps "$work/out")"
	return 1
}

# Since 6.12 the kernel empties the page tables of what mmap(2) replaces before it stores the new VMA.
mapped_over_is_given_back()
{
	mmscope trace --json -- sh -c "exec $dir/again_load >/dev/null" >"$work/out" 2>"$work/err" &&
		jq -es '[.[] | select(.syscall == "mmap")] |
			any(.event == "unmap" and .pages == 3) and
			all(.event != "rss" or .why != "taken")' "$work/out" >/dev/null && return
	note "$(jq -c 'select(.syscall == "mmap" and (.event == "unmap" or .event == "rss"))' \
		"$work/out" | cut -c 1-300 | tail -n 3)"
	return 1
}

# Each page that came or went is in a record of what happened to it. More of that, and with threads and
# forks, where it has not to be done thrice.
ledgers_close()
{
	set -- "again_load" "random_load 5 150"
	[ -n "$SCOPE_ELSEWHERE" ] ||
		set -- "again_load" "random_load 5 300" "random_load 6 300" "random_load 8 150 3 1"
	for arguments; do
		mmscope why rss --json -- sh -c "exec $dir/$arguments >/dev/null" >"$work/out" \
			2>"$work/err" &&
			jq -es '.[0].remainder == 0' "$work/out" >/dev/null && continue
		note "$arguments: $(head -n 1 "$work/out" | cut -c 1-300) $(head -n 1 "$work/err")"
		return 1
	done
}

try answer_of_a_command answer_of_a_command
try mapped_over_is_given_back mapped_over_is_given_back
try ledgers_close ledgers_close
try process_that_is_there process_that_is_there
finish
