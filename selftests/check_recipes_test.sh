#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope check, of what Debian's kernels have built in and recipes open: it has nothing to complain
# of. userspace/check/found has what it notes, also of modules.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/check.sh
. "$(dirname "$0")/check.sh"

needs mmscope jq

# passes RECIPE
passes()
{
	mmscope check --yes --destructive --json -c F,H3,P,L,D,G,A,M,B,R "$1" >"$work/out" \
		2>"$work/err"
	code=$?
	# Where its file is not there, or its call is not known
	[ "$code" -ne 3 ] || { skip "$(sed 's/^mmscope: //' "$work/err")"; return; }
	[ -z "$(complaints)" ] && jq -s -e 'any(.check == "L1") and any(.event == "summary")' \
		"$work/out" >"$work/true" && return
	note "$1: exit code $code"
	complaints | jq -r '"# \(.check) \(.verdict) \(.why)"'
	sed 's/^/# /' "$work/err"
	return 1
}

echo "TAP version 13"
for recipe in perf io_uring io_uring_sqes udmabuf dma-heap packet xdp bpf zero sealed; do
	try "$recipe" passes "$recipe"
done
finish
