#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# More than one process is watched: several that are named, those with a name, those in a cgroup, or
# all; whoever starts them, from their first instruction on, and no other.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all

# A program is called as its script is.
cat >"$work/many_one" <<E1
#!/bin/sh
/bin/cat /proc/self/maps >/dev/null
E1
sed 's/cat/ls/' "$work/many_one" >"$work/other"
chmod +x "$work/many_one" "$work/other"

# begins WORDS...: mmscope WORDS, which watches by then: it waits for records
begins()
{
	mmscope "$@" >"$work/out" 2>"$work/err" &
	tool=$!
	while kill -0 "$tool" 2>/dev/null; do
		read -r call rest <"/proc/$tool/syscall" && [ "$call" = 7 ] && return
		sleep 0.1
	done 2>/dev/null
	note "$(head -n 3 "$work/err")"
	return 1
}

# ends: and its exit code is that
ends()
{
	[ "$1" = alone ] || kill -INT "$tool"
	wait "$tool"
	code=$?
	[ "$code" -eq 0 ] && return
	note "exit code $code: $(head -n 3 "$work/err")"
	return 1
}

# names: of all address spaces that are told of, by the last that was said. A child that was forked has
# its parent's until it has a program of its own, in another address space.
names()
{
	jq -rs 'map(select(.comm != null and .mm != null)) | group_by(.mm) | map(last.comm) |
		sort | join(" ")' "$work/out"
}

several_that_are_named()
{
	sh -c "read a; '$work/many_one'" <"$work/first" &
	first=$!
	exec 8>"$work/first"
	sh -c "read a; '$work/other'" <"$work/second" 8>&- &
	second=$!
	exec 9>"$work/second"
	begins trace --json -p "$first,$second" 8>&- 9>&- || return 1
	echo go >&8
	wait "$first"
	echo go >&9
	exec 8>&- 9>&-
	ends alone || return 1
	wait "$second"
	[ "$(names)" = "cat ls many_one many_one other other sh sh" ] && return
	note "$(names)"
	head -n 40 "$work/out" | cut -c1-150 | sed 's/^/# /'
	return 1
}

what_was_there_is_left_out()
{
	sh -c "read a; '$work/many_one'; exit" <"$work/first" &
	first=$!
	exec 8>"$work/first"
	begins trace --no-there --json -p "$first" 8>&- || return 1
	echo go >&8
	exec 8>&-
	ends alone || return 1
	[ "$(jq -s 'map(select(.event == "mmap")) | length' "$work/out")" -gt 10 ] &&
		! grep -q '"event":"there"' "$work/out"
}

# Nobody else is told of, and nothing is missing: each address space has its first VMA and its end
by_name()
{
	begins trace --json --comm 'many_*' || return 1
	"$work/many_one"
	"$work/other"
	"$work/many_one"
	ends || return 1
	[ "$(names)" = "cat cat many_one many_one many_one many_one" ] || { note "$(names)"; return 1; }
	jq -s '[.[] | select(.event == "mmap")] | group_by(.mm) | map(.[0].cause)' "$work/out" >"$work/firsts"
	[ "$(jq -s 'map(select(.event == "end")) | length' "$work/out")" -ge 4 ] && return
	note "$(cat "$work/firsts")"
	return 1
}

# The sums are what getrusage(2) counts, whoever started it
all_processes()
{
	begins stat --all --json || return 1
	for _ in 1 2 3 4 5 6 7 8; do
		"$work/many_one"
		"$work/other"
	done
	ends || return 1
	sum=$(jq -s '[.[] | .classes // [] | .[].faults] | add' "$work/out")
	usage=$(jq -s '[.[] | .usage // empty] | .[0] |
		.faults + .by_others - .in_others' "$work/out")
	unseen=$(jq -s '[.[] | .short // empty] | .[0].faults' "$work/out")
	# Faults of who runs on while it is asked are in one of both, perhaps.
	[ "$sum" -gt 800 ] && [ $((sum + unseen - usage)) -le 20 ] &&
		[ $((usage - sum - unseen)) -le 20 ] && return
	note "$sum faults, $unseen not seen, by getrusage(2) $usage"
	return 1
}

of_a_cgroup()
{
	group=/sys/fs/cgroup/mmscope-test
	mkdir "$group" "$group/below" 2>"$work/said" || { skip "$(cat "$work/said")"; return; }
	begins trace --json --cgroup mmscope-test || return 1
	sh -c "echo 0 >$group/below/cgroup.procs; '$work/many_one'; exec '$work/other'"
	"$work/other"
	ends || return 1
	rmdir "$group/below" "$group"
	[ "$(names)" = "cat ls many_one many_one other other sh" ] && return
	note "$(names)"
	return 1
}

mkfifo "$work/first" "$work/second"
echo "TAP version 13"
for test in several_that_are_named what_was_there_is_left_out by_name all_processes of_a_cgroup; do
	try "$test" "$test"
done
finish
