#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Who may not trace, or cannot, learns why in one sentence; who can do it in part, what is missing.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope
needs_types skip_all
here=$(dirname "$0")
chmod 755 "$work"

# traces_all: from exec to the end
traces_all()
{
	grep -q ' exec  *mm ' "$work/out" && grep -q ' end ' "$work/out" &&
		grep -q ', 0 lost$' "$work/out" && return
	tail -n 3 "$work/out" | sed 's/^/# /'
	return 1
}

# with_caps WORDS...: mmscope trace with these, without a right to the device
with_caps()
{
	"$here/caps_load" mmscope trace "$@"
}

no_right()
{
	complains 3 "CAP_BPF and CAP_PERFMON" su user -c "mmscope trace -- true"
}

root_of_a_namespace()
{
	[ -e /proc/self/ns/user ] || { skip "no user namespaces"; return; }
	complains 3 "outside of this user namespace" unshare -U -r mmscope trace --verify -- true
}

two_capabilities_suffice()
{
	gives 0 with_caps -- true && traces_all
}

process_is_gone()
{
	true &
	gone=$!
	wait "$gone"
	complains 3 "no such process" mmscope trace -p "$gone"
}

kernel_thread()
{
	complains 3 "kernel thread" mmscope trace -p 2
}

# ends_at TYPE: the process that is to be watched ends when mmscope has a descriptor of which
# /proc/PID/fdinfo tells that. Nobody waits for it forever, and there is no other complaint.
ends_at()
{
	sleep 1000 &
	watched=$!
	mmscope trace -p "$watched" >"$work/out" 2>"$work/err" &
	tracer=$!
	until grep -q -s "^$1:" "/proc/$tracer/fdinfo/"*; do
		kill -0 "$tracer" || break
		sleep 0.1
	done
	kill "$watched"
	wait "$tracer"
	case $? in
	0)	grep -q ' end ' "$work/out" ;;
	3)	says "no such process" ;;
	*)	false ;;
	esac && return
	note "ended at $1:"
	tail -n 3 "$work/out" "$work/err" | sed 's/^/# /'
	return 1
}

# While programs are attached; and before they are, of which the kernel knows nothing yet
exits_while_attaching()
{
	ends_at link_type || return 1
	[ -n "$SCOPE_ELSEWHERE" ] || ends_at map_type
}

# elsewhere COMMAND: in a mount namespace of its own
elsewhere()
{
	unshare -m sh -c "$1"
}

no_btf()
{
	gives 3 elsewhere "mount -t tmpfs none /sys/kernel/btf &&
		$here/caps_load mmscope trace -- true" && says CONFIG_DEBUG_INFO_BTF
}

locked_down()
{
	mount -t securityfs none /sys/kernel/security 2>/dev/null
	[ -e /sys/kernel/security/lockdown ] || { skip "no lockdown"; return; }
	echo "none integrity [confidentiality]" >"$work/lockdown"
	gives 3 elsewhere "mount --bind $work/lockdown /sys/kernel/security/lockdown &&
		$here/caps_load mmscope trace -- true" && says "locked down"
}

old_kernel()
{
	once "that the kernel lacks it is pretended" || return
	export MMSCOPE_WITHOUT=ma_write
	complains 3 "Linux 6.1 and later" with_caps -- true
}

missing_hook()
{
	once "that the kernel lacks it is pretended" || return
	export MMSCOPE_WITHOUT=vm_area_dup
	complains 0 "not told: which VMA came from which" with_caps -e exec,end -- true && traces_all
}

module_alone()
{
	once "that the kernel lacks it is pretended" || return
	[ -e /dev/mmscope ] || { skip "no device"; return; }
	export MMSCOPE_WITHOUT=ma_write
	gives 0 mmscope trace -- true && grep -q "only mmscope memory is watched" "$work/err"
}

pid_namespace()
{
	gives 0 unshare -p -f --mount-proc sh -c "mmscope trace -e exec,end -- true" && traces_all || return 1
	# It lives until something is told of it.
	gives 0 unshare -p -f --mount-proc sh -c "sleep 1000 & pid=\$!
		{ while [ ! -s $work/out ]; do sleep 0.1; done; kill \$pid; } &
		mmscope trace -e there,end -p \$pid" &&
		grep -q ' there ' "$work/out" && grep -q ' end ' "$work/out"
}

# finds TEXT COMMAND...: doctor has this among its findings
finds()
{
	text=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	[ ! -s "$work/err" ] && grep -q "$text" "$work/out" && return
	note "no '$text' by $*:"
	sed 's/^/# /' "$work/out" "$work/err"
	return 1
}

# 6.1 lacks what few miss.
doctor_finds_nothing_bad()
{
	finds "^ok .*any process can be traced" mmscope doctor && grep -q "^ok .*kprobes" "$work/out" &&
		[ "$(grep -c "not told" "$work/out")" = "$(grep -c "only who looks" "$work/out")" ] &&
		return
	sed 's/^/# /' "$work/out"
	return 1
}

# What trace would complain about, and what it keeps to itself since few miss it
doctor_finds_what_is_missing()
{
	once "that the kernel lacks it is pretended" || return
	export MMSCOPE_WITHOUT=vm_area_dup,fault_numa,fault_signal,fault_fixup
	finds "no place for" mmscope doctor || return 1
	for what in "which VMA came from which" "which faults are NUMA hints" \
		    "accesses of the kernel that end with EFAULT"; do
		grep -q "^warn .*no place for .*: not told: $what" "$work/out" && continue
		note "not found: $what"
		return 1
	done
	export MMSCOPE_WITHOUT=ma_write
	finds "Linux 6.1 and later" mmscope doctor
}

doctor_finds_what_forbids_it()
{
	finds "CAP_BPF and CAP_PERFMON" su user -c "mmscope doctor" &&
		finds "does not tell its types" elsewhere "
			mount -t tmpfs none /sys/kernel/btf && mmscope doctor" || return 1
	[ -e /sys/kernel/security/lockdown ] || return 0
	echo "none integrity [confidentiality]" >"$work/lockdown"
	finds "the kernel is locked down" elsewhere "
		mount --bind $work/lockdown /sys/kernel/security/lockdown && mmscope doctor"
}

# try_clean NAME: with the environment of the others
try_clean()
{
	unset MMSCOPE_WITHOUT
	"$1"
}

echo "TAP version 13"
for test in no_right root_of_a_namespace two_capabilities_suffice process_is_gone kernel_thread \
	    exits_while_attaching no_btf locked_down old_kernel missing_hook module_alone \
	    pid_namespace doctor_finds_nothing_bad doctor_finds_what_is_missing \
	    doctor_finds_what_forbids_it; do
	try "$test" try_clean "$test"
done
finish
