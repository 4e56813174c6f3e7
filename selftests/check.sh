# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# For tests of mmscope check, which source tap.sh first: what it complains of at a driver. They set
# device_prefix, behind which a driver's name is that of its device.

# How much memory each driver has
extent=64K

# recipe NAME LINE...: for told, what is to be said beside which device
recipe()
{
	printf '%s\n' "open dev $device_prefix$1 rw" "map \$dev" "length 64K" >"$work/recipe"
	shift
	printf '%s\n' "$@" >>"$work/recipe"
}

# complaints: what the last check said that is not as it should be
complaints()
{
	jq -r 'select(.verdict | IN("warn", "FAIL", "HANG", "KERNEL"))' "$work/out"
}

# told NAME WANT OPTION...: what check has to complain of at that driver is this, and nothing else
told()
{
	kind=$1
	want=$2
	shift 2
	device=$device_prefix$kind
	# Who wrote a recipe of it has it read.
	! grep -q -s "_$kind " "$work/recipe" || device=$work/recipe
	mmscope check --yes --destructive --extent "$extent" --json "$@" "$device" >"$work/out" \
		2>"$work/err"
	code=$?
	got=$(complaints | jq -r .check | paste -sd ' ')
	[ "$got" = "$want" ] && jq -s -e 'any(.event == "summary")' "$work/out" >"$work/true" &&
		return
	note "$kind: '$got', not '$want', exit code $code"
	complaints | jq -r '"# \(.check) \(.verdict) \(.why)"'
	sed 's/^/# /' "$work/err"
	return 1
}
