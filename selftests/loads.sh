# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154	# tap.sh sets work and left_out
#
# For tests that look at several programs under one start of the tool, which takes longer than most
# of them do: source it after tap.sh, have `together` make one command of them, and let each test
# judge its part of what is told.

# together SET "NAME WORDS"...: SET.sh, for a shell, runs these programs one after the other. What
# each prints is then in NAME.told, its process id in NAME.pid, and how it ended in NAME.ended
together()
{
	: >"$work/$1.names"
	: >"$work/$1.sh"
	set_of_loads=$1
	shift
	for one; do
		echo "${one%% *}" >>"$work/$set_of_loads.names"
		cat >>"$work/$set_of_loads.sh" <<-EOT
			${one#* } >"$work/${one%% *}.told" &
			echo \$! >"$work/${one%% *}.pid"
			wait \$!
			echo \$? >"$work/${one%% *}.ended"
		EOT
	done
}

# ended_well NAME...: those programs did
ended_well()
{
	for one; do
		[ "$(cat "$work/$one.ended")" = 0 ] && continue
		note "$one: status $(cat "$work/$one.ended")"
		return 1
	done
}

# well_told CODE SET: mmscope, which exited so, has nothing to say in SET.err, but perhaps that the
# kernel left something out: of many programs that needs to be none that a test looks at, and the
# one that misses something has all of it done again
well_told()
{
	grep -v "$left_out" "$work/$2.err" >"$work/complaints"
	case $1 in
	0)	[ ! -s "$work/complaints" ] && return ;;
	5)	[ -s "$work/$2.err" ] && [ ! -s "$work/complaints" ] && return ;;
	esac
	note "exit code $1"
	sed 's/^/# /' "$work/$2.err"
	return 1
}

# parts SET: the records of a trace of SET.sh, as JSON in SET.out, by program: in NAME.part are
# those of the address spaces that NAME had, and its descendants; in SET.part are the others
parts()
{
	grep -E '"event":"(fork|exec)"' "$work/$1.out" >"$work/$1.family"
	awk -v rest="$1" -v work="$work" '
		function number(word) {
			at = index($0, "\"" word "\":")
			return at ? substr($0, at + length(word) + 3, 12) + 0 : 0
		}
		which == "names" {
			name[++n] = $0
			printf "" >(work "/" $0 ".part")
			next
		}
		{ mm = number("mm") }
		which == "family" && !shell { shell = mm }
		which == "family" && /"event":"fork"/ {
			part[number("aux")] = mm == shell ? name[++run] : part[mm]
		}
		which == "family" && /"event":"exec"/ { part[mm] = part[number("aux")] }
		which == "family" { next }
		{ print >(work "/" (part[mm] == "" ? rest : part[mm]) ".part") }' \
		which=names "$work/$1.names" which=family "$work/$1.family" which=all "$work/$1.out"
}
