#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope diff: what differs between two recordings, or two instants of one, and that nothing does
# where nothing may. The recordings are those beside this.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq awk
kept=$(dirname "$0")/recordings
[ -e "$kept/sqlite.rec" ] || skip_all "no recordings"
sqlite=$kept/sqlite.rec
escape=$(printf '\033')
# It is not for a terminal.
unset COLUMNS

# holds FILTER FILE: of the object that diff begins with
holds()
{
	jq -e -s ".[0] | $1" "$work/$2" >/dev/null && return
	note "not: $1"
	jq -c -s '.[0] | { same, changes, figures }' "$work/$2" | sed 's/^/# /'
	return 1
}

itself_is_the_same()
{
	for file in true shell threads lineage random; do
		gives 0 mmscope diff "$kept/$file.rec" "$kept/$file.rec" --json || return 1
		holds '.same and .one_recording and (.vmas | length) == 0' out || return 1
	done
	gives 0 mmscope diff "$sqlite@0.1" "$sqlite@0.1" && grep -q "the same" "$work/out"
}

# A copy is another file: all of it is matched by names, and nothing may be left over.
copy_is_the_same()
{
	for file in shell threads sqlite; do
		cp "$kept/$file.rec" "$work/copy.rec" || return 1
		gives 0 mmscope diff "$kept/$file.rec" "$work/copy.rec" --json || return 1
		holds '.same and (.one_recording | not) and .in_order == 0' out || return 1
	done
	gives 0 mmscope diff - "$sqlite" <"$work/copy.rec"
}

# Of what happened meanwhile one thing is known: the heap grew, and no other VMA did.
heap_grew_meanwhile()
{
	gives 1 mmscope diff "$sqlite@0.05" "$sqlite@end" --json || return 1
	holds '.changes | .grew == 1 and .went + .came + .cut + .moved + .rights == 0' out &&
		holds '.vmas | length == 1 and .[0].a.name == "[heap]" and .[0].b.parent == .[0].a.vma
			and .[0].a.end - .[0].a.start == 33 * 4096
			and .[0].b.end - .[0].b.start == 564 * 4096' out || return 1
	cp "$work/out" "$work/forth"
	gives 1 mmscope diff "$sqlite@end" "$sqlite@0.05" --json || return 1
	holds '.changes | .cut == 1 and .went + .came + .grew == 0' out || return 1
	jq -s -c '.[0].figures | map([.a, .b])' "$work/forth" >"$work/one"
	jq -s -c '.[0].figures | map([.b, .a])' "$work/out" | cmp - "$work/one"
}

# A record is all that is between two instants: a fault brings one fault, a mapping one VMA.
one_record_is_one_difference()
{
	file=$kept/lineage.rec
	mmscope trace -i "$file" --json >"$work/trace" || return 1
	n=$(jq -s 'map(select(.event == "fault")) | length - 1' "$work/trace")
	gives 1 mmscope diff "$file@fault $n" "$file@fault $((n + 1))" --json || return 1
	jq -e -s '(.[0].changes | add) == 0 and (.[1].classes | length == 1 and .[0].change == 1) and
		  (.[2].names | map(.change) | add) == 1 and
		  (.[3].places | map(.change) | add) == 1' "$work/out" >/dev/null || return 1
	# The last of those that a call has made; it is a VMA of its own.
	n=$(jq -s '[to_entries[] | .value | select(.event == "mmap")] | length' "$work/trace")
	start=$(jq -s "[.[] | select(.event == \"mmap\")][$n - 1].start" "$work/trace")
	gives 1 mmscope diff "$file@mmap $((n - 1))" "$file@mmap $n" --json || return 1
	holds "[.vmas[] | select(.change == \"came\")] | map(.b.start) | index($start) != null" out
}

# Twice the same program with less to do: its libraries are elsewhere, and no difference.
runs_differ_in_the_heap()
{
	gives 1 mmscope diff "$sqlite" "$kept/sqlite-stacks.rec" --json || return 1
	holds '(.one_recording | not) and .changes.cut == 1 and (.changes | add) == 1' out &&
		holds '.vmas[0].a.name == "[heap]" and .vmas[0].a.start != .vmas[0].b.start' out &&
		holds '[.figures[] | select(.name == "VMAs")][0] | .a == 49 and .b == 49' out
}

other_programs_have_nothing_in_common()
{
	gives 1 mmscope diff "$kept/true.rec" "$kept/both.rec" --json || return 1
	holds '(.spaces | map(select(.a and .b)) | length) == 0 and .changes.went > 0 and
		.changes.came > 0 and .changes.grew == 0' out
}

# The same figures as stat's and map's, which count in other ways
figures_are_stats_and_maps()
{
	for file in sqlite threads shell fault again; do
		mmscope stat -i "$kept/$file.rec" --json >"$work/stat" || return 1
		mmscope diff "$kept/$file.rec@0" "$kept/$file.rec" --json >"$work/diff"
		jq -s -c '[.[].classes // empty] | add | map([.class, .faults]) | sort' "$work/stat" >"$work/one"
		mmscope trace -i "$kept/$file.rec" -e fault --json |
			jq -s -c 'map(select(.event == "fault").class) | group_by(.) |
				map([.[0], length]) | sort' >"$work/two"
		cmp "$work/one" "$work/two" || return 1
		all=$(jq -s '[.[].classes // empty] | add | map(.faults) | add' "$work/stat")
		holds "[.figures[] | select(.name == \"faults\")][0].b == $all" diff || return 1
	done
	mmscope map -i "$sqlite" --at 0.02 --json >"$work/map" || return 1
	mmscope diff "$sqlite@0.02" "$sqlite" --json >"$work/diff"
	holds ".spaces[0].a.vmas == $(jq '.vmas | length' "$work/map") and
		.spaces[0].a.anon == $(jq '.pages.private' "$work/map")" diff
}

lost_is_5()
{
	head -c 9000 "$sqlite" >"$work/cut.rec"
	gives 5 mmscope diff "$work/cut.rec" "$sqlite" --json || return 1
	holds '.a.short.unread > 0 and .b.short.unread == 0' out && grep -q "damaged or missing" "$work/err"
}

bad_words_are_told()
{
	complains 2 "which two recordings" mmscope diff &&
		complains 2 "which two recordings" mmscope diff "$sqlite" &&
		complains 2 "two recordings at a time" mmscope diff "$sqlite" "$sqlite" "$sqlite" &&
		complains 2 "read once" mmscope diff - - &&
		complains 2 "no instant behind @" mmscope diff "$sqlite@never" "$sqlite" &&
		complains 2 "an instant of no recording" mmscope diff @1.5 "$sqlite" &&
		complains 3 "no such record" mmscope diff "$sqlite@unmap 99999" "$sqlite" &&
		complains 3 "No such file" mmscope diff "$work/none" "$sqlite" &&
		complains 3 "README" mmscope diff "$kept/README" "$sqlite" &&
		complains 3 "Is a directory" mmscope diff "$work" "$sqlite" || return 1
	[ ! -s "$work/out" ]
}

names_are_harmless()
{
	hostile="$work/a@1.5${escape}[31m
b"
	cp "$sqlite" "$hostile"
	gives 0 mmscope diff "$hostile" "$sqlite" || return 1
	! grep -q "$escape" "$work/out" && [ "$(wc -l <"$work/out")" -lt 15 ]
}

screen_is_not_too_narrow()
{
	for one in threads random fault shell; do
		COLUMNS=80 mmscope diff "$kept/$one.rec@0.02" "$kept/$one.rec" >"$work/narrow"
		awk -v one="$one" 'length > 80 { print "# " one ": " $0; bad = 1 } END { exit bad }' \
			"$work/narrow" || return 1
		[ -s "$work/narrow" ] || return 1
	done
	mmscope diff "$kept/shell.rec" "$sqlite" | head -n 1 | grep -q different
}

for test in itself_is_the_same copy_is_the_same heap_grew_meanwhile one_record_is_one_difference \
	    runs_differ_in_the_heap other_programs_have_nothing_in_common figures_are_stats_and_maps \
	    lost_is_5 bad_words_are_told names_are_harmless screen_is_not_too_narrow; do
	try "$test" "$test"
done
finish
