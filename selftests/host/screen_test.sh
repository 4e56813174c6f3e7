#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What is printed suits who reads it: people on a terminal, of whatever width, or a pipe or file,
# which gets all there is.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope script awk
unset COLUMNS NO_COLOR PAGER LESS
export TERM=xterm-256color
escape=$(printf '\033')

# on_terminal WORDS: what mmscope prints on a terminal of its own, without the returns it adds
on_terminal()
{
	script -q -c "mmscope $1" /dev/null </dev/null | tr -d '\r'
}

# widest FILE: the characters of its longest line
widest()
{
	awk 'length > most { most = length } END { print most + 0 }' "$1"
}

bare_word_shows_usage()
{
	mmscope --help >"$work/help" && gives 2 mmscope && cmp "$work/help" "$work/err" &&
		[ ! -s "$work/out" ]
}

help_fits_the_screen()
{
	mmscope help >"$work/help"
	sed -n 's/^  mmscope \([a-z]*\).*/\1/p' "$work/help" >"$work/verbs"
	while read -r verb; do
		COLUMNS=70 mmscope help "$verb" >"$work/narrow" || return 1
		mmscope help "$verb" | cat - "$work/help" >"$work/usual" || return 1
		[ "$(widest "$work/narrow")" -le 70 ] && [ "$(widest "$work/usual")" -le 80 ] && continue
		note "help $verb is too wide"
		return 1
	done <"$work/verbs"
}

# A program of which even the name is longer than a screen is wide
pipe_gets_long_lines()
{
	long=$(printf 'a%.0s' $(seq 120))
	cp "$(command -v sleep)" "$work/$long" || return 1
	"$work/$long" 60 &
	sleeper=$!
	for _ in $(seq 50); do
		[ "$(readlink "/proc/$sleeper/exe")" = "$work/$long" ] && break
		sleep 0.1
	done
	mmscope map "$sleeper" >"$work/whole" 2>/dev/null
	COLUMNS=80 mmscope map --why "$sleeper" >"$work/cut" 2>/dev/null
	kill "$sleeper"
	wait "$sleeper" 2>/dev/null
	[ "$(grep -c "$work/$long\$" "$work/whole")" -ge 3 ] || { note "cut in a pipe"; return 1; }
	[ "$(widest "$work/cut")" -le 80 ] && grep -q aaaaa "$work/cut"
}

columns_are_obeyed()
{
	for columns in 60 70 80 100; do
		COLUMNS=$columns mmscope run hint >"$work/$columns" || return 1
		COLUMNS=$columns PAGER="cat" on_terminal "run hint" |
			sed "s/$escape\[[0-9;]*m//g" >"$work/tty"
		for file in "$work/$columns" "$work/tty"; do
			[ "$(widest "$file")" -le "$columns" ] && continue
			note "$columns columns, and $(widest "$file") in $file"
			return 1
		done
	done
	! cmp -s "$work/60" "$work/100" || return 1
	# What is no number of columns says nothing.
	COLUMNS=wide mmscope run hint >"$work/wide"
	mmscope run hint | cmp -s - "$work/wide" && cmp -s "$work/80" "$work/wide"
}

colours_are_for_terminals()
{
	PAGER="cat" on_terminal "run hint" | grep -q "$escape" || return 1
	PAGER=cat NO_COLOR='' on_terminal "run hint" | grep -q "$escape" || return 1
	for set in NO_COLOR=1 TERM=dumb TERM=; do
		PAGER="cat" env "$set" script -q -c "mmscope run hint" /dev/null </dev/null >"$work/out"
		grep -q held "$work/out" && ! grep -q "$escape" "$work/out" && continue
		note "coloured with $set"
		return 1
	done
	! mmscope run hint | grep "$escape"
}

# paged WORDS: does what they print go to the pager?
paged()
{
	rm -f "$work/paged"
	PAGER="cat >'$work/paged'" on_terminal "$1" >"$work/out" 2>&1
	[ -s "$work/paged" ]
}

long_output_is_paged()
{
	for words in list "list A" "explain lazy" "run hint"; do
		paged "$words" && [ ! -s "$work/out" ] && continue
		note "$words is not paged"
		return 1
	done
	for words in "list --no-pager" "run hint --no-pager" "explain lazy --json" "list zzz" --help; do
		! paged "$words" && [ -s "$work/out" ] && continue
		note "$words is paged"
		return 1
	done
	! TERM=dumb paged list && ! TERM='' paged list || return 1
	PAGER="cat >'$work/piped'" mmscope list >"$work/out"
	[ ! -e "$work/piped" ] && [ -s "$work/out" ] &&
		PAGER='' on_terminal list | grep -q partial-munmap
}

# It ends before all is printed, and that is no failure; nor is it ours to change what the verdict is
pager_may_leave_early()
{
	script -q -e -c "PAGER='head -n 1' mmscope run hint" /dev/null </dev/null >"$work/out" &&
		grep -q hint "$work/out" || return 1
	script -q -e -c "PAGER=cat mmscope run lazi" /dev/null </dev/null >"$work/out"
	[ $? -eq 2 ] && grep -q "did you mean" "$work/out"
}

# For programs: with --quiet parts lacked their titles. Whether the predictions hold is for the tests
# in a guest: this machine's kernel may be one that has no zero page.
json_has_all_however_much_is_shown()
{
	mmscope run lazy --json >"$work/usual"
	verdict=$?
	[ "$verdict" -le 1 ] || return 1
	for option in --quiet --verbose; do
		gives "$verdict" mmscope run lazy --json "$option" && cmp "$work/usual" "$work/out" || return 1
	done
	grep -q '"anonymous memory"' "$work/usual"
}

# answers WORDS OPTION...: run is given these, one at each question
answers()
{
	words=$1
	shift
	# shellcheck disable=SC2059 # they have line ends
	printf "$words" | script -q -e -c "mmscope run $*" /dev/null >"$work/out" 2>&1
}

# Of hint's nine steps
step_waits_for_enter()
{
	answers '\n\nq\n' hint --step && grep -q "held: 3 of 3" "$work/out" &&
		[ "$(grep -c "Enter: next step" "$work/out")" -eq 3 ] || return 1
	answers 'a\n' hint --step && grep -q "held: 9 of 9" "$work/out" &&
		[ "$(grep -c "Enter: next step" "$work/out")" -eq 1 ] || return 1
	answers '' hint --step && grep -q "held: 9 of 9" "$work/out" || return 1
	# What comes after it is not begun.
	answers 'q\n' hint prot --step && ! grep -q "^prot" "$work/out" || return 1
	gives 2 mmscope run hint --step && grep -q "on a terminal" "$work/err"
}

# "signal" of the first two steps of prot; the second has an error code before
predict_takes_other_words()
{
	answers 'segfault\n4\nSEGV_ACCERR\n\n' prot --predict || return 1
	tr -d '\r' <"$work/out" | grep -q "^.*signal: SIGABRT, SIGBUS ADRERR, SIGSEGV ACCERR, " &&
		grep -q "you said signal segfault: half right, it is SIGSEGV ACCERR" "$work/out" &&
		grep -q "you said error code 4: right" "$work/out" &&
		grep -q "you said signal SEGV_ACCERR: right" "$work/out" &&
		grep -q "you: 2.5 of 3" "$work/out" &&
		[ "$(grep -c "signal: SIGABRT" "$work/out")" -eq 1 ]
}

echo "TAP version 13"
for test in bare_word_shows_usage help_fits_the_screen pipe_gets_long_lines columns_are_obeyed \
	    colours_are_for_terminals long_output_is_paged pager_may_leave_early \
	    json_has_all_however_much_is_shown step_waits_for_enter predict_takes_other_words; do
	try "$test" "$test"
done
finish
