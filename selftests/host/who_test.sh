#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Who held an address, of recordings: what is told of each record, fault and VMA is what the other
# verbs tell of it, and in which order it is told.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq
recordings=$(dirname "$0")/recordings

# of REC ADDR: who held it, as JSON in $work/who
of()
{
	mmscope who "$(printf '%x' "$2")" --json -i "$recordings/$1.rec" >"$work/who" 2>"$work/err" ||
		{ note "$1 $2: exit code $?"; sed 's/^/# /' "$work/err"; return 1; }
}

# pages REC N: N addresses that have faults, of all kinds of places
pages()
{
	mmscope export -f json -i "$recordings/$1.rec" 2>/dev/null >"$work/$1.json"
	jq -s -r --argjson n "$2" 'map(select(.event == "fault" and .source == "bpf").addr) | unique |
		. as $all | range(0; length; (length / $n | ceil)) | $all[.]' "$work/$1.json"
}

# All faults at the page, each once, and as export has them, with their stacks
faults_are_those_of_export()
{
	for rec in stacks threads again; do
		pages "$rec" 12 >"$work/pages" || return 1
		[ "$(wc -l <"$work/pages")" -ge 8 ] || return 1
		while read -r addr; do
			of "$rec" "$addr" || return 1
			jq -c 'select(.event == "fault")' "$work/who" >"$work/got"
			jq -c --argjson a "$addr" 'select(.event == "fault" and .source == "bpf" and
				.addr - .addr % 4096 == $a - $a % 4096)' "$work/$rec.json" >"$work/want"
			if [ ! -s "$work/want" ] || ! cmp -s "$work/want" "$work/got"; then
				note "$rec $addr"
				return 1
			fi
			jq -e -s 'last as $total | (map(select(.event == "fault")) | length) ==
				($total.holds | map(.faults) | add // 0) + $total.missed' "$work/who" \
				>"$work/true" || { note "$rec $addr: sums"; return 1; }
		done <"$work/pages"
	done
	jq -e -s 'any(.stack)' "$work/stacks.json" >"$work/true"
}

# VMAs by when they began, records by time; of several processes at one address, too
order_is_told()
{
	most=0
	for rec in shell lineage random; do
		pages "$rec" 20 >"$work/pages" || return 1
		while read -r addr; do
			of "$rec" "$addr" || return 1
			jq -e -s 'last.holds | map([.from_ns, .mm, .vma]) | . == sort' "$work/who" \
				>"$work/true" || { note "$rec $addr: VMAs"; return 1; }
			holds=$(jq -s 'last.holds | length' "$work/who")
			[ "$holds" -le "$most" ] || most=$holds
			jq -c 'select(.event != "summary")' "$work/who" >"$work/got"
			grep -n -x -F -f "$work/got" "$work/$rec.json" >"$work/lines"
			cut -d: -f2- "$work/lines" | cmp -s - "$work/got" ||
				{ note "$rec $addr: records"; return 1; }
		done <"$work/pages"
	done
	[ "$most" -ge 4 ] || { note "at most $most VMAs"; return 1; }
}

stacks_are_below_their_fault()
{
	addr=$(jq -s -r 'map(select(.event == "fault" and (.stack | length) >= 4 and
		(.stack | any(.source)))) | first.addr' "$work/stacks.json")
	gives 0 mmscope who "$(printf '%x' "$addr")" -i "$recordings/stacks.rec" || return 1
	cp "$work/out" "$work/text"
	of stacks "$addr" || return 1
	jq -r 'select(.stack) | .stack[] | .function // .at' "$work/who" >"$work/want"
	sed -n 's/^            \([^ (]*\).*/\1/p' "$work/text" >"$work/got"
	cmp -s "$work/want" "$work/got" && [ "$(wc -l <"$work/got")" -ge 4 ] || return 1
	# Whoever asks for stacks that there are not is told so.
	complains 2 "they were not recorded" mmscope who "$(printf '%x' "$addr")" -s \
		-i "$recordings/shell.rec"
}

address_may_be_behind_options()
{
	addr=$(printf '%x' "$(head -n 1 "$work/pages")")
	gives 0 mmscope who "$addr" -i "$recordings/random.rec" || return 1
	cp "$work/out" "$work/before"
	gives 0 mmscope who -i "$recordings/random.rec" "$addr" && cmp -s "$work/before" "$work/out" &&
		gives 0 mmscope who --json "$addr" -i "$recordings/random.rec" &&
		jq . "$work/out" >"$work/true" &&
		complains 2 "a recording, or somebody" mmscope who "$addr" -i "$recordings/random.rec" -- true &&
		complains 2 "which address" mmscope who -i "$recordings/random.rec" &&
		complains 2 "which address" mmscope who -- true &&
		complains 2 "no address" mmscope who -i "$recordings/random.rec" true
}

echo "TAP version 13"
for test in faults_are_those_of_export order_is_told stacks_are_below_their_fault \
	    address_may_be_behind_options; do
	try "$test" "$test"
done
finish
