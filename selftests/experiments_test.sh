#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Each experiment of the tool is a test: what it predicts for this kernel must hold. And each is
# tested: when what it observes is falsified, every one of its predictions must break.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
check=$(dirname "$0")/json_check

# All of them, one after the other, in text: "NAME VERDICT: ..." for each
run_all()
{
	mmscope run --all >"$work/all.out" 2>"$work/all.err"
	echo $? >"$work/all.status"
	names >"$work/names"
	grep -E '^(held|FAILED|LOST|skipped): ' "$work/all.out" | paste -d ' ' "$work/names" - \
		>"$work/verdicts"
}

# What the tool prints of an experiment
told()
{
	awk -v n="$(grep -n -x "$1" "$work/names" | cut -d : -f 1)" '
		at == n - 1
		/^(held|FAILED|LOST|skipped): / { at++ }' "$work/all.out" | sed 's/^/# /'
}

experiment()
{
	shared all run_all
	read -r _ outcome why <<-EOT
		$(grep "^$1 " "$work/verdicts")
	EOT
	case $outcome in
	held:)	return 0 ;;
	skipped:) skip "$why" ;;
	*)	sed 's/^/# /' "$work/all.err"
		told "$1"
		return 1 ;;
	esac
}

# One verdict each, and the exit code is that of all
all_are_judged()
{
	shared all run_all
	all_held=$(grep -c ' held: ' "$work/verdicts")
	all_skipped=$(grep -c ' skipped: ' "$work/verdicts")
	all_verdicts="experiments: $all_held held, 0 failed, $all_skipped skipped"
	[ $((all_held + all_skipped)) -eq "$(wc -l <"$work/names")" ] &&
		[ "$(cat "$work/all.status")" -eq $((all_skipped ? 4 : 0)) ] &&
		[ "$(tail -n 1 "$work/all.out")" = "$all_verdicts" ] && return
	note "exit code $(cat "$work/all.status")"
	tail -n 1 "$work/all.out" | sed 's/^/# /'
	return 1
}

# All of them with observations that are falsified, as JSON
run_all_falsified()
{
	MMSCOPE_SABOTAGE=all mmscope run --all --json >"$work/falsified.out" 2>"$work/falsified.err"
	echo $? >"$work/falsified.status"
	jq -r 'select(.experiment) |
		"\(.experiment) \(.verdict) \(.predictions) \(.held) \(.reason)"' \
		"$work/falsified.out" >"$work/falsified"
}

can_fail()
{
	shared falsified run_all_falsified
	read -r _ outcome predictions held why <<-EOT
		$(grep "^$1 " "$work/falsified")
	EOT
	[ "$outcome" != skipped ] || { skip "$why"; return; }
	[ "$outcome" = failed ] && [ "$predictions" -gt 0 ] && [ "$held" -eq 0 ] && return
	note "${outcome:-no verdict}, $held of $predictions predictions hold: $why"
	sed 's/^/# /' "$work/falsified.err"
	jq -r --arg name "$1" 'select(.experiment == $name) | .steps[].lines[] | select(.held) |
		"# predicted \(.predicted), observed \(.observed)"' "$work/falsified.out"
	return 1
}

every_experiment_as_json()
{
	shared falsified run_all_falsified
	"$check" <"$work/falsified.out" && [ "$(cat "$work/falsified.status")" -eq 1 ] &&
		[ "$(wc -l <"$work/falsified")" -eq "$(names | wc -l)" ] && return
	note "exit code $(cat "$work/falsified.status"), $(wc -l <"$work/falsified") experiments"
	return 1
}

# One falsified line breaks that line, its step and the experiment, and nothing else
one_line_can_fail()
{
	MMSCOPE_SABOTAGE=hint:4:1 mmscope run hint >"$work/out" 2>&1
	[ $? -eq 1 ] && [ "$(grep -c DIFFERS "$work/out")" -eq 1 ] &&
		grep -q 'broken: result page 8 of h' "$work/out" &&
		grep -q '^FAILED: 8 of 9' "$work/out"
}

# The lessons hold under other settings, too: here those that have failed under one, or know of it;
# all of them under all: make matrix S=all

# hold NAME...: they do, and none is skipped
hold()
{
	mmscope run --quiet "$@" >"$work/out" 2>&1 && return
	sed 's/^/# /' "$work/out"
	return 1
}

with_malloc_settings()
{
	MALLOC_ARENA_MAX=1 MALLOC_PERTURB_=165 \
		GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.top_pad=0 \
		hold munmap-malloc free-interior arenas exec-heap
}

# What the experiment is started without is told
malloc_settings_are_told()
{
	MALLOC_ARENA_MAX=1 GLIBC_TUNABLES=glibc.malloc.top_pad=0 mmscope run chunks >"$work/out" &&
		grep ': set, but not for the experiment' "$work/out" >"$work/told" &&
		grep -q MALLOC_ARENA_MAX "$work/told" && grep -q GLIBC_TUNABLES "$work/told" &&
		mmscope run chunks >"$work/out" && ! grep -q 'set, but not' "$work/out"
}

with_unlimited_stack()
{
	# shellcheck disable=SC3045	# dash and busybox have it
	(ulimit -s unlimited && hold segments addr-width layout stack-grow thread-size)
}

# with FILE VALUE NAME...: they hold when that is in the file, which is restored
with()
{
	file=$1
	value=$2
	shift 2
	[ -w "$file" ] || { skip "$file cannot be written"; return; }
	read -r before <"$file"
	case $before in
	*\[*\]*)	before=${before#*\[}
		before=${before%%\]*} ;;
	esac
	echo "$value" >"$file"
	hold "$@"
	code=$?
	echo "$before" >"$file"
	return "$code"
}

as_user()
{
	id user >/dev/null 2>&1 || { skip "no user named user"; return; }
	gives 0 su user -c "mmscope run --quiet lazy segments merge ptables malloc-max"
}

names()
{
	mmscope list --json | jq -r '.experiments[].name'
}

some_are_listed()
{
	[ "$(names | wc -l)" -ge 10 ]
}

# What a person reads and what a program reads are the same list
lists_agree()
{
	names | sort >"$work/json"
	mmscope list | sed -n 's/^  \([a-z][a-z0-9-]*\) .*/\1/p' | sort >"$work/plain"
	diff "$work/json" "$work/plain" | sed 's/^/# /'
	cmp -s "$work/json" "$work/plain"
}

echo "TAP version 13"
try some_are_listed some_are_listed
try lists_agree lists_agree
for name in $(names); do
	try "$name" experiment "$name"
	try "$name-can-fail" can_fail "$name"
done
try all_are_judged all_are_judged
try every_experiment_as_json every_experiment_as_json
try one_line_can_fail one_line_can_fail
try with_malloc_settings with_malloc_settings
try malloc_settings_are_told malloc_settings_are_told
try with_unlimited_stack with_unlimited_stack
try without_aslr with /proc/sys/kernel/randomize_va_space 0 aslr segments layout exec-heap \
	munmap-malloc maps-explain
for choice in always madvise never; do
	try "thp_$choice" with /sys/kernel/mm/transparent_hugepage/enabled "$choice" \
		lazy stack-grow anon-alloc
done
try as_user as_user
finish
