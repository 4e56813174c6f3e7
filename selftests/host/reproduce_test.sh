#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Programs made of recordings: they compile, do on this machine what was recorded elsewhere, and are
# reduced to what a test of them needs.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope cc awk
here=$(dirname "$0")
recordings=$here/recordings
export TMPDIR="$work"

# compiled NAME: the program of a recording, without a warning
compiled()
{
	mmscope reproduce -i "$recordings/$1.rec" >"$work/$1.c" 2>"$work/notes" &&
		cc -O0 -Wall -Wextra -Werror -o "$work/$1" "$work/$1.c"
}

programs_compile()
{
	for one in both again threads shell; do
		compiled "$one" || { note "$one"; return 1; }
	done
}

# was NAME: the VMAs that the recorded process had at its end, as places in regions
was()
{
	mmscope map -i "$recordings/$1.rec" --json 2>/dev/null | tr '{' '\n' | grep '"start"' |
		grep -v '"\[v[dsv]' |
		sed 's/.*"start":\([0-9]*\),"end":\([0-9]*\),"rights":"\([^"]*\)".*/\1 \2 \3/' >"$work/maps"
	awk -f "$here/../places.awk" "$work/$1.c" "$work/maps" | sort
}

# Neither calls of newer kernels nor huge pages are in these.
vmas_at_the_end_are_the_same()
{
	for one in true lineage sqlite stacks; do
		compiled "$one" || return 1
		"$work/$one" --maps >"$work/out" 2>"$work/err" || {
			sed 's/^/# /' "$work/err"
			return 1
		}
		sed -n 's/^0 //p' "$work/out" | sort >"$work/is"
		was "$one" | diff - "$work/is" >"$work/diff" && [ -s "$work/is" ] && continue
		note "$one:"
		sed 's/^/# /' "$work/diff"
		return 1
	done
}

# A call of which nothing is told but that a whole VMA has gone
whole_vmas_go()
{
	for one in threads random; do
		compiled "$one" || return 1
		mmscope trace --json -i "$recordings/$one.rec" -e unmap 2>/dev/null |
			grep -c '"syscall":"shmdt"' >"$work/want"
		grep -c 'call(shmdt, ' "$work/$one.c" >"$work/got"
		cmp -s "$work/want" "$work/got" && [ "$(cat "$work/got")" -ge 5 ] && continue
		note "$one: $(cat "$work/got") of $(cat "$work/want")"
		return 1
	done
}

# What is otherwise than recorded is found, and said with its line.
difference_is_told()
{
	compiled lineage || return 1
	awk '/call\(munmap/ && !done { sub(/call\(/, "fails(EPERM, "); done = NR; print NR >"'"$work/line"'" }
		{ print }' "$work/lineage.c" >"$work/other.c"
	cc -O0 -o "$work/other" "$work/other.c" && gives 1 "$work/other" &&
		grep -q "other.c:$(cat "$work/line"): munmap: success" "$work/err" &&
		grep -q '^1 steps went otherwise' "$work/err"
}

# Neither in a comment nor in a string does a name from outside end.
first_lines_say_what_is_not_kept()
{
	compiled threads && grep -q 'random.*deleted.*in its place' "$work/notes" || return 1
	while read -r line; do
		grep -qxF "// - ${line#mmscope: }" "$work/threads.c" && continue
		note "not in the program: $line"
		return 1
	done <"$work/notes"
}

json_has_the_program()
{
	mmscope reproduce -i "$recordings/true.rec" >"$work/true.c" 2>/dev/null &&
		gives 0 mmscope reproduce --json -i "$recordings/true.rec" &&
		grep -q '"processes":1' "$work/out" && grep -q '"program":"\\/\\/ What\|"program":"// What' "$work/out"
}

mistakes_are_told()
{
	complains 2 "which recording" mmscope reproduce &&
		complains 2 "no number" mmscope reproduce -i "$recordings/true.rec" --mm x &&
		complains 2 "no such address space" mmscope reproduce -i "$recordings/true.rec" --mm 99 &&
		gives 3 mmscope reproduce -i /nonsense && gives 3 mmscope reproduce -i "$0" &&
		complains 2 "which program" mmscope reduce --test true &&
		complains 2 "which test" mmscope reduce "$work/true.c" &&
		complains 2 "no program by" mmscope reduce --test true "$0" &&
		gives 3 mmscope reduce --test true /nonsense
}

# Two steps of many are needed by a test that looks at the text alone.
reduces_to_what_is_needed()
{
	compiled threads && cp "$work/threads.c" "$work/kept.c" || return 1
	# shellcheck disable=SC2016	# it is for the shell that reduce starts
	gives 0 mmscope reduce --test 'grep -q "munmap, r1 + 0x22000" $REPRO && grep -q "attach(67," $1' \
		"$work/threads.c" || return 1
	sed -n '/Steps: each/,/End of the steps/p' "$work/threads.reduced.c" | grep -c ';' >"$work/left"
	[ "$(cat "$work/left")" = 2 ] && cmp "$work/threads.c" "$work/kept.c" &&
		cc -O0 -Wall -Wextra -Werror -o "$work/left.out" "$work/threads.reduced.c"
}

# A guilty call, which the kernel judges: a hole, that a later call meets
reduces_by_running()
{
	compiled true || return 1
	awk '{ print } /Steps: each/ && ++n == 2 {
		for (i = 0; i < 60; i++)
			print "\tcall(munmap, r0, 0x1000);"
		print "\tcall(mprotect, 0x10000, 0x1000, PROT_READ);"
		for (i = 0; i < 60; i++)
			print "\tcall(munmap, r0, 0x1000);"
	}' "$work/true.c" >"$work/long.c"
	# shellcheck disable=SC2016	# it is for the shell that reduce starts
	gives 0 mmscope reduce --test 'cc -O0 -o r $REPRO && ! ./r 2>err && grep -q "mprotect: Cannot" err' \
		-o "$work/short.c" "$work/long.c" || return 1
	[ "$(sed -n '/Steps: each/,/End of the steps/p' "$work/short.c" | grep -c ';')" = 1 ]
}

whole_has_to_pass()
{
	mmscope reproduce -i "$recordings/true.rec" >"$work/true.c" 2>/dev/null
	gives 1 mmscope reduce --test false "$work/true.c" && grep -q "fails for the whole" "$work/err" &&
		gives 1 mmscope reduce --limit 1 --test 'sleep 50' "$work/true.c" &&
		grep -q "too long" "$work/err" &&
		complains 2 "the program itself" mmscope reduce --test true -o "$work/true.c" "$work/true.c"
}

interrupt_leaves_the_best()
{
	mmscope reproduce -i "$recordings/threads.rec" >"$work/threads.c" 2>/dev/null
	rm -f "$work/best.c"
	# shellcheck disable=SC2016	# it is for the shell that reduce starts
	mmscope reduce --test 'sleep 0.1; grep -q "attach(67," $1' -o "$work/best.c" "$work/threads.c" \
		>"$work/out" 2>"$work/err" &
	reducer=$!
	for _ in $(seq 100); do
		[ ! -e "$work/best.c" ] || [ "$(wc -l <"$work/best.c")" -ge "$(wc -l <"$work/threads.c")" ] || break
		sleep 0.1
	done
	kill -TERM "$reducer"
	wait "$reducer"
	[ $? = 4 ] && grep -q interrupted "$work/err" && grep -q 'attach(67,' "$work/best.c" &&
		cc -fsyntax-only "$work/best.c" && ! ls "$work"/mmscope-reduce-* 2>/dev/null
}

echo "TAP version 13"
for test in programs_compile vmas_at_the_end_are_the_same whole_vmas_go difference_is_told \
	    first_lines_say_what_is_not_kept json_has_the_program mistakes_are_told \
	    reduces_to_what_is_needed reduces_by_running whole_has_to_pass interrupt_leaves_the_best; do
	try "$test" "$test"
done
finish
