#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In a guest: load each module of /mutants in turn, and run the programs that /mutants/programs names
# until one fails. A line a module on the standard output: "NAME killed PROGRAM" or "NAME survived".
# scripts/mutants reads them; a module that takes the guest with it has a "begin" only.

dir=/mutants

# What a program that hangs in the kernel leaves cannot be unloaded: this guest is of no more use.
unload()
{
	for _ in 1 2 3 4 5; do
		rmmod mmscope 2>/dev/null && return
		sleep 1
	done
	echo "stuck"
	exit 1
}

# judge NAME: by whom it is killed
judge()
{
	insmod "$dir/$1.ko" 2>/dev/null || { echo "$1 killed insmod"; return; }
	while read -r program seconds; do
		echo "$1 begin $program"
		timeout -s KILL $((seconds * ${SCOPE_SLOW:-1})) "./$program" </dev/null >/tmp/mutant.out 2>&1
		status=$?
		# Skipped is 4.
		if [ $status -ne 0 ] && [ $status -ne 4 ]; then
			echo "$1 killed $program $(sed -n 's/^not ok [0-9]* //p' /tmp/mutant.out |
				head -n 1)"
			return
		fi
	done <"$dir/programs"
	echo "$1 survived"
}

cd /selftests || exit 1
for mutant in "$dir"/*.ko; do
	name=${mutant##*/}
	judge "${name%.ko}"
	[ ! -d /sys/module/mmscope ] || unload
done
