#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# For scripts/soak: sets.sh MINUTES. All kinds of programs run under mmscope trace --verify, again
# and again: the set of VMAs that its records tell must be the kernel's. The last line is the sum.

here=$(dirname "$0")
loads=/loads

python='
import threading
def work():
    for i in range(50):
        data = [bytearray(i * 5000 % 700000) for i in range(20)]
        text = {str(j): [j] * 10 for j in range(500)}
threads = [threading.Thread(target=work) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()'

# runs COMMAND...: it does what it should
runs()
{
	"$@" && return
	echo "status $?: $*"
	failed=1
}

# stress WORDS...: stress-ng, by the numbers of its operations
stress()
{
	runs chroot $loads stress-ng --quiet --temp-path /tmp "$@"
}

# Under one tracer, which takes its time to begin. What is compared grows with the square of a
# stressor's VMAs.
programs()
{
	runs "$here/random_load" "$1" 1000
	runs "$here/random_load" "$1" 500 3 1
	runs "$here/alloc_load" 4 3000
	[ -d $loads ] || return
	stress --mmap 1 --mmap-bytes 512K --mmap-ops 4
	stress --mremap 1 --mremap-bytes 1M --mremap-ops 20
	stress --brk 1 --brk-ops 1000
	stress --stack 1 --stack-ops 2
	stress --vm 1 --vm-bytes 1M --vm-ops 100
	stress --fork 1 --fork-ops 10
	runs chroot $loads python3 -c "$python"
}

if [ "$1" = -r ]; then
	failed=0
	programs "$2"
	exit $failed
fi

end=$(($(date +%s) + ${1:-1} * 60))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compared=0 differed=0 lost=0 failed=0 round=0

if [ -d $loads ]; then
	mkdir -p $loads/proc $loads/dev $loads/sys $loads/tmp
	mount -t proc proc $loads/proc
	mount -t devtmpfs dev $loads/dev
	mount -t sysfs sys $loads/sys
fi
while [ "$(date +%s)" -lt "$end" ] || [ $round -eq 0 ]; do
	round=$((round + 1))
	mmscope trace --verify -- "$0" -r $round >"$work/out" 2>"$work/err"
	code=$?
	# shellcheck disable=SC2046 # numbers
	set -- $(sed -n 's/^\([0-9]*\) times .*, \([0-9]*\) differed, \([0-9]*\) lost$/\1 \2 \3/p' "$work/out")
	compared=$((compared + ${1:-0}))
	differed=$((differed + ${2:-0}))
	lost=$((lost + ${3:-0}))
	[ $code -eq 0 ] && [ "${1:-0}" -gt 0 ] && [ ! -s "$work/err" ] &&
		! grep -q ^status "$work/out" && continue
	echo "round $round: status $code"
	cat "$work/out" "$work/err"
	failed=1
done
rm -rf "$work"
echo "$compared sets compared, $differed differed, $lost records lost"
exit $failed
