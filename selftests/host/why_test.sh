#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope why: the right cause for each program of selftests/why_load that was recorded, none where
# none was planted, and a ledger that closes.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq awk
recordings=$(dirname "$0")/recordings
causes=$recordings/causes.rec

# What causes.rec has, in order: the program, the question, the answer, and the amount of it, about
cat >"$work/planted" <<E1
leak_heap rss leak 1950
thp_bloat rss huge_pages 4096
collapse rss huge_pages 2044
holes vmas holes 400
protect_parts vmas mprotect 1023
dontneed_cycle faults again_advice 3776
user_handler slow userfaultfd
lazy_free rss lazily_freed 3072
fork_copies rss fork_copies 4096
none_small rss none
none_freed rss none
none_slow slow none
E1

# The programs begin with an execve(2) each, behind that of the one that starts them: seconds since
# the first record
mmscope trace --json -i "$causes" 2>/dev/null |
	jq -r 'select(.time_ns) | .time_ns as $t | if .event == "exec" then "exec \($t)" else "any \($t)" end' |
	awk 'NR == 1 { first = $2 }
	     $1 == "exec" && n++ { printf "%.9f\n", ($2 - first) / 1e9 }' >"$work/begins"

# slice N: the options for the time of the Nth program
slice()
{
	echo "--from $(sed -n "$1p" "$work/begins")"
	to=$(sed -n "$(($1 + 1))p" "$work/begins")
	[ -z "$to" ] || echo "--to $to"
}

# answers N: of the Nth program, as JSON, to the question that is asked about it
answers()
{
	question=$(sed -n "$1p" "$work/planted" | cut -d ' ' -f 2)
	# shellcheck disable=SC2046	# several words
	mmscope why "$question" --json -i "$causes" $(slice "$1") >"$work/out" 2>"$work/err"
}

each_is_there()
{
	[ "$(wc -l <"$work/begins")" -eq "$(wc -l <"$work/planted")" ]
}

right_cause_of_each()
{
	n=0
	while read -r load question wanted amount; do
		n=$((n + 1))
		answers "$n" || { note "$load: status $?: $(head -n 1 "$work/err")"; return 1; }
		jq -es --arg wanted "$wanted" --argjson amount "${amount:-null}" '
			.[0] | .cause == $wanted and ($amount == null or
			(.findings[0].amount > $amount * 0.97 and .findings[0].amount < $amount * 1.03))' \
			"$work/out" >/dev/null && continue
		note "$load, $question: not $wanted $amount but $(head -n 1 "$work/out" | cut -c 1-300)"
		return 1
	done <"$work/planted"
}

# Entries add up to the change, and the change to what the tracer counts. Of again, random and threads
# what mmap(2) took by mapping over it lies behind the record of the unmap.
every_ledger_closes()
{
	for file in "$recordings"/*.rec; do
		for question in rss vmas faults slow; do
			mmscope why "$question" --json -i "$file" >"$work/out" 2>"$work/err" || return 1
			jq -es 'def pages: .anon + .file + .shmem;
				(.[0].remainder == 0) and ([.[] | select(.ledger)][0].ledger |
				([.[] | select(.entry != "change" and .entry != "remainder") | pages] | add) ==
				([.[] | select(.entry == "change") | pages] | add))' \
				"$work/out" >/dev/null && continue
			note "$file, $question: $(head -n 1 "$work/out" | cut -c 1-300)"
			return 1
		done
	done
}

# What was mapped when watching began has no cause of its own
no_answer_without_records()
{
	mmscope why rss -i "$causes" --from 900 >"$work/out" 2>"$work/err"
	[ $? -eq 4 ] && grep -q '^Unknown: ' "$work/out"
}

cut_file_is_told()
{
	size=$(wc -c <"$causes")
	head -c $((size * 2 / 3)) "$causes" >"$work/cut.rec"
	mmscope why rss -i "$work/cut.rec" >"$work/out" 2>"$work/err"
	[ $? -eq 5 ] && grep -q 'it is cut' "$work/err"
}

answer_comes_first()
{
	# shellcheck disable=SC2046	# several words
	COLUMNS=80 mmscope why rss -i "$causes" $(slice 1) >"$work/out" || return 1
	head -n 1 "$work/out" | grep -q '^The heap grows to the end: ' &&
		[ "$(sed '/^$/q' "$work/out" | tr -d '\n' | grep -o '[.:] ' | wc -l)" -le 6 ] &&
		grep -q '^pages  *times  *anon  *file  *shmem  *swap  *hugetlb  *RSS$' "$work/out" &&
		! grep -q '.\{81\}' "$work/out"
}

bad_words_are_refused()
{
	for words in "" "memory" "rss --from 1 -- true" "rss -i $causes --from 2 --to 1" \
		"rss -b many -- true" "rss -i $causes -- true"; do
		# shellcheck disable=SC2086	# several words
		mmscope why $words >"$work/out" 2>"$work/err" </dev/null
		[ $? -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && continue
		note "why $words: $(cat "$work/err")"
		return 1
	done
}

try each_is_there each_is_there
try right_cause_of_each right_cause_of_each
try every_ledger_closes every_ledger_closes
try no_answer_without_records no_answer_without_records
try cut_file_is_told cut_file_is_told
try answer_comes_first answer_comes_first
try bad_words_are_refused bad_words_are_refused
finish
