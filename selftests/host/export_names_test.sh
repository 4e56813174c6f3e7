#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Names in a recording are chosen by others: hostile_recording makes one where each is markup, the
# end of a string and of a line, a command to a terminal, and no UTF-8. Each format keeps them, and
# none lets them be more than names. What exports them is built with the sanitizers.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope hostile_recording sanitized_export jq
here=$(cd "$(dirname "$0")" && pwd)

# What hostile_recording has, but for the bytes that are no UTF-8: in their place is U+FFFD.
evil='</script><script>alert(1)</script>"'\'
evil=$evil$(printf '\\\n\r\t\033[31m\302\233\357\277\275;|,&--><!--')
comm=$(printf '</script>"\n\033\357\277\275;')
bytes=$(printf '\357\277\275%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
said="\$'/bin/</script><script>alert(1)</script>\""
said="$said\\'\\\\\\n\\015\\011\\033[31m\\302\\233\\377;|,&--><!--' -c '' 'two words' 'it'\\''s'"

# exported FORMAT [OPTION...]: the recording in a file of that name
exported()
{
	format=$1
	shift
	[ -e "$work/rec" ] ||
		hostile_recording "$here/recordings/stacks.rec" "$work/rec" || return 1
	sanitized_export -f "$format" -i "$work/rec" -o "$work/$format" "$@" 2>"$work/told" &&
		return
	note "$format: exit code $?"
	return 1
}

# plain FILE: it is UTF-8, without characters that a terminal obeys
plain()
{
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || return 1
	! tr -d '\n\t' <"$1" | LC_ALL=C grep -q "$(printf '[\001-\037\177]\|\302[\200-\237]')"
}

json_has_them()
{
	exported json && plain "$work/json" || return 1
	jq -r 'select(.event == "name").comm' "$work/json" >"$work/comms" || return 1
	printf '%s\n' "$comm" >"$work/want"
	grep -q -F -x -e "$bytes" "$work/comms" || cmp -s "$work/want" "$work/comms" || return 1
	jq -e -s --arg evil "$evil" '[.[].name? | strings | contains($evil)] | any' \
		"$work/json" >/dev/null || return 1
	[ "$(tail -n 1 "$work/json" | jq -r .command)" = "$said" ]
}

# What is typed at a shell so is the command that there was.
command_is_what_it_was()
{
	command -v bash >/dev/null || { skip "no bash"; return; }
	exported json || return 1
	tail -n 1 "$work/json" | jq -r .command >"$work/command"
	bash -c 'eval "set -- $(cat "$1")"; printf "%s\0" "$@"' - "$work/command" >"$work/words"
	{
		printf '/bin/</script><script>alert(1)</script>"%s' "'"
		printf '\\\n\r\t\033[31m\302\233\377;|,&--><!--\0'
		printf '%s\0%s\0%s\0%s\0' -c '' 'two words' "it's"
	} | cmp -s - "$work/words"
}

database_has_them()
{
	command -v sqlite3 >/dev/null || { skip "no sqlite3"; return; }
	exported sqlite || return 1
	[ "$(sqlite3 "$work/sqlite" 'PRAGMA integrity_check')" = ok ] || return 1
	[ "$(sqlite3 "$work/sqlite" "SELECT value FROM info WHERE name = 'command'")" = "$said" ] ||
		return 1
	for column in vma.name stack.program; do
		hex=$(printf %s "$evil" | od -A n -t x1 | tr -d ' \n')
		n=$(sqlite3 "$work/sqlite" "SELECT count(*) FROM ${column%.*}
			WHERE instr(CAST(${column#*.} AS BLOB), X'$hex')")
		[ "$n" -gt 0 ] || { note "$column: $n"; return 1; }
	done
	hex=$(printf %s "$comm" | od -A n -t x1 | tr -d ' \n')
	other=$(printf %s "$bytes" | od -A n -t x1 | tr -d ' \n')
	n=$(sqlite3 "$work/sqlite" "SELECT count(*) FROM mm
		WHERE CAST(comm AS BLOB) NOT IN (X'$hex', X'$other', X'')")
	[ "$n" = 0 ]
}

# Stacks by how deep they are
depths()
{
	awk '
		{ sum[split($0, frames, ";")] += $NF }
		END { for (n in sum) print n, sum[n] }' "$@" | sort
}

# A stack is a line, whatever its names are: a process, frames and a number.
folded_is_a_line_for_each()
{
	exported folded && plain "$work/folded" || return 1
	grep -v '^#' "$work/folded" >"$work/stacks"
	! grep -v '^[^;]*\(;[^;]*\)* [0-9]*$' "$work/stacks" || return 1
	n=$(mmscope export -f folded -i "$here/recordings/stacks.rec" 2>/dev/null |
		awk '{ n += $NF } END { print n }')
	[ "$n" = "$(awk '{ n += $NF } END { print n }' "$work/stacks")" ] || return 1
	# As many frames as there are with other names
	depths "$work/stacks" >"$work/depths"
	mmscope export -f folded -i "$here/recordings/stacks.rec" 2>/dev/null | grep -v '^#' |
		depths | cmp -s - "$work/depths" || return 1
	grep -q -F -e '--><!--stack_load' "$work/stacks"
}

# protoc refuses strings that are no UTF-8.
strings_are_utf8()
{
	command -v protoc >/dev/null || { skip "no protoc: protobuf-compiler"; return; }
	exported pprof && exported perfetto || return 1
	gunzip <"$work/pprof" | protoc -I "$here" --decode=Profile "$here/profile.proto" \
		>"$work/profile" || return 1
	protoc -I "$here" --decode=Trace "$here/perfetto.proto" <"$work/perfetto" >"$work/trace" ||
		return 1
	for text in "$work/profile" "$work/trace"; do
		grep -F "alert(1)</script>\\\"\\'\\\\\\n\\r\\t\\033" "$text" |
			grep -q -F "[31m\\302\\233\\357\\277\\275;|,&--><!--" || return 1
	done
}

# What a browser takes for markup is that of any page; the names are in the data, which is packed.
page_has_none()
{
	exported html && plain "$work/html" || return 1
	mmscope export -f html -i "$here/recordings/stacks.rec" -o "$work/other" 2>/dev/null
	for file in html other; do
		grep -o -i '<[/!a-z][a-z]*' "$work/$file" | sort | uniq -c >"$work/$file.tags"
	done
	[ -s "$work/html.tags" ] && cmp -s "$work/html.tags" "$work/other.tags" || return 1
	! grep -q 'alert(1)\|two words' "$work/html"
}

# Its data have them as they are: a length, JSON of that, columns.
page_shows_them()
{
	command -v python3 >/dev/null || { skip "no python3"; return; }
	exported html || return 1
	python3 - "$work/html" >"$work/data" <<-EOF || return 1
		import base64, json, re, sys, zlib

		page = open(sys.argv[1]).read()
		packed = re.search('<script [^>]* id="data">([^<]*)<', page).group(1)
		data = zlib.decompress(base64.b64decode(packed))
		size = int.from_bytes(data[:4], "little")
		print(json.loads(data[4:4 + size])["command"])
		sys.stdout.buffer.write(data[4 + size:])
	EOF
	grep -a -q -x -F -e "$said" "$work/data" || return 1
	# A byte that is no UTF-8 is made U+FFFD by who reads it.
	printf '%s' "$evil" | LC_ALL=C sed "s/$(printf '\357\277\275')/$(printf '\377')/" |
		sed -n '$p' >"$work/line"
	LC_ALL=C grep -a -q -F -f "$work/line" "$work/data"
}

# What json-c writes of names, and what term/json.c does
lines_of_json_are_utf8()
{
	[ -e "$work/rec" ] || hostile_recording "$here/recordings/stacks.rec" "$work/rec" || return 1
	for words in trace map stat "who 7fffffffe000" "why rss"; do
		# shellcheck disable=SC2086 # words
		mmscope $words --json -i "$work/rec" >"$work/text" 2>"$work/told"
		[ -s "$work/text" ] && plain "$work/text" && jq -e . "$work/text" >/dev/null &&
			continue
		note "$words"
		return 1
	done
}

# With colours, too: those are in front of a line and behind it, and around the pages of map.
screen_obeys_none()
{
	[ -e "$work/rec" ] || hostile_recording "$here/recordings/stacks.rec" "$work/rec" || return 1
	for words in trace "trace --output +comm,name,at" "trace --fold" map stat \
		     "who 7fffffffe000" "why rss" reproduce; do
		# shellcheck disable=SC2086 # words
		mmscope $words -i "$work/rec" >"$work/text" 2>&1
		[ "$(wc -l <"$work/text")" -gt 5 ] || { note "$words: nothing"; return 1; }
		! tr -d '\n\t' <"$work/text" |
			LC_ALL=C grep -q "$(printf '[\001-\037\177]\|\302[\200-\237]')" ||
			{ note "$words: characters that a terminal obeys"; return 1; }
	done
}

echo "TAP version 13"
for test in json_has_them command_is_what_it_was database_has_them folded_is_a_line_for_each \
	    strings_are_utf8 page_has_none page_shows_them lines_of_json_are_utf8 \
	    screen_obeys_none; do
	try "$test" "$test"
done
finish
