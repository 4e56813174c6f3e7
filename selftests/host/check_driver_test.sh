#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# scripts/vm check: it goes on after a VM that was lost, and gives its verdict to the check that
# ran.
# The VMs are made up here; scripts/deadly has real ones.

# shellcheck disable=SC2317	# tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/../tap.sh"

needs mmscope jq bash make
scripts=$(cd "$(dirname "$0")/../../scripts" && pwd)
tree=$work/tree

# A VM that answers what its check is asked, and is lost by those of $OOPSES, $HANGS and $SPLATS.
make_tree()
{
	mkdir -p "$tree/scripts" "$tree/userspace"
	cp "$scripts/check_driver" "$scripts/common" "$scripts/kernels" "$tree/scripts"
	ln -s "$(command -v mmscope)" "$tree/userspace/mmscope"
	echo "all:" >"$tree/userspace/Makefile"
	cat >"$tree/scripts/vm" <<-'EOF'
		#!/bin/sh
		echo "$@" >>"$VMS"
		while [ "$1" != -o ]; do shift; done
		kept=$2
		mkdir -p "$kept"
		: >"$kept/control.log"
		echo "[ 1.0] hello" >"$kept/console.log"
		ids=$(echo "$*" | sed 's/.* -c \([^ ]*\).*/\1/')
		for id in T1 $(echo "$ids" | sed 's/^T1,*//' | tr , ' '); do
			case " $OOPSES " in
			*" $id "*)
				printf '{"event":"che'
				echo "[ 2.0] BUG: planted oops of $id" >>"$kept/console.log"
				exit 99 ;;
			esac
			case " $HANGS " in
			*" $id "*)
				echo "vm: 6.12: the guest is lost: it ran out of time after 9 s" >&2
				exit 99 ;;
			esac
			case " $SPLATS " in
			*" $id "*)
				echo "{\"event\":\"check\",\"check\":\"$id\",\"title\":\"t\",\"verdict\":\"KERNEL\",\"why\":\"w\"}"
				echo '{"event":"summary","stopped":"boot anew"}'
				exit 1 ;;
			esac
			echo "{\"event\":\"check\",\"check\":\"$id\",\"title\":\"t\",\"verdict\":\"ok\",\"why\":\"\"}"
		done
		echo '{"event":"summary","stopped":null}'
	EOF
	chmod +x "$tree/scripts/vm"
}

# checked ARGUMENT...: by those VMs
checked()
{
	VMS=$work/vms
	: >"$VMS"
	export VMS OOPSES HANGS SPLATS
	"$tree/scripts/check_driver" -k 6.12 check --json "$@" /dev/foo >"$work/out" 2>"$work/err"
	code=$?
}

# verdict ID VERDICT [TEXT]: told once, and so
verdict()
{
	jq -s -e --arg id "$1" --arg verdict "$2" --arg text "$3" 'map(select(.check == $id)) |
		length == 1 and .[0].verdict == $verdict and (.[0].why | contains($text))' \
		"$work/out" >"$work/true" && return
	note "$1 is not told once as $2 $3"
	sed 's/^/# /' "$work/out" "$work/err"
	return 1
}

it_goes_on_after_a_loss()
{
	OOPSES="A3 B2" HANGS=G4 SPLATS="L3 R1"
	checked
	[ "$code" -eq 1 ] || return
	verdict A2 ok && verdict A3 KERNEL "planted oops of A3" && verdict A4 ok &&
		verdict G4 HANG "ran out of time" && verdict G5 ok &&
		verdict L2 ok && verdict L3 KERNEL && verdict L4 skip "L3 failed" && verdict D1 ok &&
		verdict B1 ok && verdict B2 KERNEL "planted oops of B2" && verdict B3 skip &&
		verdict R1 KERNEL && verdict R2 ok && verdict X1 ok && verdict T1 ok || return
	# Each check but N once, none left out.
	wanted=$(mmscope check --list --json | jq -r '.checks[].check' | grep -c '^[^N]')
	[ "$(grep -c '"event":"check"' "$work/out")" -eq "$wanted" ] &&
		[ -e "$tree/build/check/B2.log" ]
}

each_danger_has_its_vm()
{
	OOPSES='' HANGS='' SPLATS=''
	checked -c T1,F,B,M4
	[ "$code" -eq 0 ] && [ "$(wc -l <"$work/vms")" -eq 6 ] &&
		grep -q -- "-c T1,F1,F2,F3,F4,F5 " "$work/vms" && grep -q -- "-c B4 " "$work/vms" &&
		jq -s -e 'any(.event == "summary" and .vms == 6)' "$work/out" >"$work/true"
}

# Who asks for a check by its name has it run, whatever failed before.
what_is_named_is_run()
{
	OOPSES="L1 B1" HANGS='' SPLATS=''
	checked -c L1,L2,B1,B2
	[ "$code" -eq 1 ] && verdict L1 KERNEL && verdict L2 ok && verdict B1 KERNEL && verdict B2 ok
}

what_cannot_be_touched_ends_all()
{
	OOPSES=T1 HANGS='' SPLATS=''
	checked
	[ "$code" -eq 1 ] && verdict T1 KERNEL "planted oops of T1" &&
		[ "$(wc -l <"$work/vms")" -eq 1 ] || return
	OOPSES='' SPLATS=T1
	checked
	[ "$code" -eq 1 ] && verdict T1 KERNEL w && [ "$(wc -l <"$work/vms")" -eq 1 ]
}

echo "TAP version 13"
make_tree
for test in it_goes_on_after_a_loss each_danger_has_its_vm what_is_named_is_run \
	    what_cannot_be_touched_ends_all; do
	try "$test" "$test"
done
finish
