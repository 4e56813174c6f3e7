#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command line, as far as it can be looked at without a kernel of ours: what is wrong is told in
# one sentence with what to do, and nothing that was typed is passed over.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq

# wrong TEXT COMMAND...: one line about the command line that has the text, and nothing else
wrong()
{
	text=$1
	shift
	complains 2 "$text" "$@" && [ ! -s "$work/out" ]
}

misspelt_words_have_suggestions()
{
	wrong "stst: no such verb (did you mean stat?" mmscope stst &&
		wrong "lst: no such verb (did you mean list?" mmscope help lst &&
		wrong "lazi: no such experiment (did you mean lazy?" mmscope run lazi &&
		wrong "did you mean partial-munmap?" mmscope explain partial_munmap &&
		wrong "did you mean munmap-basics, munmap-malloc or" mmscope run munmap &&
		wrong "mnap: no event is called so (did you mean mmap?" mmscope trace -e mnap &&
		wrong "zro: no class .* (did you mean zero?" mmscope trace -c anon,zro &&
		wrong "tim: no column .* (did you mean time" mmscope trace -o +tim &&
		wrong "jsn: no such option (did you mean --json?" mmscope list --jsn &&
		wrong "zzzzz: no such verb (mmscope --help" mmscope zzzzz
}

options_are_named_as_typed()
{
	wrong "mmscope: -z: no such option" mmscope run --json -zq lazy &&
		wrong "mmscope: --nonsense: no such option" mmscope run --nonsense=3 &&
		wrong "mmscope: --json: takes no argument" mmscope trace --json=3 &&
		wrong "several options begin so" mmscope run --p 3 &&
		wrong "mmscope: --pid: needs an argument" mmscope trace --pid &&
		wrong "mmscope: --json: options follow a verb" mmscope --json list
}

limits_of_a_recording_are_looked_at()
{
	wrong "10K: no number of bytes from 64K" mmscope record --max-size 10K -- true &&
		wrong "12X: no number of bytes" mmscope record -m 12X -- true &&
		wrong "99999999T: no number of bytes" mmscope record -m 99999999T -- true &&
		wrong "no time from 100ms" mmscope record --keep 5ms -- true &&
		wrong "no time from 100ms" mmscope record -k -3 -- true &&
		wrong "no time from 100ms" mmscope record -k 3x -- true &&
		wrong "it writes what --keep keeps" mmscope record -t class=anon -- true &&
		wrong "whom to record" mmscope record -k 3 &&
		wrong "whom to record" mmscope record -m 1G
}

# What is no test of a record names those that there are.
tests_of_a_record_are_looked_at()
{
	while IFS=: read -r tests says; do
		wrong "$says" mmscope record -k 3 --trigger "$tests" -- true || return 1
	done <<-'EOF'
		:there are event, class, call, errno, again, pages, length, us, faults and rate
		clas=refused:did you mean class? there are event, class
		class=refuse:no class of faults .* mean reuse or refused? mmscope trace --class help
		class:a = and names are to follow
		class=:names no class
		class=anon,:ends with a comma
		event=unmaps:no event .*mean unmap? oom, and those of
		event=oom,unmaps:no event .*mean unmap? oom, and those of
		call=mremapp:no system call .*(did you mean mremap? as in a manual
		errno=ENOMEN:mean ENOMEM? as in errno
		pages:there are >= > <= < and =
		pages=>5:there are >= > <= < and =
		pages>=-5:no number
		pages>=5K:no number
		length>=5Q:no number (length>=64M
		length>=99999999T:no number
		us>=1.5:no number
		rate>1000:more than 1 to 1000000 a second
		rate>=1000/s:more than 1 to 1000000 a second
		rate>0/s:more than 1 to 1000000 a second
		faults:more than 1 to 1000000 a second
		again>1/s rate>2/s:one is enough
		errno=ENOMEM class=anon:no record has that and a class
		event=unmap class=anon:none of them is a fault
		event=unmap errno=ENOMEM:none of them is failed
	EOF
	for tests in class=refused "event=unmap,mmap pages>=512" "call=mremap errno=ENOMEM,EINVAL" \
		     "again>1000/s" " class=anon  us>=100 " event=oom,failed "length>=2M"; do
		wrong "whom to record" mmscope record -k 3 --trigger "$tests" || return 1
	done
}

lists_may_have_blanks()
{
	for list in "mmap, unmap" "mmap unmap" "MMAP,unmap" " mmap"; do
		wrong "whom to watch" mmscope trace -e "$list" || return 1
	done
	wrong "whom to watch" mmscope trace -c "anon, zero" -o "time, what" &&
		wrong "leave out the blank behind the comma" mmscope trace -e mmap, unmap &&
		wrong "there is none" mmscope trace -e "" &&
		wrong "unknown: no event" mmscope trace -e unknown
}

nothing_is_passed_over()
{
	for words in "doctor foo" "list A foo" "--version foo" "help list foo" "--help list foo"; do
		# shellcheck disable=SC2086 # words
		wrong "mmscope: foo: one word too many" mmscope $words || return 1
	done
	wrong "wants one name" mmscope explain lazy hint &&
		wrong "foo: one process at a time" mmscope map self foo &&
		wrong "a process or a command, not both" mmscope map 1 -- true &&
		wrong "buffer: is given twice" mmscope stat -b 64 --buffer 128 true &&
		wrong "for: is given twice" mmscope map --for 1 --for 2 self &&
		wrong "pages: is given twice" mmscope run lazy --pages 1 --pages 2 &&
		wrong "not both" mmscope run -q -v lazy &&
		wrong "not both" mmscope trace -p 1 true &&
		wrong "nothing is to be chosen" mmscope trace --verify -e mmap true &&
		wrong "nothing is to be chosen" mmscope trace --verify -o +cpu true &&
		wrong "whom to watch" mmscope trace -e mmap -e unmap &&
		wrong "is for a command" mmscope stat -p 1 --grace 3 &&
		wrong "or somebody to watch" mmscope why rss -i nowhere --grace 3
}

# A terminal is to obey nothing of a name, whoever chose it.
names_are_told_without_control_characters()
{
	wrong 'a.x1b.31mb: no such experiment' mmscope run "$(printf 'a\033[31mb')" &&
		wrong 'a.x0ab: no such verb' mmscope "$(printf 'a\nb')" &&
		wrong 'a.x9bb: no process id' mmscope map "$(printf 'a\233b')"
}

processes_are_chosen_in_one_way()
{
	for verb in trace stat record who\ 0; do
		# shellcheck disable=SC2086 # words
		wrong "1x: no number of seconds" mmscope $verb -g 1x true &&
		wrong "1x: no process id" mmscope $verb -p 1x &&
			wrong "x: no process id" mmscope $verb -p "1, x" &&
			wrong "0: no process id" mmscope $verb -p 1 -p 0 &&
			wrong "pid: no process id" mmscope $verb -p "" &&
			wrong "no other choice with it" mmscope $verb -p 1 --all &&
			wrong "no other choice with it" mmscope $verb --all --user root &&
			wrong "processes or a command, not both" mmscope $verb --all true &&
			wrong "nobody-is-called-so: no such user" mmscope $verb -U nobody-is-called-so &&
			wrong "a name, or its beginning and a star" mmscope $verb -C "a*b" &&
			wrong "which name?" mmscope $verb -C "" &&
			wrong "/../etc: no such cgroup" mmscope $verb -G /../etc || return 1
	done
	wrong "no recording has it" mmscope trace -o +cgroup -i "$0" &&
		wrong "a recording, or somebody to watch" mmscope trace -i "$0" -a
}

bad_values_are_told()
{
	for option in "-l soon" "-b 1" "-b 1e9" "-p 0" "-p 1x"; do
		# shellcheck disable=SC2086 # two words
		wrong "${option#* }.*usage: mmscope trace" mmscope trace $option || return 1
	done
	wrong "nonsense: no event" mmscope trace -e mmap,nonsense -- true &&
		wrong "much: no class" mmscope trace -c nothing,much -- true &&
		wrong "weather: no column" mmscope trace -o time,weather -- true
}

way_of_stacks_has_no_blank()
{
	wrong "dwarf: write --stacks=WAY" mmscope stat --stacks dwarf true &&
		wrong "fp: write --stacks=WAY" mmscope stat -s fp -- true &&
		wrong "no way to find stacks" mmscope stat --stacks=drawf true
}

# Those of a group, or with a text
lists_are_narrowed()
{
	gives 0 mmscope list --json && mv "$work/out" "$work/all" || return 1
	for letter in A b; do
		gives 0 mmscope list --json "$letter" || return 1
		jq -c --arg letter "$letter" '.experiments |
			map(select(.group[:1] == ($letter | ascii_upcase)))' "$work/all" >"$work/want"
		jq -c .experiments "$work/out" | cmp -s - "$work/want" || { note "$letter"; return 1; }
	done
	gives 0 mmscope list --json MUNMAP &&
		jq -e '.experiments | length > 3 and length < 20 and
			all(.name + .question | ascii_downcase | contains("munmap"))' \
			"$work/out" >/dev/null &&
		wrong "did you mean lazy?" mmscope list lzy
}

# What --events, --class and --output take, each once, and what it lists is taken
help_lists_names()
{
	for option in events class output; do
		gives 0 mmscope trace "--$option" help || return 1
		[ "$(wc -l <"$work/out")" -ge 10 ] || return 1
		cut -d ' ' -f 1 "$work/out" | tee "$work/names" | sort | uniq -d | grep . && return 1
		wrong "whom to watch" mmscope trace "--$option" "$(tr '\n' ',' <"$work/names" |
			sed 's/,$//')" || return 1
		gives 0 mmscope trace --json "--$option" help &&
			jq -r '.[] | arrays | .[].name' "$work/out" | cmp -s - "$work/names" ||
			return 1
	done
}

echo "TAP version 13"
for test in misspelt_words_have_suggestions options_are_named_as_typed \
	    limits_of_a_recording_are_looked_at tests_of_a_record_are_looked_at \
	    lists_may_have_blanks nothing_is_passed_over \
	    names_are_told_without_control_characters processes_are_chosen_in_one_way \
	    bad_values_are_told way_of_stacks_has_no_blank \
	    lists_are_narrowed help_lists_names; do
	try "$test" "$test"
done
finish
