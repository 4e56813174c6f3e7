#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What an experiment changes outside of its own process is restored, however it ends.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope

experiment=malloc-max
file=/proc/sys/vm/overcommit_memory

[ -w "$file" ] || skip_all "$file cannot be written"
read -r before <"$file"

# Of all experiments it changes what the others may feel, and only if told so.
run_it()
{
	mmscope run "$experiment" --system "$@"
}

# No processes: the change lasts for some milliseconds
look()
{
	read -r now <"$file"
}

# changed RUN: wait until the experiment has changed the file; or it has ended
changed()
{
	while kill -0 "$1" 2>/dev/null; do
		look
		[ "$now" = "$before" ] || return 0
	done
	return 1
}

as_before()
{
	look
	[ "$now" = "$before" ] && return
	note "$file is $now, it was $before"
	echo "$before" >"$file"
	return 1
}

# subject RUN: the process of the experiment itself, of which RUN is the one that shows it. While a
# request is refused for its size all others may be refused, too: a shell that cannot fork ends.
subject()
{
	read -r subject <"/proc/$1/task/$1/children" || [ -n "$subject" ]	# no newline
}

# What the terminal does to both of them
ctrl_c()
{
	subject "$1" && kill -INT "$1" "$subject"
}

ctrl_backslash()
{
	subject "$1" && kill -QUIT "$1" "$subject"
}

terminate()
{
	kill -TERM "$1"
}

hang_up()
{
	kill -HUP "$1"
}

crash()
{
	subject "$1" && kill -ABRT "$subject"
}

# restored HOW STATUS: ended by HOW while the file is changed, the tool exits so, and the file is as
# it was. An experiment that was faster than we are is run again.
restored()
{
	for _ in $(seq 20); do
		# Not run_it: $! is to be the tool.
		mmscope run "$experiment" --system --size 256M >/dev/null 2>&1 &
		run=$!
		changed "$run" && "$1" "$run" 2>/dev/null
		wait "$run"
		status=$?
		as_before || return 1
		[ "$status" -ne "$2" ] || return 0
	done
	note "none of 20 runs was ended in time; the last exit code is $status"
	return 1
}

as_ever()
{
	run_it >"$work/out" 2>&1 && grep -q "mode 2: half" "$work/out" && as_before
}

# Watched by nobody, who could miss it: the step is not there
unasked_it_is_not_changed()
{
	mmscope run "$experiment" >"$work/out" 2>&1 && grep -q -e "--system allows" "$work/out" &&
		! grep -q "mode 2: half" "$work/out"
}

# Falsified, each of its predictions breaks: those of the step that must be asked for as well
its_predictions_can_fail()
{
	MMSCOPE_SABOTAGE=$experiment mmscope run "$experiment" --system >"$work/out" 2>&1
	[ $? -eq 1 ] && grep -q "mode 2: half" "$work/out" && grep -q "^FAILED: 0 of" "$work/out" &&
		as_before
}

# The reader has gone before the file is changed, or while it is
restored_for_nobody()
{
	for lines in 1 15 20 25; do
		run_it --size 256M 2>/dev/null | head -n "$lines" >/dev/null
		as_before || return 1
	done
}

echo "TAP version 13"
try ends_well as_ever
try unasked_it_is_not_changed unasked_it_is_not_changed
try its_predictions_can_fail its_predictions_can_fail
try ctrl_c restored ctrl_c 130
try ctrl_backslash restored ctrl_backslash 131
try terminated restored terminate 143
try hung_up restored hang_up 129
try experiment_crashes restored crash 1
try reader_leaves restored_for_nobody
finish
