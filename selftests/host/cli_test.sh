#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command line, where no kernel has a part in it: its words are the same wherever they are
# written, and what is no command line is told so.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope
here=$(dirname "$0")

# beside NAME: where a file of the tool is
beside()
{
	for dir in "$here/../../userspace" /usr/share/mmscope; do
		[ -e "$dir/$1" ] || continue
		echo "$dir/$1"
		return
	done
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
	for verb in list explain run trace stat record who why diff export metrics reproduce reduce map check doctor; do
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
	gives 0 mmscope --help && written out && silent err || return 1
	for verb in $(verbs); do
		gives 0 mmscope "$verb" --help && written out && silent err || return 1
	done
}

version_is_told()
{
	gives 0 mmscope --version && grep -q '^mmscope [0-9]' "$work/out" && silent err
}

# Exit codes: errors are told on stderr, and nothing else is said

usage_is_2()
{
	gives 2 mmscope && written err && silent out &&
		gives 2 mmscope nonsense && written err && silent out &&
		gives 2 mmscope --nonsense && written err && silent out &&
		gives 2 mmscope run && written err && silent out &&
		gives 2 mmscope run nonsense && written err && silent out &&
		gives 2 mmscope explain nonsense && written err && silent out &&
		gives 2 mmscope stat && written err && silent out &&
		gives 2 mmscope map && written err && silent out || return 1
	for verb in $(verbs); do
		gives 2 mmscope "$verb" --nonsense && written err && silent out || return 1
	done
}

# A file that is there is not lost to a mistake, and none is left behind by one.
recordings_are_kept()
{
	echo kept >"$work/kept.rec"
	for verb in "record -o" "trace --record"; do
		# shellcheck disable=SC2086	# a verb and an option
		gives 2 mmscope $verb "$work/kept.rec" -- /nonsense &&
			gives 2 mmscope $verb "$work/none.rec" -- /nonsense || return 1
		[ "$(cat "$work/kept.rec")" = kept ] && [ ! -e "$work/none.rec" ] && continue
		note "$verb: $(cat "$work/kept.rec")" "$work"/*.rec
		return 1
	done
}

full_disk_is_told()
{
	if mmscope list >/dev/full 2>"$work/err"; then
		note "no error"
		return 1
	fi
	written err
}

echo "TAP version 13"
for test in help_names_verbs verbs_of_man_page verbs_of_completion options_of_man_page \
	    options_of_completion exit_codes_of_man_page help_is_no_error version_is_told \
	    usage_is_2 recordings_are_kept full_disk_is_told; do
	try "$test" "$test"
done
finish
