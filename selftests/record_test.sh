#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Recordings: what trace shows of one is what it showed when it was made, to the last byte; stat sums
# it up; and what has become of a file, or of who wrote it, is said.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")
all=+mm,comm,cpu,vma,name,class,us,cause,at

# What there is to record: of the module too, births and deaths, refusals, pages that come again
load()
{
	for one in both lineage again refused; do
		"$here/${one}_load"
	done
	sh -c : | cat
}
if [ "${1:-}" = load ]; then
	load
	exit
fi
# Several seconds, as what is recorded is written each second
if [ "${1:-}" = many ]; then
	end=$(($(date +%s) + 4))
	while [ "$(date +%s)" -lt "$end" ]; do
		ls / >/dev/null
	done
	exit
fi

mmscope trace --record "$work/text.rec" -o "$all" -- sh "$0" load >"$work/all" 2>"$work/all.err"
# The load prints, too.
sums='^[0-9]+ faults, |^VMAs: |^[0-9]+ calls failed$'
grep -E "^ *time|^ *[+-][0-9]+\.[0-9]{6} |^[0-9]+ (of [0-9]+ )?events|$sums" "$work/all" >"$work/live"
mmscope trace -i "$work/text.rec" -o "$all" >"$work/kept" 2>"$work/kept.err"
echo $? >"$work/kept.code"
mmscope trace --json -i "$work/text.rec" >"$work/json" 2>>"$work/kept.err"

# differ ONE OTHER: the first lines that do
differ()
{
	diff "$work/$1" "$work/$2" | head -n 6 | cut -c1-200 | sed 's/^/# /'
}

load_was_recorded()
{
	for event in split merge grow unmap fork exec fault advise end; do
		grep -q " $event " "$work/live" || { note "no $event"; return 1; }
	done
	grep -q ' dev ' "$work/live" || [ ! -e /dev/mmscope ] && return
	note "nothing of the module"
	return 1
}

same_as_live()
{
	cmp -s "$work/live" "$work/kept" && [ "$(cat "$work/kept.code")" -eq 0 ] && return
	differ live kept
	sed 's/^/# /' "$work/all.err" "$work/kept.err"
	return 1
}

filters_are_the_same()
{
	mmscope trace -i "$work/text.rec" -e unmap,merge -o "$all" >"$work/some" || return 1
	grep -E '^ *time| (unmap|merge) ' "$work/live" >"$work/want"
	grep -v -E " of [0-9]* events|$sums" "$work/some" >"$work/got"
	# Times are since the first that is shown.
	for file in want got; do
		cut -c 13- "$work/$file" >"$work/$file.cut"
	done
	cmp -s "$work/want.cut" "$work/got.cut" && [ -s "$work/got.cut" ] && return
	differ want.cut got.cut
	return 1
}

# half TRACE: half of its time
half()
{
	sed -n 's/^ *+\([0-9.]*\) .*/\1/p' "$work/$1" | tail -n 1 | awk '{ printf "%.6f", $1 / 2 }'
}

# Parts of a recording are together the whole
parts_are_the_whole()
{
	cut=$(half live)
	gives 0 mmscope trace -i "$work/text.rec" -o "$all" --to "$cut" || return 1
	grep ' [+-]*[0-9]*\.' "$work/out" >"$work/got"
	gives 0 mmscope trace -i "$work/text.rec" -o "$all" --from "$cut" || return 1
	grep ' [+-]*[0-9]*\.' "$work/out" | grep -v ' range or address' >>"$work/got"
	grep ' [+-]*[0-9]*\.' "$work/live" >"$work/want"
	cmp -s "$work/want" "$work/got" || { differ want got; return 1; }
	gives 2 mmscope trace -i "$work/text.rec" --to nonsense && gives 2 mmscope stat --from 1 -- true
}

# All faults of the records, each once: by class, and in VMAs
stat_sums_them_up()
{
	gives 0 mmscope stat --json -i "$work/text.rec" || return 1
	jq -r 'select(.event == "fault" and .source == "bpf") | .class' "$work/json" |
		sort | uniq -c | awk '{ print $2, $1 }' >"$work/want"
	jq -r '.classes // [] | .[] | select(.faults > 0) | "\(.class) \(.faults)"' "$work/out" |
		sort >"$work/got"
	cmp -s "$work/want" "$work/got" || { differ want got; return 1; }
	sum=$(jq -s 'map(.vmas // [] | map(.faults) | add // 0) | add' "$work/out")
	hits=$(jq -s 'map(select(.event == "fault" and .source == "bpf" and .vma > 0)) | length' \
		"$work/json")
	[ "$sum" -eq "$hits" ] && [ "$hits" -gt 50 ] && return
	note "$sum faults in VMAs, $hits told"
	return 1
}

owner_alone_may_read_it()
{
	[ "$(stat -c %a "$work/text.rec")" -eq 600 ]
}

# Operations have names in it, and none of their addresses is in it, as the kernel has them.
kernel_is_not_in_it()
{
	addresses="$(mmscope trace --json -i "$work/text.rec" | grep -c '"ops":"[0-9]')"
	[ "$addresses" -eq 0 ] || return 1
	command -v zstd >/dev/null || { skip "no zstd"; return; }
	zstd -q -t "$work/text.rec" || return 1
	zstd -q -dc "$work/text.rec" | od -An -v -tx1 | tr -d ' \n' >"$work/hex"
	# The lowest byte first, as it would be in memory.
	grep -E ' [rdRD] .*vm_?ops$' /proc/kallsyms | cut -c 1-16 |
		sed 's/\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)/\8\7\6\5\4\3\2\1/' \
			>"$work/operations"
	[ "$(wc -l <"$work/operations")" -gt 5 ] || { note "no operations to look for"; return 1; }
	! grep -q -F -f "$work/operations" "$work/hex"
}

cut_is_said()
{
	size=$(stat -c %s "$work/text.rec")
	head -c $((size * 2 / 3)) "$work/text.rec" >"$work/cut.rec"
	gives 5 mmscope trace -i "$work/cut.rec" -o "$all" || return 1
	grep -q "cut" "$work/err" || { sed 's/^/# /' "$work/err"; return 1; }
	# What is shown is what was.
	grep -v -e '^[0-9]' -e '^VMAs: ' "$work/out" >"$work/got"
	head -n "$(wc -l <"$work/got")" "$work/live" >"$work/want"
	cmp -s "$work/want" "$work/got"
}

# kill -9 leaves what was written each second
killed_is_said()
{
	mmscope record -o "$work/killed.rec" -- sh -c 'while :; do sh -c :; done' 2>/dev/null &
	who=$!
	for _ in $(seq $((300 * ${SCOPE_SLOW:-1}))); do
		[ "$(stat -c %s "$work/killed.rec" 2>/dev/null || echo 0)" -gt 4096 ] && break
		sleep 0.1
	done
	children=$(cat "/proc/$who/task/$who/children")
	kill -9 "$who"
	# shellcheck disable=SC2086	# words
	kill -9 $children
	wait "$who" 2>/dev/null
	gives 5 mmscope trace -i "$work/killed.rec" && grep -q "last second" "$work/err" &&
		grep -q " fork " "$work/out"
}

no_file_is_said()
{
	complains 3 "No such file" mmscope record -o /nonsense/file -- true
}

# A file system that is full while it is recorded: what was written is whole
no_more_space_is_said()
{
	mkdir "$work/small"
	mount -t tmpfs -o size=16k none "$work/small" || return 1
	gives 5 mmscope record -o "$work/small/rec" -- sh "$0" load
	code=$?
	grep -q "No space left on device: no more is recorded" "$work/err" || code=1
	cp "$work/small/rec" "$work/small.rec"
	umount "$work/small"
	[ "$code" -eq 0 ] && gives 5 mmscope trace -i "$work/small.rec"
}

bad_input_is_refused()
{
	: >"$work/empty"
	complains 3 "No such file" mmscope trace -i "$work/nothing" &&
		complains 3 "is empty" mmscope trace -i "$work/empty" &&
		complains 3 "no recording" mmscope stat -i "$0" &&
		complains 3 "directory" mmscope trace -i "$work" &&
		complains 2 "a recording, or" mmscope trace -i "$work/text.rec" -- true &&
		complains 2 "not recorded" mmscope stat --stacks -i "$work/text.rec"
}

pipe_is_read()
{
	mmscope trace -i - -o "$all" <"$work/text.rec" >"$work/out" &&
		cmp -s "$work/live" "$work/out" &&
		dd if="$work/text.rec" bs=100 2>/dev/null | mmscope trace -i - -o "$all" >"$work/out" &&
		cmp -s "$work/live" "$work/out"
}

# The end: what was there before the first VMA went; an instant: what the records had told by then.
map_shows_any_instant()
{
	gives 0 mmscope map --json -i "$work/text.rec" || return 1
	jq -r '.vmas | length' "$work/out" >"$work/vmas"
	[ "$(cat "$work/vmas")" -gt 5 ] || { note "$(cat "$work/vmas") VMAs at the end"; return 1; }
	# Just after a mmap(2) its VMA is there, just after its unmapping it is not.
	jq -r 'select(.event == "mmap" and .syscall == "mmap" and .source == "bpf") |
		"\(.start)"' "$work/json" | head -n 1 >"$work/addr"
	hex=$(printf '0x%x' "$(cat "$work/addr")")
	gives 0 mmscope map --json -i "$work/text.rec" --at "mmap $hex" &&
		jq -e --argjson a "$(cat "$work/addr")" '.vmas | any(.start <= $a and .end > $a)' \
			"$work/out" >"$work/true" || return 1
	gives 3 mmscope map -i "$work/text.rec" --at "unmap 100000" &&
		gives 2 mmscope map -i "$work/text.rec" --at "nonsense 3" &&
		gives 0 mmscope map -i "$work/text.rec" --at "$(half live)"
}

# Of many processes: an instant is found by the keyframe before it as by reading all that is before
keyframes_know_the_same()
{
	# Faults that were not seen, of which 7.x has some in most runs, change no VMA.
	mmscope record -o "$work/many.rec" -- sh "$0" many >"$work/out" 2>"$work/err"
	code=$?
	if [ "$code" -ne 0 ] && grep -v 'faults were not seen' "$work/err" >"$work/other"; then
		note "exit code $code: $(head -n 3 "$work/other")"
		return 1
	fi
	gives "$code" mmscope trace -i "$work/many.rec" || return 1
	cp "$work/out" "$work/many"
	last=$(sed -n 's/^ *+\([0-9.]*\) .*/\1/p' "$work/many" | tail -n 1)
	for part in 0.5 0.7 0.9 0.95; do
		at=$(echo "$last $part" | awk '{ printf "%.6f", $1 * $2 }')
		mmscope map --json -i "$work/many.rec" --at "$at" | jq -S .vmas >"$work/got"
		cat <"$work/many.rec" | mmscope map --json -i - --at "$at" | jq -S .vmas >"$work/want"
		cmp -s "$work/got" "$work/want" && [ "$(jq length "$work/got")" -gt 5 ] && continue
		note "at $at"
		differ want got
		return 1
	done
}

# Behind damage it goes on: what is missing is told, and the end is as it was
# A keyframe may be there, of which no record is lost.
damage_is_said()
{
	size=$(stat -c %s "$work/many.rec")
	for part in 3 4 5; do
		cp "$work/many.rec" "$work/damaged.rec"
		printf 'damage' | dd of="$work/damaged.rec" bs=1 seek=$((size / part)) conv=notrunc \
			2>/dev/null
		gives 5 mmscope trace -i "$work/damaged.rec" && grep -q damaged "$work/err" || return 1
		! grep -q ' LOST ' "$work/out" || break
	done
	grep -q ' LOST ' "$work/out" || { note "no LOST"; return 1; }
	for file in many out; do
		tail -n 200 "$work/$file" | grep -v -E " lost$| rss |$sums" | cut -c 13- |
			sed 's/#[0-9]*//g' >"$work/$file.end"
	done
	cmp -s "$work/many.end" "$work/out.end" && return
	differ many.end out.end
	return 1
}

# The life of an address: its VMA is born and goes, and its faults are those of trace
who_tells_of_an_address()
{
	addr=$(jq -r 'select(.event == "fault" and .source == "bpf" and .name == "[heap]") | .addr' \
		"$work/json" | head -n 1)
	hex=$(printf '%x' "$addr")
	gives 0 mmscope who "$hex" -i "$work/text.rec" --json || return 1
	jq -s --argjson a "$addr" 'map(select(.event == "fault" and .source == "bpf" and
		.addr - .addr % 4096 == $a - $a % 4096)) | length' "$work/json" >"$work/want"
	jq -s 'last | (.holds | map(.faults) | add) + .missed' "$work/out" >"$work/got"
	cmp -s "$work/want" "$work/got" || { differ want got; return 1; }
	jq -e -s 'last.holds | length > 0 and all(.to_ns > .from_ns) and any(.name == "[heap]")' \
		"$work/out" >"$work/true" || return 1
	gives 0 mmscope who 10000 -i "$work/text.rec" && grep -q "nobody held 0x10000" "$work/out" &&
		gives 2 mmscope who nonsense -i "$work/text.rec"
}

stacks_are_kept()
{
	gives 0 mmscope record --stacks -o "$work/stacks.rec" -- "$here/unwind_load" calls &&
		gives 0 mmscope stat --stacks --json -i "$work/stacks.rec" &&
		jq -e -s 'map(.stacks // empty) | add | map(select(.end == "whole")) | length > 0' \
			"$work/out" >"$work/true" && return
	tail -n 2 "$work/out" | cut -c1-300 | sed 's/^/# /'
	return 1
}

# maps_of FILE: what /proc/PID/maps had, as map_lines writes it
maps_of()
{
	grep -v '\[vsyscall\]$' "$1" | sed 's/  */ /g; s/ $//'
}

# map_lines: map --json as lines of /proc/PID/maps
map_lines()
{
	jq -r '.vmas[] | "\(.start) \(.end) \(.rights) \(.offset) \(.major) \(.minor) \(.inode) \(.name)"' |
		while read -r start end rights offset major minor inode name; do
			printf '%08x-%08x %s %08x %02x:%02x %s%s\n' "$start" "$end" "$rights" \
				"$offset" "$major" "$minor" "$inode" "${name:+ $name}"
		done
}

# At instants that a program marked, the map is what /proc/PID/maps was then.
instants_are_those_of_maps()
{
	mkdir "$work/marks"
	gives 0 mmscope record -o "$work/marks.rec" -- "$here/marks_load" 20 20 1 "$work/marks" \
		"$here/random_load" 7 300 || return 1
	compared=0
	for file in "$work"/marks/51*; do
		gives 0 mmscope map --json -i "$work/marks.rec" "$(cat "$work/marks/pid")" \
			--at "mmap 0x${file##*/}" || return 1
		map_lines <"$work/out" >"$work/got"
		maps_of "$file" >"$work/want"
		cmp -s "$work/want" "$work/got" || { differ want got; return 1; }
		compared=$((compared + 1))
	done
	[ "$compared" -ge 10 ] && return
	note "$compared instants"
	return 1
}

size_is_kept()
{
	once "the size of a file is the tool's" || return
	gives 5 mmscope record --max-size 64K -o "$work/size.rec" -- sh "$0" many &&
		grep -q -e "--max-size is reached" "$work/err" || return 1
	[ "$(stat -c %s "$work/size.rec")" -le 65536 ] || return 1
	gives 5 mmscope trace -i "$work/size.rec" && says "are not recorded: --max-size was reached"
}

# A call that fails has a file written which has it, while the command runs on; what is told of it
# is so, and what never comes has none written.
a_trigger_writes_a_file()
{
	mkdir "$work/calls"
	mmscope record --json --keep 10 --trigger 'call=mremap errno=EINVAL' -o "$work/met.rec" -- \
		sh -c "'$here/failed_load' '$work/calls' >/dev/null; sleep 2" >"$work/out" 2>"$work/err"
	grep '"met"' "$work/out" >"$work/met"
	jq -e '.met > 0 and .trigger == "call=mremap errno=EINVAL" and (.files | length) == 1 and
		.files[0].by.event == "failed"' "$work/met" >"$work/true" ||
		{ note "$(cut -c1-400 "$work/met")"; return 1; }
	grep -q "^mmscope: call=mremap errno=EINVAL: met .* mremap(2) to 8 KiB: EINVAL" "$work/err" ||
		return 1
	mmscope trace --json -e failed -i "$work/met.1.rec" >"$work/out" 2>"$work/err"
	jq -e -s --argjson at "$(jq '.files[0].by.time_ns' "$work/met")" 'any(.time_ns == $at and
		.syscall == "mremap" and .error == "EINVAL")' "$work/out" >"$work/true" ||
		{ note "it is not in it"; return 1; }
	mmscope record --keep 10 --trigger 'event=unmap length>=1T' -o "$work/never.rec" -- true \
		>"$work/out" 2>"$work/err"
	grep -q ": never met" "$work/out" && [ ! -e "$work/never.1.rec" ]
}

echo "TAP version 13"
for test in load_was_recorded same_as_live filters_are_the_same parts_are_the_whole stat_sums_them_up \
	    owner_alone_may_read_it kernel_is_not_in_it cut_is_said killed_is_said \
	    no_file_is_said no_more_space_is_said bad_input_is_refused pipe_is_read \
	    map_shows_any_instant keyframes_know_the_same damage_is_said who_tells_of_an_address \
	    stacks_are_kept instants_are_those_of_maps size_is_kept \
	    a_trigger_writes_a_file; do
	try "$test" "$test"
done
finish
