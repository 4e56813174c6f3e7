#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest for scripts/bench: prints "NAME INSTRUCTIONS" for each way to fault, and for
# each other tracer on a quiet fault. /peers is the root of their programs, if there is one.

status=0

# peer NAME COMMAND...: the command touches a quiet mapping, with the tracer at work
peer()
{
	name=$1
	shift
	"$@" >/tmp/peer 2>&1
	figure=$(sed -n 's/^quiet \([0-9][0-9]*\)$/\1/p' /tmp/peer)
	if [ -n "$figure" ]; then
		echo "$name $figure"
		return
	fi
	echo "$name gave no figure:" >&2
	cat /tmp/peer >&2
	status=1
}

# shellcheck disable=SC2317 # peer calls it
ftrace()
{
	event=/sys/kernel/tracing/events/exceptions/page_fault_user/enable
	echo 1 >"$event" && ./touch quiet
	echo 0 >"$event"
}

# What boot has left to do would be counted with us.
sleep 3
insmod ./plain_driver.ko || exit
for way in plain-driver plain-driver-stub quiet count record record-latency deliver; do
	./touch $way || status=1
done
peer ftrace ftrace

# tracer NAME COMMAND...: the command runs anon, which leaves its figure where no other output can
# be in its way
tracer()
{
	name=$1
	shift
	rm -f /tmp/figure
	"$@" >/tmp/tracer 2>&1
	figure=$(sed -n 's/^[a-z]* \([0-9][0-9]*\)$/\1/p' /tmp/figure)
	if [ -n "$figure" ]; then
		echo "$name $figure"
		return
	fi
	echo "$name gave no figure:" >&2
	tail -n 5 /tmp/tracer >&2
	status=1
}

tracer anon ./anon fault /tmp/figure
tracer anon-trace mmscope trace -- ./anon fault /tmp/figure
tracer anon-stat mmscope stat -- ./anon fault /tmp/figure
tracer anon-count mmscope stat --count -- ./anon fault /tmp/figure
for way in map touch file protect; do
	tracer $way ./anon $way /tmp/figure
	tracer $way-trace mmscope trace -- ./anon $way /tmp/figure
done
tracer map-stat mmscope stat -- ./anon map /tmp/figure
# Somebody else is watched.
mmscope trace -- sleep 1000 >/dev/null 2>&1 &
watcher=$!
sleep 5
tracer anon-beside ./anon fault /tmp/figure
tracer map-beside ./anon map /tmp/figure
kill $watcher
wait $watcher
[ -d /peers ] || exit $status

for dir in dev proc sys tmp; do
	mkdir -p "/peers/$dir"
	mount -o rbind "/$dir" "/peers/$dir"
done
cp touch anon /peers
peer perf-record chroot /peers /usr/bin/perf record -e page-faults -c 1 -d -o /tmp/perf.data \
	/touch quiet
peer bpftrace chroot /peers /usr/bin/bpftrace -c '/touch quiet' \
	-e 'tracepoint:exceptions:page_fault_user { @ = count(); }'
tracer anon-perf chroot /peers /usr/bin/perf record -e page-faults -c 1 -d \
	-o /tmp/perf.data /anon fault /tmp/figure
tracer anon-trace-cmd chroot /peers /usr/bin/trace-cmd record -e exceptions:page_fault_user \
	-o /tmp/trace.dat /anon fault /tmp/figure
tracer anon-bpftrace chroot /peers /usr/bin/bpftrace -c '/anon fault /tmp/figure' \
	-e 'tracepoint:exceptions:page_fault_user { @ = count(); }'
tracer anon-printf chroot /peers /usr/bin/bpftrace -c '/anon fault /tmp/figure' \
	-e 'rawtracepoint:page_fault_user { printf("%lx %lx\n", arg0, arg2); }'
exit $status
