#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command line, where it takes a kernel: its exit codes mean what the man page says, and its
# output suits whoever reads it. host/cli_test.sh has the rest.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

check=$(dirname "$0")/json_check
needs mmscope "$check"

# Exit codes: errors are told on stderr, and nothing else is said

command_that_cannot_be_started_is_2()
{
	once "the command line is no kernel's" || return
	gives 2 mmscope stat -- /nonsense && written err &&
		gives 2 mmscope trace -- /nonsense && written err
}

held_is_0()
{
	once "experiments_test.sh has all experiments" || return
	gives 0 mmscope run lazy && written out && silent err
}

no_right_is_3()
{
	id user >/dev/null 2>&1 || { skip "no user named user"; return; }
	# The message says what to do
	gives 3 su user -c "mmscope run hooks" && written err && grep -q root "$work/err"
}

no_device_is_3()
{
	[ -c /dev/mmscope ] || return 1
	mv /dev/mmscope "/dev/mmscope.away"
	gives 3 mmscope run hooks
	code=$?
	mv "/dev/mmscope.away" /dev/mmscope
	[ "$code" -eq 0 ] && written err && grep -q load "$work/err"
}

# Those that can do without it do; what the others would have shown experiments_test.sh sees.
all_are_left_out()
{
	[ -n "$SCOPE_ELSEWHERE" ] && return
	gives 4 mmscope run --all && grep -q "skipped: /dev/mmscope" "$work/out"
}

works_without_device()
{
	mv /dev/mmscope "/dev/mmscope.away"
	gives 0 mmscope list && gives 0 mmscope explain lazy && gives 0 mmscope run hint &&
		gives 0 mmscope run lazy && grep -q "left out: memory of a driver" "$work/out" &&
		all_are_left_out
	code=$?
	mv "/dev/mmscope.away" /dev/mmscope
	return "$code"
}

# The module may be left out. What a machine of ours has mounted is not to be mounted again.
doctor_does_without_module()
{
	once "that it is not there is pretended" || return
	needs_types skip || return
	mv /dev/mmscope "/dev/mmscope.away"
	gives 0 unshare -m sh -c "mount -t tmpfs none /sys/module && mmscope doctor"
	code=$?
	mv "/dev/mmscope.away" /dev/mmscope
	[ "$code" -eq 0 ] && grep -q "^ok .*the module is not loaded" "$work/out" &&
		! grep "^fail\|mount -t" "$work/out" || return 1
	gives 0 mmscope doctor && grep -q "^ok .*module loaded" "$work/out"
}

params_are_checked()
{
	once "the command line is no kernel's" || return
	gives 2 mmscope run lazy --pages 0 && gives 2 mmscope run lazy --pages 1x &&
		gives 2 mmscope run lazy --pages 99999999 && written err && silent out &&
		gives 2 mmscope run hint --pages 5 && gives 2 mmscope run --all --pages 5 &&
		gives 2 mmscope run lazy --runs 32 && gives 2 mmscope run aslr --runs 1 &&
		gives 0 mmscope run lazy --pages 10 --size 64M &&
		grep -q "read 10 pages" "$work/out" && grep -q "8 mmaps of 8 MiB" "$work/out"
}

# The reader's answers are compared with what happens, not with what is predicted
predict_asks_and_compares()
{
	once "the reader's words are no kernel's" || return
	command -v script >/dev/null || { skip "no script(1) to make a terminal"; return; }
	gives 2 mmscope run hint --predict && written err && silent out || return 1
	printf '1\n64M\n7\n' | script -q -c "mmscope run lazy --predict --size 64M" /dev/null \
		>"$work/out" 2>&1
	grep -q "you said vmas 1: right" "$work/out" &&
		grep -q "you said space 64M: right" "$work/out" &&
		grep -q "you said rss 7: it is 0 KiB" "$work/out" && grep -q "you: 2 of 3" "$work/out"
}

# interrupted SIGNAL: an experiment that is ended leaves nothing behind
interrupted()
{
	mmscope run hooks >/dev/null 2>&1 &
	run=$!
	sleep 0.1
	kill "-$1" "$run"
	wait "$run"
	for _ in $(seq $((50 * ${SCOPE_SLOW:-1}))); do
		grep -qs -e '[-]-subject' /proc/[0-9]*/cmdline || return 0
		sleep 0.1
	done
	! grep -qs -e '[-]-subject' /proc/[0-9]*/cmdline
}

interrupt_leaves_no_process()
{
	once "the tool ends its processes" || return
	interrupted INT && interrupted TERM
}

# Ctrl-C is passed on; who does not obey is killed after so many seconds, and what he did is shown
grace_is_given()
{
	once "the tool ends it" || return
	needs_types skip || return
	# shellcheck disable=SC2016	# the inner shell expands it
	mmscope trace --grace 8 -- sh -c 'trap "date +%s >\"$0\"" TERM; echo >"$0"
		while :; do sleep 0.2; done' "$work/told" >"$work/out" 2>"$work/err" &
	tool=$!
	until [ -e "$work/told" ]; do
		kill -0 "$tool" || return 1
		sleep 0.1
	done
	kill -TERM "$tool"
	wait "$tool"
	took=$(($(date +%s) - $(cat "$work/told")))
	[ "$took" -ge 5 ] && grep -q "unmap .*by the mm's end" "$work/out" && return
	note "killed $took s after it was told"
	return 1
}

# Output

# Each verb, with something to say
each_verb()
{
	"$@" list
	"$@" explain lazy
	"$@" run lazy
	"$@" doctor
	"$@" map self
	"$@" stat -- mmscope run lazy
	"$@" trace -- true
	"$@" record -o "$work/rec" -- true
	"$@" map -i "$work/rec"
	"$@" who 7fffffffe000 -i "$work/rec"
	"$@" why rss -i "$work/rec"
	"$@" reproduce -i "$work/rec"
	"$@" metrics -i "$work/rec"
}

plain()
{
	TERM=xterm-256color mmscope "$@" 2>&1
}

pipe_gets_no_escape_codes()
{
	once "the tool paints" || return
	each_verb plain >"$work/out"
	written out && ! grep -q "$(printf '\033')" "$work/out"
}

# on_terminal COMMAND: its output on a terminal of its own
on_terminal()
{
	PAGER="cat" TERM=xterm-256color script -q -c "$1" /dev/null </dev/null
}

no_color_is_obeyed()
{
	once "the tool paints" || return
	command -v script >/dev/null || { skip "no script(1) to make a terminal"; return; }
	on_terminal "mmscope run lazy" >"$work/color"
	grep -q "$(printf '\033')" "$work/color" || { skip "no colour on a terminal"; return; }
	NO_COLOR=1 on_terminal "mmscope run lazy" >"$work/out"
	written out && ! grep -q "$(printf '\033')\[[0-9;]*m" "$work/out"
}

# Who waits is told for what, on a terminal only.
terminal_is_told_what_goes_on()
{
	once "the tool says it" || return
	command -v script >/dev/null || { skip "no script(1) to make a terminal"; return; }
	needs_types skip || return
	on_terminal "mmscope stat -- true >$work/stat" >"$work/out"
	if ! grep -q "attaching" "$work/out" ||
		! grep -q "watching [1-9][0-9]*, Ctrl-C ends" "$work/out"; then
		sed 's/^/# /' "$work/out"
		return 1
	fi
	mmscope stat -- true >"$work/stat" 2>"$work/err"
	! grep -q -e attaching -e watching "$work/stat" "$work/err"
}

# told TEXT CODE COMMAND...: its exit code, and on a terminal the text before it attaches to anything
told()
{
	text=$1
	shift
	gives "$@" && grep -q "$text" "$work/err" || return 1
	shift
	command -v script >/dev/null || return 0
	on_terminal "$*" >"$work/out"
	grep -q "$text" "$work/out" && ! grep -q attaching "$work/out" && return
	sed 's/^/# /' "$work/out"
	return 1
}

mistakes_are_told_at_once()
{
	true &
	gone=$!
	wait "$gone"
	told "No such file" 2 mmscope trace -- /nonsense/nonsense &&
		told "No such file" 2 mmscope stat -- nonsense &&
		told "Permission denied" 2 mmscope map -- /tmp &&
		told "no such process" 3 mmscope stat -p "$gone" &&
		told "kernel thread" 3 mmscope trace -p 2 &&
		told "no process id" 2 mmscope trace -p x
}

is_json()
{
	mmscope "$@" --json >"$work/out" 2>"$work/err"
	"$check" <"$work/out" && return
	note "mmscope $* --json"
	return 1
}

json_is_well_formed()
{
	once "the tool writes it" || return
	is_json list && is_json explain lazy && is_json run lazy hint && is_json doctor &&
		is_json map --why self || return 1
	for verb in stat trace metrics; do
		mmscope "$verb" --json -- sh -c "mmscope run lazy >/dev/null" >"$work/out" 2>/dev/null
		"$check" <"$work/out" || { note "$verb"; return 1; }
	done
}

checker_finds_errors()
{
	for bad in '' '{' '{"schema":1,}' '{"schema":2}' '{"schema":1}x' '{"schema":1,"a":"}'; do
		echo "$bad" | "$check" 2>/dev/null || continue
		note "$bad"
		return 1
	done
	echo '{"schema":1,"a":[1,-2.5e3,"\u00e9",null,true,{}]}' | "$check"
}

echo "TAP version 13"
for test in command_that_cannot_be_started_is_2 held_is_0 no_right_is_3 no_device_is_3 \
	    works_without_device doctor_does_without_module params_are_checked \
	    predict_asks_and_compares interrupt_leaves_no_process grace_is_given \
	    pipe_gets_no_escape_codes no_color_is_obeyed terminal_is_told_what_goes_on \
	    mistakes_are_told_at_once checker_finds_errors json_is_well_formed; do
	try "$test" "$test"
done
finish
