#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope metrics of a machine that runs: between two scrapes the counters of a cgroup's slice grow by
# what getrusage(2) says that its programs had; what they give back, and touch again, is counted by
# its cause; and the numbers of VMAs are those of /proc/PID/maps.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq wget
needs_types skip_all
here=$(dirname "$0")
group=/sys/fs/cgroup/load.slice
at=127.0.0.1:9873
mkfifo "$work/go"
mkdir "$group" 2>"$work/said" || skip_all "$(cat "$work/said")"

# scrapes NAME: what is answered now, when all that was done before has been read
scrapes()
{
	sleep 1
	wget -q -O "$work/$1" "http://$at/metrics"
}

# serves COMMAND...: it answers, when all processes are watched
serves()
{
	"$@" >"$work/out" 2>"$work/err" &
	tool=$!
	while kill -0 "$tool" 2>/dev/null; do
		wget -q -O /dev/null "http://$at/" 2>/dev/null && return
		sleep 0.2
	done
	note "$*: $(head -n 5 "$work/err")"
	return 1
}

# stopped: by SIGTERM. What the kernel left out is told, by the exit code, too, and said
stopped()
{
	kill -TERM "$tool"
	wait "$tool"
	code=$?
	[ "$code" -eq 0 ] && return
	cat "$work/err" >&2
	[ "$code" -eq 5 ] && grep -q "$left_out" "$work/err" && return
	note "exit code $code: $(head -n 5 "$work/err")"
	return 1
}

# waits LOAD N: count_load, in the slice, which waits in read(2)
waits()
{
	sh -c "echo 0 >$group/cgroup.procs; exec '$here/count_load' $*" <"$work/go" >"$work/told" &
	load=$!
	exec 9>"$work/go"
	until [ -s "$work/told" ] && grep -q "^State:.S" "/proc/$load/status"; do
		sleep 0.1
	done
}

# goes: it does what it is to do; how many faults that took is in $truth
goes()
{
	echo go >&9
	exec 9>&-
	wait "$load" || note "the load failed"
	truth=$(sed -n 2p "$work/told")
}

# sum FILE METRIC TEXT: of all samples that have the text in their labels
sum()
{
	grep "^$2[{ ]" "$work/$1" | grep -F -e "$3" | sed 's/.* //' |
		awk '{ n += $1 } END { printf "%d\n", n }'
}

# grew METRIC TEXT BY: between the two scrapes
grew()
{
	by=$(($(sum second "$1" "$2") - $(sum first "$1" "$2")))
	[ "$by" -eq "$3" ] && return
	note "$1 $2 grew by $by, not by $3"
	return 1
}

# does LOAD N: two scrapes, one before it goes, one after it ended
does()
{
	waits "$@" && scrapes first && goes && scrapes second || return 1
	grew mmscope_records_lost_total "" 0 && grew mmscope_losses_total 'reason="processes"' 0
}

# seen LOAD N: its faults are in its slice, and in no other. Where the kernel left some out, how many
# is told at the end, of all processes.
seen()
{
	serves mmscope metrics --listen "$at" || return 1
	does "$@"
	good=$?
	stopped && [ "$good" -eq 0 ] || return 1
	by=$(($(sum second mmscope_faults_total 'slice="load.slice"') -
		$(sum first mmscope_faults_total 'slice="load.slice"')))
	unseen=$(sed -n 's/.*: \([0-9]*\) faults were not seen: .*/\1/p' "$work/err")
	[ "$by" -le "$truth" ] && [ $((by + ${unseen:-0})) -ge "$truth" ] && return
	note "$by faults, and ${unseen:-0} were not seen; by getrusage(2) $truth"
	return 1
}

vmas_are_counted()
{
	pages=3000
	seen vmas "$pages" || return 1
	# The first time it may get huge pages.
	[ "$truth" -ge "$pages" ] || { note "$truth faults"; return 1; }
	# Its pages were given back at once, and all of them were touched again.
	grew mmscope_pages_given_back_total 'cause="madvise(2) DONTNEED"' "$pages" &&
		grew mmscope_given_back_bytes_total 'cause="madvise(2) DONTNEED"' $((4096 * pages)) &&
		grew mmscope_refaults_total 'cause="madvise(2) DONTNEED"' "$pages" || return 1
	# Of all that were timed each has its place, and there are no others.
	for class in anon zero copy; do
		[ "$(sum second mmscope_fault_duration_seconds_bucket "class=\"$class\",le=\"+Inf\"")" -eq \
			"$(sum second mmscope_fault_duration_seconds_count "class=\"$class\"")" ] || return 1
	done
}

threads_are_counted()
{
	seen threads 200
}

# Those that end before anybody looks have the slice of their parent
children_are_counted()
{
	seen forks 200
}

programs_are_counted()
{
	once "tracer_test.sh has execve(2) on each" || return
	seen programs 200
}

worst_process_is_known()
{
	once "sets of VMAs are compared with /proc/PID/maps by others on each" || return
	serves mmscope metrics --listen "$at" || return 1
	waits vmas 500
	scrapes first
	# [vsyscall] is none.
	vmas=$(grep -c -v vsyscall "/proc/$load/maps")
	spaces=$(sum first mmscope_address_spaces 'slice="load.slice"')
	told=$(sum first mmscope_vmas 'slice="load.slice"')
	room=$(sum first mmscope_vma_headroom 'slice="load.slice"')
	limit=$(sum first mmscope_max_map_count "")
	goes
	scrapes second
	after=$(sum second mmscope_address_spaces 'slice="load.slice"')
	stopped || return 1
	[ "$told" -eq "$vmas" ] && [ "$limit" -eq "$(cat /proc/sys/vm/max_map_count)" ] &&
		[ "$room" -eq $((limit - vmas)) ] && [ "$spaces" -eq 1 ] && [ "$after" -eq 0 ] &&
		! grep -q 'mmscope_vmas{slice="load.slice"}' "$work/second" && return
	note "$vmas VMAs of $limit, told $told, room for $room; $spaces address spaces, then $after"
	return 1
}

# Without being root: what the unit in the package has
two_rights_are_enough()
{
	[ -e "$here/caps_load" ] || { skip "no caps_load"; return; }
	serves "$here/caps_load" mmscope metrics --listen "$at" || return 1
	does vmas 300 && grew mmscope_faults_total 'slice="load.slice"' "$truth"
	good=$?
	stopped || return 1
	return "$good"
}

file_is_written_meanwhile()
{
	once "the tool writes it" || return
	mmscope metrics --textfile "$work/m.prom" --interval 1 --for 4 2>"$work/err" &
	tool=$!
	until [ -e "$work/m.prom" ]; do
		kill -0 "$tool" 2>/dev/null || { note "$(cat "$work/err")"; return 1; }
		sleep 0.2
	done
	ls -i "$work/m.prom" >"$work/inode"
	first=$(sed -n 's/^mmscope_records_total //p' "$work/m.prom")
	wait "$tool"
	code=$?
	[ "$code" -eq 0 ] || [ "$code" -eq 5 ] || { note "exit code $code"; return 1; }
	last=$(sed -n 's/^mmscope_records_total //p' "$work/m.prom")
	[ "$last" -gt "$first" ] && [ "$(ls -i "$work/m.prom")" != "$(cat "$work/inode")" ] &&
		[ ! -e "$work/m.prom.tmp" ]
}

# cpu PID: ms of a CPU that it has had
cpu()
{
	awk '{ print ($14 + $15) * 10 }' "/proc/$1/stat"
}

# asks N PATH: so many times; how many ms of a CPU that took the tool is in $took
asks()
{
	before=$(cpu "$tool")
	i=0
	while [ "$i" -lt "$1" ]; do
		wget -q -O "$work/first" "http://$at$2" || return 1
		i=$((i + 1))
	done
	took=$(($(cpu "$tool") - before))
}

# Ten scrapes a second are to take less than 1 % of a CPU, 1 ms each; a start of the tool takes twice
# as much. It is compared with that, for a machine that is emulated has a time of its own.
scrape_is_cheap()
{
	once "the tool answers" || return
	serves mmscope metrics --comm nobody --listen "$at" || return 1
	wget -q -O /dev/null "http://$at/metrics"
	asks 40 / && front=$took && asks 40 /metrics
	good=$?
	stopped && [ "$good" -eq 0 ] || return 1
	started=$({
		i=0
		while [ "$i" -lt 40 ]; do
			mmscope --version >/dev/null
			i=$((i + 1))
		done
		times
	} | awk 'NR == 2 { gsub("[ms]", " "); print int(($1 * 60 + $2 + $3 * 60 + $4) * 1000) }')
	note "40 scrapes took $took ms of a CPU, of the front page $front ms, 40 starts $started ms"
	[ "$took" -lt "$started" ]
}

# A command's, at its end, without anybody who asks
printed_once()
{
	mmscope metrics -- "$here/count_load" child 0 >"$work/second" 2>"$work/err"
	code=$?
	[ "$code" -eq 0 ] || [ "$code" -eq 5 ] || { note "exit code $code"; return 1; }
	: >"$work/first"
	[ "$(sum second mmscope_faults_total 'class="anon"')" -ge 3 ] &&
		grep -q "^mmscope_build_info{.*kernel=\"$(uname -r)\"} 1" "$work/second" &&
		[ "$(sum second mmscope_programs_missing "")" -ge 0 ]
}

echo "TAP version 13"
for test in vmas_are_counted threads_are_counted children_are_counted programs_are_counted \
	    worst_process_is_known two_rights_are_enough file_is_written_meanwhile \
	    scrape_is_cheap printed_once; do
	try "$test" "$test"
done
rmdir "$group"
finish
