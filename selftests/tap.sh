# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# TAP for tests in shell: source it, call `try NAME COMMAND...` for each test and `finish` at the
# end. A command that returns 4 after `skip REASON` is skipped.

number=0
failed=0
skipped=0
reason=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# skip REASON: the test that calls it returns 4
skip()
{
	reason=$*
	return 4
}

# once REASON: what the test that calls it proves depends on no kernel, for that reason. It runs on
# one of those that make test runs, and elsewhere returns 4
once()
{
	[ -z "$SCOPE_ELSEWHERE" ] || skip "on $SCOPE_ELSEWHERE alone: $*"
}

# note TEXT: a line of explanation
note()
{
	echo "# $*"
}

# shared NAME COMMAND...: the status of what several tests look at, NAME.err being what it says. The
# first of them makes it, and the next after a failure for which it is made anew.
shared()
{
	looked_at="$looked_at $1"
	[ -e "$work/$1.code" ] || (
		made=$1
		shift
		"$@"
		echo $? >"$work/$made.code"
	)
	return "$(cat "$work/$1.code")"
}

# What mmscope says where the kernel did not run some of the tracer's programs. 7.x preempts itself
# inside of one, and runs none for others of that CPU meanwhile.
left_out="times who tells of VMAs was not run\|faults were not seen: the kernel preempted"

# skips_are_told: it has said so, and there is nothing that the records could be compared with
skips_are_told()
{
	told=
	for one in $looked_at; do
		grep -q -s "$left_out" "$work/$one.err" || continue
		rm "$work/$one.code"
		told=yes
	done
	[ -z "$told" ] || return 0
	grep -q "$left_out" "$work/said" && return
	find "$work/err" -newer "$work/begun" -exec cat {} + 2>/dev/null | grep -q "$left_out"
}

# try NAME COMMAND...: one test; five times at most, where it fails and the kernel left something out
try()
{
	name=$1
	shift
	number=$((number + 1))
	for attempt in 1 2 3 4 5; do
		reason=
		looked_at=
		: >"$work/begun"
		"$@" 2>"$work/said"
		verdict=$?
		cat "$work/said" >&2
		case $verdict in
		0|4)	break ;;
		esac
		skips_are_told || break
		note "$name: programs were skipped, attempt $attempt"
	done
	case $verdict in
	0)	echo "ok $number $name" ;;
	4)	echo "ok $number $name # SKIP $reason"
		skipped=$((skipped + 1)) ;;
	*)	echo "not ok $number $name"
		failed=$((failed + 1)) ;;
	esac
}

# gives CODE COMMAND...: its exit code; stdout and stderr are in $work
gives()
{
	want=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq "$want" ] && return
	note "$*: exit code $code, not $want"
	sed 's/^/# /' "$work/err"
	tail -n 5 "$work/out" | cut -c1-200 | sed 's/^/# /'
	return 1
}

# says TEXT: and nothing else on stderr of what gives ran
says()
{
	[ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "$1" "$work/err" && return
	note "not '$1':"
	sed 's/^/# /' "$work/err"
	return 1
}

# written NAME: there is something in std$NAME of what gives ran
written()
{
	[ -s "$work/$1" ] && return
	note "nothing on std$1"
	return 1
}

# silent NAME: there is nothing in it
silent()
{
	[ ! -s "$work/$1" ] && return
	sed "s/^/# std$1: /" "$work/$1"
	return 1
}

# complains CODE TEXT COMMAND...: its exit code, and one line on stderr with the text
complains()
{
	text=$2
	code=$1
	shift 2
	gives "$code" "$@" && says "$text"
}

# skip_all REASON: the whole program is skipped
skip_all()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

# needs PROGRAM...: it is without one of them
needs()
{
	for file; do
		command -v "$file" >/dev/null 2>&1 || skip_all "no $file"
	done
}

# needs_types HOW: BPF programs are loaded by the kernel's own types; HOW is skip or skip_all
needs_types()
{
	[ -e /sys/kernel/btf/vmlinux ] || "$1" "no /sys/kernel/btf/vmlinux: CONFIG_DEBUG_INFO_BTF"
}

# finish: the plan, and the exit code that kselftest expects
finish()
{
	echo "1..$number"
	echo "# Totals: pass:$((number - failed - skipped)) fail:$failed xfail:0 xpass:0 skip:$skipped error:0"
	[ "$failed" -eq 0 ]
	exit
}
