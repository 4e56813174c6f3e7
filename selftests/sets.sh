#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# For scripts/soak: sets.sh MINUTES. All kinds of programs run under mmscope trace --verify, again
# and again: the set of VMAs that its records tell must be the kernel's. The last line is the sum.

here=$(dirname "$0")
loads=/loads
end=$(($(date +%s) + ${1:-1} * 60))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compared=0 differed=0 lost=0 failed=0 round=0

# verify COMMAND...: one program, and its part of the sum
verify()
{
	echo "$*"
	mmscope trace --verify -- "$@" >"$work/out" 2>"$work/err"
	code=$?
	# shellcheck disable=SC2046 # numbers
	set -- $(sed -n 's/^\([0-9]*\) times .*, \([0-9]*\) differed, \([0-9]*\) lost$/\1 \2 \3/p' "$work/out")
	compared=$((compared + ${1:-0}))
	differed=$((differed + ${2:-0}))
	lost=$((lost + ${3:-0}))
	[ $code -eq 0 ] && [ "${1:-0}" -gt 0 ] && return
	echo "status $code"
	cat "$work/out" "$work/err"
	failed=1
}

# stress WORDS...: stress-ng, by the numbers of its operations
stress()
{
	verify chroot $loads stress-ng --quiet --temp-path /tmp "$@"
}

python='
import threading
def work():
    for i in range(50):
        data = [bytearray(i * 5000 % 700000) for i in range(20)]
        text = {str(j): [j] * 10 for j in range(2000)}
threads = [threading.Thread(target=work) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()'

if [ -d $loads ]; then
	mkdir -p $loads/proc $loads/dev $loads/sys $loads/tmp
	mount -t proc proc $loads/proc
	mount -t devtmpfs dev $loads/dev
	mount -t sysfs sys $loads/sys
fi
while [ "$(date +%s)" -lt "$end" ] || [ $round -eq 0 ]; do
	round=$((round + 1))
	verify "$here/random_load" $round 1000
	verify "$here/random_load" $round 500 3 1
	verify "$here/alloc_load" 4 3000
	[ -d $loads ] || continue
	stress --mmap 1 --mmap-bytes 4M --mmap-ops 20
	stress --mremap 1 --mremap-bytes 4M --mremap-ops 100
	stress --brk 1 --brk-ops 2000
	stress --stack 1 --stack-ops 2
	stress --vm 1 --vm-bytes 4M --vm-ops 200
	stress --fork 1 --fork-ops 20
	verify chroot $loads python3 -c "$python"
done
rm -rf "$work"
echo "$compared sets compared, $differed differed, $lost records lost"
exit $failed
