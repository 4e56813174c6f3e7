#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the shells complete is what the tool takes.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope
top=$(dirname "$0")/../..
# shellcheck source=userspace/completion
. "$top/userspace/completion"
# Without a command line that is being typed it fails.
compopt() { :; }

# completes WORD... WANTED: the last WORD to these words, in brackets
completes()
{
	local wanted=${*: -1}
	COMP_WORDS=("${@:1:$#-1}")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_mmscope
	[ "[${COMPREPLY[*]}]" = "$wanted" ] && return
	note "${COMP_WORDS[*]}: not $wanted: [${COMPREPLY[*]}]"
	return 1
}

verbs_and_names()
{
	completes mmscope tr "[trace]" && completes mmscope help ma "[map]" &&
		completes mmscope run partial "[partial-munmap]" &&
		completes mmscope explain partial "[partial-munmap]" &&
		completes mmscope run --st "[--step]" && completes mmscope map s "[self]"
}

values_of_lists()
{
	completes mmscope trace -e mrem "[mremap]" && completes mmscope trace --events = mrem "[mremap]" &&
		completes mmscope trace -e mmap,un "[mmap,unmap]" &&
		completes mmscope trace -c an "[anon]" && completes mmscope trace --class zero,an "[zero,anon]" &&
		completes mmscope trace -o tim "[time]" && completes mmscope trace -o +cp "[+cpu]" &&
		completes mmscope trace --output time,wh "[time,where time,what]" || return 1
	# Of an option with its sign, and nothing behind it, all
	COMP_WORDS=(mmscope trace --class "=") COMP_CWORD=3
	_mmscope
	[ "${#COMPREPLY[@]}" -eq "$(mmscope trace --class help | wc -l)" ]
}

other_values()
{
	completes mmscope stat --stacks = d "[dwarf]" &&
		completes mmscope trace -H /dev/nul "[/dev/null]" || return 1
	for option in -p --pid; do
		for verb in trace stat; do
			COMP_WORDS=(mmscope "$verb" "$option" "$$") COMP_CWORD=3
			_mmscope
			[[ " ${COMPREPLY[*]} " = *" $$ "* ]] || { note "$verb $option"; return 1; }
		done
	done
}

# Verbs of zsh's as the tool has them; its options it asks for
zsh_has_all_verbs()
{
	mmscope --help | sed -n 's/^  mmscope \([a-z][a-z-]*\).*/\1/p' | sort >"$work/help"
	sed -n 's/.* verbs=(\(.*\))$/\1/p' "$top/userspace/completion.zsh" | tr ' ' '\n' | sort |
		diff "$work/help" - | sed 's/^/# /' | tee "$work/diff"
	[ -s "$work/help" ] && [ ! -s "$work/diff" ] || return 1
	man=$top/userspace/mmscope.1
	sed -n '/^\.SH SYNOPSIS/,/^\.SH DESC/p' "$man" | grep -o 'mmscope [a-z][a-z-]*' |
		cut -d ' ' -f 2 | sort | cmp -s - "$work/help"
}

# What it asks the tool for is answered.
zsh_asks_what_is_answered()
{
	grep -o 'mmscope [a-z$][a-z]* [^|)2]*' "$top/userspace/completion.zsh" | sort -u >"$work/asked"
	[ "$(wc -l <"$work/asked")" -ge 3 ] || return 1
	while read -r _ words; do
		for before in --events --class --output; do
			words=${words//\$before/$before} verb=trace
			# shellcheck disable=SC2086 # words
			gives 0 mmscope ${words//\$verb/$verb} || return 1
		done
	done <"$work/asked"
	command -v zsh >/dev/null || { skip "no zsh to look at its words"; return; }
	zsh -n "$top/userspace/completion.zsh"
}

echo "TAP version 13"
for test in verbs_and_names values_of_lists other_values zsh_has_all_verbs zsh_asks_what_is_answered; do
	try "$test" "$test"
done
finish
