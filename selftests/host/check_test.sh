#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope check, of memory that needs no driver, and the lines of recipes.

# shellcheck disable=SC2317,SC2016	# tests are called by their names; $NAME is of a recipe
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq

# Of shmem all is as it has to be, whatever this machine lacks.
memfd_is_right()
{
	mmscope check --yes --json memfd >"$work/out" 2>"$work/err"
	jq -s -e 'map(select(.event == "check")) | length > 30 and
		all(.verdict | IN("ok", "note", "skip")) and
		any(.check == "L1" and .verdict == "ok")' "$work/out" >"$work/true" && return
	sed 's/^/# /' "$work/out" "$work/err"
	return 1
}

# What is no longer there behind its end must not be called there.
wrong_extent_is_noticed()
{
	gives 1 mmscope check --yes --destructive --extent 4096 -c B2 memfd &&
		grep -q "^B2 *FAIL" "$work/out"
}

# Of a driver that was converted: what was right before has to be right still.
earlier_verdicts_are_compared()
{
	mmscope check --yes --destructive --extent 4096 --length 4096 --json -c F,B2 memfd >"$work/was"
	printf '%s\n' '{"event":"check","check":"B2","verdict":"ok"}' >"$work/other"
	gives 0 mmscope check --yes --json -c F,N --against "$work/was" memfd &&
		jq -s -e 'any(.check == "N1" and .verdict == "ok" and
			(.why | startswith("6 verdicts")))' "$work/out" >"$work/true" &&
		gives 1 mmscope check --yes --destructive --extent 4096 --json -c B2,N \
			--against "$work/other" memfd &&
		jq -s -e 'any(.check == "N1" and .verdict == "FAIL" and
			(.why | contains("B2 was ok, and is FAIL")))' "$work/out" >"$work/true" &&
		complains 2 "no verdicts" mmscope check --against /dev/null memfd &&
		complains 2 "No such file" mmscope check --against "$work/nothing" memfd
}

list_has_all()
{
	gives 0 mmscope check --list --json &&
		jq -e '(.checks | length > 30) and (.recipes | index("memfd"))' "$work/out" >"$work/true"
}

# The manual has a paragraph for each check, in the words of --list.
manual_has_all()
{
	page=$(dirname "$0")/../../userspace/mmscope.1
	[ -e "$page" ] || { skip "no mmscope.1"; return; }
	sed -n '/^\.SH CHECKS/,/^\.SH WORDS/p' "$page" | sed 's/\\(aq/'"'"'/g; s/\\-/-/g' |
		tr '\n' ' ' >"$work/manual"
	mmscope check --list --json >"$work/list" &&
		jq -r '.checks[] | ".B \(.check) \(.title). .br \(.about)"' "$work/list" >"$work/wanted"
	while read -r one; do
		grep -q -F -e "$one" "$work/manual" && continue
		note "the manual lacks: $one"
		return 1
	done <"$work/wanted"
	[ "$(wc -l <"$work/wanted")" -gt 30 ]
}

# recipe TEXT LINE...: its lines are refused, for that reason
recipe()
{
	text=$1
	shift
	printf '%s\n' "$@" >"$work/recipe"
	complains 2 "$text" mmscope check --yes "$work/recipe"
}

recipes_are_looked_through()
{
	recipe "no map line" "memfd m page" && recipe "line 2: nonsense" "memfd m page" nonsense &&
		recipe "not set before" 'map $m' && recipe "no field" 'ioctl 0 1 u33:1' &&
		recipe "too few words" "open x" && recipe "what is" "length 3x" &&
		recipe "4096 bytes" "ioctl 0 1 zero:5000" &&
		recipe "line 4: no: no such line" "memfd m page" 'map $m' later "no such" &&
		recipe "no seal" "memfd m page sael" && recipe "no map line" ""
}

names_are_refused()
{
	complains 2 "no such check" mmscope check -c Z9 memfd &&
		complains 2 "No such file" mmscope check --yes /nonsense &&
		complains 2 "say --yes" mmscope check --destructive memfd
}

echo "TAP version 13"
for test in memfd_is_right wrong_extent_is_noticed list_has_all manual_has_all \
	    earlier_verdicts_are_compared \
	    recipes_are_looked_through names_are_refused; do
	try "$test" "$test"
done
finish
