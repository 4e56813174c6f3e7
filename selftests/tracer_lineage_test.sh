#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the tracer tells of VMAs: which came from which. A program that knows what it does is
# believed, and of one that does anything at random each record must fit those before it.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/loads.sh
. "$(dirname "$0")/loads.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# Of records as JSON on stdin: "EVENT VMA PARENT MM START END AUX BELOW", a line each.
fields()
{
	jq -r 'select(.source == "bpf") |
		[.event, (.vma, .parent, .mm, .start, .end, .aux | . // "-"),
		 (.flags | if index("below") then 1 else 0 end)] | join(" ")'
}

# What tells of VMAs, and whose they are
events=mmap,there,split,merge,copy,dup,mremap,move,mprotect,grow,shrink,unmap,fork,exec,end,name

trace_all()
{
	together trace "known \"$here/lineage_load\"" "random \"$here/random_load\" 7 300" \
		"threads \"$here/random_load\" 8 150 3 1"
	mmscope trace --json -e "$events" -- sh "$work/trace.sh" >"$work/trace.out" \
		2>"$work/trace.err"
	well_told $? trace && fields <"$work/trace.out" >"$work/trace.fields" && parts trace
}

# traced NAME: the records of its processes are in NAME.fields, among those of the shell that it was
# forked from
traced()
{
	shared trace trace_all && ended_well "$1" || return 1
	sed -n 's/.*"mm":\([0-9]*\).*/\1/p' "$work/trace.part" "$work/$1.part" | sort -u >"$work/mms"
	awk 'NR == FNR { mm[$1]; next } $4 in mm' "$work/mms" "$work/trace.fields" >"$work/$1.fields"
}

# fits: each record on stdin, as fields has them, fits what the ones before say
fits()
{
	awk '
		function bad(why) {
			print "# " why ": " $0
			failed = 1
		}
		function is(id, from, to) {
			return start[id] == from && end[id] == to && of[id] == $4
		}
		function set(id, from, to) {
			start[id] = from
			end[id] = to
			of[id] = $4
		}
		function drop(id) {
			delete start[id]
			delete end[id]
			delete of[id]
		}
		$1 ~ /^(mmap|copy|dup|there|split)$/ {
			if ($2 in start)
				bad("born twice")
			born++
		}
		$1 ~ /^(copy|dup|split|merge)$/ && !($3 in start) { bad("no such parent") }
		$1 ~ /^(mmap|there|copy)$/ { set($2, $5, $6) }
		$1 == "dup" {
			if (start[$3] != $5 || end[$3] != $6 || of[$3] == $4)
				bad("no copy of its parent")
			set($2, $5, $6)
		}
		$1 == "split" {
			if (!is($3, $5, $6))
				bad("cuts what is not there")
			set($8 ? $2 : $3, $5, $7)
			set($8 ? $3 : $2, $7, $6)
		}
		$1 == "merge" {
			low = $8 ? $3 : $2
			high = $8 ? $2 : $3
			if (!is(low, $5, $7) || !is(high, $7, $6))
				bad("joins what is not there")
			drop($3)
			set($2, $5, $6)
		}
		$1 ~ /^(grow|shrink)$/ {
			if ($8 ? !is($2, $7, $6) : !is($2, $5, $7))
				bad("was not so before")
			set($2, $5, $6)
		}
		$1 ~ /^(unmap|move)$/ {
			if (!is($2, $5, $6))
				bad("goes, and was not there")
			drop($2)
			gone++
		}
		$1 == "mremap" { set($2, $5, $6) }
		END {
			for (id in start) {
				print "# " id " never goes"
				failed = 1
			}
			print "# " born " born, " gone " gone"
			exit failed || !born
		}'
}

# The program knows: in its part of the address space nothing else happens.
ground_truth()
{
	traced known || return 1
	awk '$1 != "apart" && $5 >= 52776558133248 && $5 < 52780853100544 {
		print $1, $5, $6, $1 ~ /^(split|merge|grow)$/ ? $7 : 52776558133248
	}' "$work/known.fields" >"$work/story"
	# When the processes end is not in its story.
	head -n "$(wc -l <"$work/known.told")" "$work/story" |
		diff "$work/known.told" - >"$work/diff" && [ -s "$work/known.told" ] && fits <"$work/known.fields" && return
	sed 's/^/# /' "$work/diff"
	return 1
}

random_operations()
{
	traced random && fits <"$work/random.fields"
}

random_threads_and_fork()
{
	traced threads && fits <"$work/threads.fields"
}

fits_knows_a_lie()
{
	! printf 'mmap 1 - 1 0 8192 0 0\nsplit 2 1 1 0 4096 2048 0\n' | fits >/dev/null &&
		! printf 'mmap 1 - 1 0 8192 0 0\n' | fits >/dev/null
}

echo "TAP version 13"
for test in ground_truth random_operations random_threads_and_fork fits_knows_a_lie; do
	try "$test" "$test"
done
finish
