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

experiment()
{
	mmscope run "$1" >"$work/out" 2>&1
	case $? in
	0)	return 0 ;;
	4)	skip "$(grep -i -m 1 skip "$work/out")" ;;
	*)	sed 's/^/# /' "$work/out"
		return 1 ;;
	esac
}

can_fail()
{
	MMSCOPE_SABOTAGE=$1 mmscope run "$1" --json >"$work/json" 2>"$work/err"
	code=$?
	"$check" <"$work/json" || { note "this is no JSON of ours"; return 1; }
	[ "$code" -ne 4 ] || { skip "skipped itself"; return; }
	read -r predictions held <<-EOT
		$(jq -r '"\(.predictions) \(.held)"' "$work/json")
	EOT
	[ "$code" -eq 1 ] && [ "${predictions:-0}" -gt 0 ] && [ "$held" -eq 0 ] && return
	note "exit code $code, $held of $predictions predictions hold"
	sed 's/^/# /' "$work/err"
	jq -r '.steps[].lines[] | select(.held) |
		"# predicted \(.predicted), observed \(.observed)"' "$work/json"
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
