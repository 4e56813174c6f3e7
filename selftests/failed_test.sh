#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# System calls that fail: each is told with its error and the reason for which a program has
# provoked it, in order, and nothing else is.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
here=$(dirname "$0")

# loaded ARG...: the load, traced
loaded()
{
	mkdir -p "$work/dir"
	mmscope trace "$@" -- sh -c "exec \"$here/failed_load\" \"$work/dir\" >\"$work/load\"" \
		>"$work/told" 2>"$work/err" && [ ! -s "$work/err" ] && return
	sed 's/^/# /' "$work/err"
	return 1
}

# Calls of the trace: "TID CALL ERRNO REASON"
calls()
{
	jq -r 'select(.event == "failed") |
		"\(.tid) \(.syscall // "-") \(.error // "-") \(.reason // "-")"' "$work/told"
}

# agree N: all calls of the program, in order; there are N of them at least
agree()
{
	grep '^[0-9]' "$work/load" >"$work/want"
	awk 'NR == FNR { tid[$1]; next } $1 in tid' "$work/want" "$work/calls" >"$work/got"
	cmp -s "$work/want" "$work/got" && [ "$(wc -l <"$work/want")" -ge "$1" ] && return
	note "wanted, got:"
	diff "$work/want" "$work/got" | sed 's/^/# /'
	return 1
}

reasons_are_told()
{
	loaded --json -e failed || return 1
	calls >"$work/calls"
	agree 60
}

# Figures that the program has set, or that /proc shows.
figures_are_told()
{
	# shellcheck disable=SC2046 # words
	set -- $(sed -n 's/^count //p' "$work/load")
	for figure in ".reason == \"max_map_count\" and .vmas == $1 and .limit == $2" \
		      '.reason == "rlimit_as" and .wanted_bytes and .limit_bytes == 1048576' \
		      '.reason == "rlimit_data" and .wanted_bytes and .limit_bytes == 4096' \
		      '.reason == "rlimit_memlock" and .wanted_bytes and .limit_bytes == 16384'; do
		jq -e -n "any(inputs; $figure)" "$work/told" >"$work/found" ||
			{ note "no $figure"; return 1; }
	done
}

none_is_lacking()
{
	lacks=$(sed -n 's/^no //p' "$work/load" | sort -u | tr '\n' ',')
	[ -z "$lacks" ] || skip "no ${lacks%,}"
}

words()
{
	once "what is told is looked at as JSON" || return
	loaded -e failed || return 1
	for text in 'mmap(2) private rw-: EEXIST: #[0-9]* is in the way' \
		    'mprotect(2) rw-: EACCES: the file is not open for that' \
		    'munmap(2): ENOMEM: vm.max_map_count [0-9]*, there are [0-9]*' \
		    'ioctl(2) UFFDIO_COPY: EEXIST: a page is there' \
		    'mlock(2): ENOMEM: RLIMIT_MEMLOCK 16 KiB, 32 KiB wanted'; do
		grep -q " failed .*$text" "$work/told" || { note "no $text"; return 1; }
	done
	! grep -q ' [,:]' "$work/told"
}

echo "TAP version 13"
for test in reasons_are_told figures_are_told none_is_lacking words; do
	try "$test" "$test"
done
finish
