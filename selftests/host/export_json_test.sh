#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The schema that is published of records as JSON is what is written: each line of all recordings
# and each kind of record is as it says, and a line with a member more, less or other is not.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope event_lines hostile_recording jq
recordings=$(dirname "$0")/recordings
schema=$(dirname "$0")/../../userspace/export/schema.json

# Debian's python has Debian's validator, and may not be the first one.
for python in /usr/bin/python3 python3; do
	"$python" -c 'from jsonschema import Draft202012Validator' 2>/dev/null && break
	python=
done

# judge FILE...: how many lines there are, and how many of them are not as the schema says; the
# first of these are named. Lines that differ only in figures which may be any are looked at once:
# the validator takes its time.
judge()
{
	"$python" - "$schema" "$@" <<-EOF
		import json, re, sys
		from jsonschema import Draft202012Validator as Validator

		schema = json.load(open(sys.argv[1], encoding="utf-8"))
		Validator.check_schema(schema)
		validator = Validator(schema)
		lines = bad = 0
		figures = re.compile('"(time_ns|start|end|aux|addr|ip|ns|again_ns)":[0-9]+'
		                     '|"(vma|parent|seq|tid|pages|npages)":[0-9]{1,9}(?=[,}])')
		seen = {}
		for path in sys.argv[2:]:
		    for number, line in enumerate(open(path, encoding="utf-8", newline="\n"), 1):
		        like = figures.sub(lambda match: match.group().split(":")[0], line)
		        lines += 1
		        if like in seen:
		            json.loads(line)
		            bad += seen[like]
		            continue
		        errors = list(validator.iter_errors(json.loads(line)))
		        seen[like] = bool(errors)
		        bad += seen[like]
		        for error in errors[:2] if bad < 5 else []:
		            at = "/".join(str(part) for part in error.absolute_path)
		            print("# %s:%u: %s: %.300s" % (path, number, at, error.message),
		                  file=sys.stderr)
		print(lines, bad)
	EOF
}

# What is exported of each recording, and of one with names that are hostile
lines_of_all()
{
	for file in "$recordings"/*.rec "$work/hostile.rec"; do
		rec=$(basename "$file" .rec)
		mmscope export -f json -i "$file" 2>/dev/null >"$work/$rec.json"
		tail -n 1 "$work/$rec.json" | grep -q '"event":"summary"' && continue
		note "$rec: no summary"
		return 1
	done
}

all_lines_are_as_it_says()
{
	[ -n "$python" ] || { skip "no python3-jsonschema"; return; }
	hostile_recording "$recordings/both.rec" "$work/hostile.rec" && lines_of_all || return 1
	mmscope trace --json -i "$recordings/both.rec" >"$work/trace.json" 2>/dev/null
	judge "$work"/*.json >"$work/judged" || return 1
	read -r lines bad <"$work/judged"
	note "$lines lines"
	[ "$lines" -gt 5000 ] && [ "$bad" = 0 ]
}

# Each type, class, reason and flag, also of those that no recording has
each_kind_is_as_it_says()
{
	[ -n "$python" ] || { skip "no python3-jsonschema"; return; }
	event_lines >"$work/kinds" && judge "$work/kinds" >"$work/judged" || return 1
	read -r lines bad <"$work/judged"
	note "$lines lines"
	[ "$lines" -gt 1000 ] && [ "$bad" = 0 ]
}

# A line of each kind, with as many members as there may be, and of who told
shapes()
{
	event_lines | jq -c -s 'group_by([.event, .source, (.flags | index("error") != null)])[] |
		max_by(length)'
	tail -q -n 1 "$work/both.json" "$work/trace.json"
}

# changed LEAST FILTER: nothing is as it says that jq makes of these lines, so many at least
changed()
{
	jq -c "$2" <"$work/shapes" >"$work/changed" || return 1
	judge "$work/changed" >"$work/judged" 2>/dev/null || return 1
	read -r lines bad <"$work/judged"
	[ "$lines" -ge "$1" ] && [ "$bad" = "$lines" ] && return
	note "$2: $((lines - bad)) of $lines lines are as the schema says"
	return 1
}

# shellcheck disable=SC2016	# $ is for jq
no_other_line_is()
{
	[ -n "$python" ] || { skip "no python3-jsonschema"; return; }
	[ -e "$work/both.json" ] || return 1
	shapes >"$work/shapes"
	judge "$work/shapes" >"$work/judged" && read -r kinds bad <"$work/judged" || return 1
	note "$kinds shapes"
	[ "$kinds" -ge 32 ] && [ "$bad" = 0 ] || return 1
	changed "$kinds" '. + {"more": 1}' || return 1
	changed "$kinds" '.schema = 2' || return 1
	changed "$kinds" '.event = "other"' || return 1
	changed "$kinds" '. as $line | keys[] as $key | $line | .[$key] = {"other": 1}' || return 1
	for member in time_ns mm vma seq tid cpu flags source; do
		changed 32 "select(.event != \"summary\") | del(.$member)" || return 1
	done
	changed 2 'select(.event == "summary") | del(.short.records)' || return 1
	changed 1 'select(.event == "fault" and .source == "bpf") | .class = "other"' || return 1
	changed 1 'select(.event == "failed") | .at = 1' || return 1
	# Of a fault with its stack
	jq -c -s 'map(select(.stack | length > 2)) | max_by(length)' "$work/stacks.json" \
		>"$work/shapes"
	changed 1 '.stack_end = "other thing"' && changed 1 '.stack[0].more = 1' &&
		changed 1 'del(.stack[1].at)' && changed 1 '.stack[0].source = "a.c" | del(.stack[0].line)' &&
		changed 1 '.stack_end = "cut" | del(.stack)' && changed 1 '.stack = {}'
}

# Each stack that was copied is in it, as often and in the same words as where they are summed up.
# Of a stack without frames, and of a fault without any, only the last word differs.
stacks_are_those_of_folded()
{
	for rec in stacks sqlite-stacks; do
		mmscope export -f folded -i "$recordings/$rec.rec" 2>/dev/null |
			sed -n 's/(no user code);//; s/^[^;]*;\(.*;.*\)/\1/p' |
			grep -v "(no user code)" | sort >"$work/want"
		jq -r 'select(.stack | length > 0) | [.stack_end // empty | "[\(.)]"] +
			(.stack | reverse | map(.function // .at | gsub(";"; ":"))) | join(";")' \
			"$work/$rec.json" | grep ';' | sort | uniq -c |
			sed 's/^ *\([0-9]*\) \(.*\)/\2 \1/' | sort >"$work/got"
		cmp -s "$work/want" "$work/got" && [ "$(wc -l <"$work/got")" -gt 20 ] && continue
		note "$rec"
		diff "$work/want" "$work/got" | head -n 4 | sed 's/^/# /'
		return 1
	done
}

echo "TAP version 13"
for test in all_lines_are_as_it_says each_kind_is_as_it_says no_other_line_is \
	    stacks_are_those_of_folded; do
	try "$test" "$test"
done
finish
