#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Recordings that are cut, or of records that make no sense together: what reads them says what it
# can, ends by itself, and what it writes is what it is meant to be.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope odd_recording jq cc
recordings=$(dirname "$0")/recordings

echo 'faults <= 100000
faults(anon) <= 100
vmas <= 300
rss_peak <= 64M
p99(file) <= 50us
faults in malloc.c <= 10' >"$work/budget"

# reads COMMAND...: it ends in one of the ways that the manual has
reads()
{
	# What grows without end is to fail rather than the machine; all shells have that limit.
	# shellcheck disable=SC3045
	(ulimit -v 4000000 && exec timeout 60 "$@") >"$work/out" 2>"$work/err" </dev/null
	code=$?
	[ "$code" -le 5 ] && return
	note "$*: exit code $code"
	sed 's/^/# /' "$work/err" | head -n 5
	return 1
}

# is_json COMMAND...: and what it says is JSON, line by line
is_json()
{
	reads "$@" --json || return 1
	jq . "$work/out" >"$work/true" 2>&1 && return
	note "$*: $(head -n 1 "$work/true")"
	return 1
}

# all FILE OTHER: whoever reads recordings
all()
{
	is_json mmscope diff "$1" "$2" && is_json mmscope diff "$2" "$1@0.01" &&
		is_json mmscope stat --budget "$work/budget" -i "$1" &&
		reads mmscope stat --write-budget "$work/written" -i "$1" &&
		is_json mmscope who 7ffffffff000 -i "$1" && is_json mmscope trace -i "$1" &&
		is_json mmscope map -i "$1" && is_json mmscope why rss -i "$1" &&
		reads mmscope export -f json -i "$1" && jq . "$work/out" >"$work/true" &&
		reads mmscope reproduce -i "$1"
}

odd_ones_are_read()
{
	for seeded in true:1 lineage:3 again:5 both:7 random:9 random:9003 threads:11 shell:13; do
		one=${seeded%:*}
		seed=${seeded#*:}
		odd_recording "$seed" "$recordings/$one.rec" "$work/odd.rec" || return 1
		all "$work/odd.rec" "$recordings/$one.rec" || { note "$one, seed $seed"; return 1; }
		# What is no program would have been an error.
		[ ! -s "$work/out" ] || cc -O0 -Wall -Wextra -Werror -o "$work/again" -x c \
			"$work/out" || { note "$one, seed $seed: no program"; return 1; }
	done
}

cut_ones_are_read()
{
	for one in lineage shell; do
		size=$(stat -c %s "$recordings/$one.rec")
		for part in 0 1 50 90; do
			head -c $((size * part / 100)) "$recordings/$one.rec" >"$work/cut.rec"
			all "$work/cut.rec" "$recordings/$one.rec" || { note "$one, $part %"; return 1; }
		done
	done
}

echo "TAP version 13"
for test in odd_ones_are_read cut_ones_are_read; do
	try "$test" "$test"
done
finish
