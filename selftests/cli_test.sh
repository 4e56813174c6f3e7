#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command line: its words are the same wherever they are written, its exit codes mean what the
# man page says, and its output suits whoever reads it.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope
here=$(dirname "$0")

# beside NAME: where a file of the tool is, next to the tests or in the source
beside()
{
	for dir in "$here" "$here/../userspace" /usr/share/mmscope; do
		[ -e "$dir/$1" ] || continue
		echo "$dir/$1"
		return
	done
	return 1
}

# says FILE: there is something in it
says()
{
	[ -s "$work/$1" ] && return
	note "nothing on std$1"
	return 1
}

silent()
{
	[ ! -s "$work/$1" ] && return
	sed "s/^/# std$1: /" "$work/$1"
	return 1
}

same()
{
	diff "$work/$1" "$work/$2" | sed 's/^/# /'
	cmp -s "$work/$1" "$work/$2"
}

verbs()
{
	mmscope --help | sed -n 's/^  mmscope \([a-z][a-z-]*\).*/\1/p'
}

# Words

help_names_verbs()
{
	verbs | sort >"$work/help"
	for verb in list explain run trace stat record who map doctor; do
		grep -qx "$verb" "$work/help" || { note "no $verb"; return 1; }
	done
}

verbs_of_man_page()
{
	page=$(beside mmscope.1) || { skip "no mmscope.1"; return; }
	verbs | sort >"$work/help"
	sed -n '/^\.SH SYNOPSIS/,/^\.SH DESC/p' "$page" |
		grep -o 'mmscope [a-z][a-z-]*' | cut -d ' ' -f 2 | sort >"$work/man"
	same help man
}

verbs_of_completion()
{
	completion=$(beside completion) || { skip "no completion"; return; }
	verbs | sort >"$work/help"
	sed -n 's/.*verbs="\([a-z -]*\)".*/\1/p' "$completion" | tr ' ' '\n' | sort >"$work/words"
	same help words
}

# Every long option that a verb's --help names is in FILE, where sed has made dashes of \-
options_in()
{
	sed 's/\\-/-/g' "$1" >"$work/text"
	for verb in $(verbs); do
		for option in $(mmscope "$verb" --help | grep -o -- '--[a-z][a-z-]*' | sort -u); do
			grep -q -- "$option" "$work/text" && continue
			note "$1 lacks $option of $verb"
			return 1
		done
	done
}

options_of_man_page()
{
	page=$(beside mmscope.1) || { skip "no mmscope.1"; return; }
	options_in "$page"
}

options_of_completion()
{
	completion=$(beside completion) || { skip "no completion"; return; }
	options_in "$completion"
}

exit_codes_of_man_page()
{
	page=$(beside mmscope.1) || { skip "no mmscope.1"; return; }
	for code in 0 1 2 3 4 5; do
		sed -n '/^\.SH EXIT STATUS/,/^\.SH /p' "$page" | grep -qx "\.B $code" && continue
		note "no exit code $code"
		return 1
	done
}

help_is_no_error()
{
	gives 0 mmscope --help && says out && silent err || return 1
	for verb in $(verbs); do
		gives 0 mmscope "$verb" --help && says out && silent err || return 1
	done
}

version_is_told()
{
	gives 0 mmscope --version && grep -q '^mmscope [0-9]' "$work/out" && silent err
}

# Exit codes: errors are told on stderr, and nothing else is said

usage_is_2()
{
	gives 2 mmscope && says err && silent out &&
		gives 2 mmscope nonsense && says err && silent out &&
		gives 2 mmscope --nonsense && says err && silent out &&
		gives 2 mmscope run && says err && silent out &&
		gives 2 mmscope run nonsense && says err && silent out &&
		gives 2 mmscope explain nonsense && says err && silent out &&
		gives 2 mmscope stat && says err && silent out &&
		gives 2 mmscope map && says err && silent out || return 1
	for verb in $(verbs); do
		gives 2 mmscope "$verb" --nonsense && says err && silent out || return 1
	done
}

command_that_cannot_be_started_is_2()
{
	gives 2 mmscope stat -- /nonsense && says err &&
		gives 2 mmscope trace -- /nonsense && says err
}

held_is_0()
{
	gives 0 mmscope run lazy && says out && silent err
}

no_right_is_3()
{
	id user >/dev/null 2>&1 || { skip "no user named user"; return; }
	# The message says what to do
	gives 3 su user -c "mmscope run hooks" && says err && grep -q root "$work/err"
}

no_device_is_3()
{
	[ -c /dev/mmscope ] || return 1
	mv /dev/mmscope "/dev/mmscope.away"
	gives 3 mmscope run hooks
	code=$?
	mv "/dev/mmscope.away" /dev/mmscope
	[ "$code" -eq 0 ] && says err && grep -q load "$work/err"
}

works_without_device()
{
	mv /dev/mmscope "/dev/mmscope.away"
	gives 0 mmscope list && gives 0 mmscope explain lazy && gives 0 mmscope run hint &&
		gives 0 mmscope run lazy && grep -q "left out: memory of a driver" "$work/out" &&
		gives 4 mmscope run --all && grep -q "skipped: /dev/mmscope" "$work/out"
	code=$?
	mv "/dev/mmscope.away" /dev/mmscope
	return "$code"
}

params_are_checked()
{
	gives 2 mmscope run lazy --pages 0 && gives 2 mmscope run lazy --pages 1x &&
		gives 2 mmscope run lazy --pages 99999999 && says err && silent out &&
		gives 2 mmscope run hint --pages 5 && gives 2 mmscope run --all --pages 5 &&
		gives 2 mmscope run lazy --runs 32 && gives 2 mmscope run aslr --runs 1 &&
		gives 0 mmscope run lazy --pages 10 --size 64M &&
		grep -q "read 10 pages" "$work/out" && grep -q "8 mmaps of 8 MiB" "$work/out"
}

# The reader's answers are compared with what happens, not with what is predicted
predict_asks_and_compares()
{
	command -v script >/dev/null || { skip "no script(1) to make a terminal"; return; }
	gives 2 mmscope run hint --predict && says err && silent out || return 1
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
	interrupted INT && interrupted TERM
}

full_disk_is_told()
{
	if mmscope list >/dev/full 2>"$work/err"; then
		note "no error"
		return 1
	fi
	says err
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
	"$@" trace -- mmscope run lazy
	"$@" record -o "$work/rec" -- true
	"$@" map -i "$work/rec"
	"$@" who 7fffffffe000 -i "$work/rec"
}

plain()
{
	TERM=xterm-256color mmscope "$@" 2>&1
}

pipe_gets_no_escape_codes()
{
	each_verb plain >"$work/out"
	says out && ! grep -q "$(printf '\033')" "$work/out"
}

# on_terminal COMMAND: its output on a terminal of its own
on_terminal()
{
	TERM=xterm-256color script -q -c "$1" /dev/null </dev/null
}

no_color_is_obeyed()
{
	command -v script >/dev/null || { skip "no script(1) to make a terminal"; return; }
	on_terminal "mmscope run lazy" >"$work/color"
	grep -q "$(printf '\033')" "$work/color" || { skip "no colour on a terminal"; return; }
	NO_COLOR=1 on_terminal "mmscope run lazy" >"$work/out"
	says out && ! grep -q "$(printf '\033')\[[0-9;]*m" "$work/out"
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
	check=$(beside json_check) || { skip "no json_check"; return; }
	is_json list && is_json explain lazy && is_json run lazy hint && is_json doctor &&
		is_json map --why self || return 1
	for verb in stat trace; do
		mmscope "$verb" --json -- sh -c "mmscope run lazy >/dev/null" >"$work/out" 2>/dev/null
		"$check" <"$work/out" || { note "$verb"; return 1; }
	done
}

every_experiment_as_json()
{
	check=$(beside json_check) || { skip "no json_check"; return; }
	is_json run --all
}

checker_finds_errors()
{
	check=$(beside json_check) || { skip "no json_check"; return; }
	for bad in '' '{' '{"schema":1,}' '{"schema":2}' '{"schema":1}x' '{"schema":1,"a":"}'; do
		echo "$bad" | "$check" 2>/dev/null || continue
		note "$bad"
		return 1
	done
	echo '{"schema":1,"a":[1,-2.5e3,"\u00e9",null,true,{}]}' | "$check"
}

echo "TAP version 13"
for test in help_names_verbs verbs_of_man_page verbs_of_completion options_of_man_page \
	    options_of_completion exit_codes_of_man_page help_is_no_error version_is_told \
	    usage_is_2 command_that_cannot_be_started_is_2 held_is_0 no_right_is_3 no_device_is_3 \
	    works_without_device params_are_checked predict_asks_and_compares \
	    interrupt_leaves_no_process full_disk_is_told pipe_gets_no_escape_codes \
	    no_color_is_obeyed \
	    checker_finds_errors json_is_well_formed every_experiment_as_json; do
	try "$test" "$test"
done
finish
