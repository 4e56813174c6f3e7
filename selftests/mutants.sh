#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In a guest: load each module NAME.ko of /mutants in turn, and run the programs of NAME.programs
# until one fails, or the kernel's log has what make test takes for a failure. A line a module on
# the standard output: "NAME killed PROGRAM" or "NAME survived". scripts/mutants reads them; a
# module that takes the guest with it has a "begin" only.

dir=/mutants

# What a program that hangs in the kernel leaves cannot be unloaded: this guest is of no more use.
unload()
{
	for _ in 1 2 3 4 5; do
		rmmod mmscope 2>/dev/null && return
		sleep 1
	done
	return 1
}

# What the kernel has said since the last time and should not. init knows how that reads.
splat()
{
	dmesg -c | grep -m 1 -E "$SCOPE_SPLATS"
}

# end_session SESSION: all its processes, of whatever group. The harness makes a group of each test.
end_session()
{
	for stat in /proc/[0-9]*/stat; do
		read -r line 2>/dev/null <"$stat" || continue
		# shellcheck disable=SC2086 # state, parent, group, session
		set -- "$1" ${line##*) }
		[ "$5" != "$1" ] || kill -KILL "${line%% *}"
	done
}

# is_there PID
is_there()
{
	kill -0 "$1" 2>/dev/null
}

# run PROGRAM SECONDS: up to its first test that fails. The status is 99 if it cannot be ended. What
# it leaves, as one that fails may, would keep the module in use.
run()
{
	: >/tmp/mutant.out
	setsid "./$1" </dev/null >/tmp/mutant.out 2>&1 &
	session=$!
	left=$(($2 * 5))
	while is_there $session && [ $left -gt 0 ] && ! grep -q '^not ok' /tmp/mutant.out; do
		sleep 0.2
		left=$((left - 1))
	done
	! is_there $session || end_session $session 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		is_there $session || break
		sleep 1
	done
	! is_there $session || return 99
	wait $session
	set -- $?
	end_session $session 2>/dev/null
	return "$1"
}

# judge NAME: by whom it is killed. The status is 1 if the guest is of no more use.
judge()
{
	# What module_test.c loads again.
	export SCOPE_MODULE="$dir/$1.ko"
	insmod "$dir/$1.ko" 2>/dev/null || { echo "$1 killed insmod"; return; }
	while read -r program seconds; do
		echo "$1 begin $program"
		began=$(date +%s)
		run "$program" $((seconds * ${SCOPE_SLOW:-1}))
		status=$?
		if text=$(splat); then
			echo "$1 killed $program kernel: $text"
			return 1
		fi
		if [ $status -eq 99 ]; then
			echo "$1 killed $program does not end"
			return 1
		fi
		# Skipped is 4.
		if [ $status -ne 0 ] && [ $status -ne 4 ]; then
			echo "$1 killed $program $(sed -n 's/^not ok [0-9]* //p' /tmp/mutant.out |
				head -n 1)"
			unload
			return
		fi
		echo "$1 took $program $(($(date +%s) - began))"
	done <"$dir/$1.programs"
	echo "$1 begin rmmod"
	unload || { echo "$1 killed rmmod"; return 1; }
	if text=$(splat); then
		echo "$1 killed rmmod kernel: $text"
		return 1
	fi
	echo "$1 survived"
}

cd /selftests || exit 1
# What was said before is not about any of them.
splat >/dev/null
for mutant in "$dir"/*.ko; do
	name=${mutant##*/}
	judge "${name%.ko}" || { echo "stuck"; exit 1; }
done
