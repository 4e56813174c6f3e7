#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mmscope trace --hooks: what mm asks a driver. Of /dev/mmscope it is what its module has recorded
# itself; of others, what must be asked when their memory is mapped, touched and unmapped.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

# told FILE: of each record what a driver and whoever watches it agree about; then its VMAs' ids, and
# then the thread, by which they are sorted but for those of an mm's end: where another process held
# it last, the module tells 0, and the tracer who. What the load says is in the file, too.
told()
{
	grep '^{' "$1" | jq -r --argjson at_end -2 '
		def agreed: IN("read", "write", "exec", "shared", "user", "kernel", "remote",
			       "vma_lock", "cow", "tried", "error", "below");
		select(.cause != null and .vma != null) |
		select(.event | IN("map_pages", "name", "fork", "end") | not) |
		select(.flags | index("unasked") | not) | . as $record |
		[.flags[] | select(agreed)] as $flags |
		[("start", "end", "aux", "addr", "pgoff", "bytes") | select($record[.] != null) |
		 "\(.):\($record[.])"] as $places |
		[.vma, if .event | IN("split", "copy", "dup", "mremap") then .parent
		       else empty end] as $ids |
		(if .event == "unmap" and .cause == $at_end then 0 else .tid end) as $tid |
		"\($tid) \(.event) \(.cause) \($flags + $places | join(" "))|\($ids | join(" "))|\(.tid)"' |
		sort -s -n -k 1,1
}

# lineage: the ids of the two are the same but for their numbers, and the threads are, but for those
# of which the module may not tell
lineage()
{
	paste -d '|' "$work/module" "$work/hooks" | awk -F '|' '{
		n = split($2, a, " ")
		split($5, b, " ")
		if ($3 != $6 && $3 != 0) {
			print "# " $0
			exit 1
		}
		for (i = 1; i <= n; i++) {
			if (!(a[i] in to)) {
				to[a[i]] = b[i]
				back[b[i]]++
			}
			if (to[a[i]] != b[i] || back[b[i]] > 1) {
				print "# " $0
				exit 1
			}
		}
	}'
}

# The module's own log, which an inner mmscope reads that can load no BPF programs, and the calls
module_says_the_same()
{
	[ -c /dev/mmscope ] || { skip "no /dev/mmscope"; return; }
	# shellcheck disable=SC2016	# the inner shell expands it
	mmscope trace --questions --hooks /dev/mmscope --json -- unshare -m sh -c '
		mount -t tmpfs none /sys/kernel/btf &&
		mmscope trace --questions --json -- "$0" mmscope >"$1"' \
		"$here/hooks_load" "$work/inner" >"$work/outer" 2>"$work/err" || return 1
	told "$work/inner" >"$work/all"
	cut -d '|' -f 1 "$work/all" >"$work/by_module"
	cp "$work/all" "$work/module"
	told "$work/outer" >"$work/hooks"
	cut -d '|' -f 1 "$work/hooks" >"$work/by_hooks"
	for type in mmap may_split split copy dup mremap mprotect unmap move fault mkwrite \
		    pfn_mkwrite access; do
		grep -q "^[0-9]* $type " "$work/by_module" && continue
		note "no $type to compare"
		return 1
	done
	same by_module by_hooks && lineage
}

same()
{
	diff "$work/$1" "$work/$2" | head -n 20 | sed 's/^/# /'
	cmp -s "$work/$1" "$work/$2"
}

# Other drivers

# watched DRIVER OPERATIONS: its records are in $work/out; start and end are where its memory was
watched()
{
	mmscope trace --questions --hooks "$2" --json -- "$here/hooks_load" "$1" >"$work/out" 2>"$work/err"
	code=$?
	grep '^{' "$work/out" >"$work/records"
	missing=$(grep '^no ' "$work/out") && { skip "$missing"; return; }
	[ "$code" -eq 0 ] || { sed 's/^/# /' "$work/err"; return 1; }
	read -r start pages <<-EOT
		$(sed -n 's/^map //p' "$work/out")
	EOT
	end=$((start + pages * 4096))
	called ".event == \"mmap\" and .start == $start and .end == $end" && return
	sed 's/^/# /' "$work/out"
	return 1
}

# Nothing is missing that would have to be said
unquestioned()
{
	[ ! -s "$work/err" ] && return
	sed 's/^/# /' "$work/err"
	return 1
}

# called TEST: a record is as jq tests
called()
{
	jq -e -n "any(inputs; $1)" "$work/records" >"$work/found" && return
	note "no $1"
	sed 's/^/# /' "$work/out"
	return 1
}

# A kernel without the driver has no such operations either
has_operations()
{
	grep -q " $1\>" /proc/kallsyms && return
	skip "no $1 in this kernel"
}

# exactly N TYPE: so many records of that type are about the first page
exactly()
{
	n=$(jq -n "[inputs | select(.event == \"$2\" and .addr == $start)] | length" \
		"$work/records")
	[ "$n" -eq "$1" ] && return
	note "$n $2, not $1"
	sed 's/^/# /' "$work/out"
	return 1
}

# Where one function is asked for pages and whether they may be written, each call is one of both;
# newer kernels map all pages at once.
perf_pages()
{
	if grep -q " perf_mmap_fault$" /proc/kallsyms; then
		exactly 1 fault && exactly 1 mkwrite
	else
		exactly 0 fault && exactly 1 pfn_mkwrite
	fi
}

perf()
{
	has_operations perf_mmap_vmops || return
	watched perf perf_mmap_vmops && unquestioned || return
	perf_pages &&
		called ".event == \"unmap\" and .syscall == \"munmap\" and .end == $end" || return 1
	if grep -q "^was split" "$work/out"; then
		called ".event == \"split\" and .start == $start"
	else
		called ".event == \"may_split\" and .start == $start and
			(.flags | index(\"error\"))"
	fi
}

# Nobody may trace the tracer: what happens to its memory is told by other means.
ftrace()
{
	has_operations tracing_buffers_vmops || return
	watched ftrace tracing_buffers_vmops || return
	grep -q "nobody may watch calls of ->open, ->close" "$work/err" &&
		called ".event == \"unmap\" and .syscall == \"munmap\" and
			.start == $start and .end == $end"
}

udmabuf()
{
	has_operations udmabuf_vm_ops || return
	watched udmabuf udmabuf_vm_ops && unquestioned || return
	called ".event == \"fault\" and .addr == $start and (.flags | index(\"write\"))"
}

# Drivers with mistakes

# driven NAME...: mmscope_drivers.ko's are watched, records are in $work/records
driven()
{
	mmscope trace --questions --hooks /dev/mmscope_drivers --json -- "$here/hooks_load" drivers "$@" \
		>"$work/out" 2>"$work/err" && unquestioned || return 1
	grep '^{' "$work/out" >"$work/records"
}

# of NAME: where that driver's memory was
of()
{
	sed -n "s/^$1 \([0-9]*\) 8$/\1/p" "$work/out"
}

# pages NAME EVENT: given back, in all such records about that memory
pages()
{
	jq -n --argjson from "$(of "$1")" "[inputs | select(.event == \"$2\" and .start >= \$from and
		.end <= \$from + 8 * 4096) | .pages] | add // 0" "$work/records"
}

# balance JSON: what the summary says of births and ends
balance()
{
	got=$(jq -c -S 'select(.event == "summary") | .driver' "$work/records")
	[ "$got" = "$1" ] && return
	note "$got, not $1"
	return 1
}

answers()
{
	for want in 'good|[]' 'sigsegv|["SIGSEGV"]' 'oom|["OOM"]' 'own|["NOPAGE"]'; do
		called ".event == \"fault\" and .addr == $(of "${want%%|*}") + 4096 and
			.answer == ${want#*|}" || return 1
	done
	called '.attempt == 20 and .answer == ["OOM"]' &&
		called '.mapped == "own page" and (.flags | index("cow"))' || return 1
	[ "$(jq -n '[inputs | select(.answer == ["OOM"])] | length' "$work/records")" -eq 20 ]
}

# One page by madvise(2), of which no driver is told, and one by munmap(2), of which each is.
given_back()
{
	if [ "$(pages good advise)" -ne 1 ] || [ "$(pages good unmap)" -ne 1 ]; then
		note "$(pages good advise) by madvise(2), $(pages good unmap) by munmap(2)"
		return 1
	fi
	for event in advise mprotect; do
		called ".event == \"$event\" and (.flags | index(\"unasked\"))" || return 1
	done
}

drivers()
{
	[ -e "$here/mmscope_drivers.ko" ] || { skip "no mmscope_drivers.ko"; return; }
	insmod "$here/mmscope_drivers.ko" || return 1
	# Of sigsegv one mapping stays, which the two that follow give their children, too.
	driven good sigsegv oom own && answers && given_back &&
		balance '{"born_unasked":0,"closed":18,"gone_unasked":0,"mapped":4,"not_closed":0,"opened":14,"there":0}'
}

missing_hooks()
{
	[ -c /dev/mmscope_drivers ] || { skip "no mmscope_drivers.ko"; return; }
	driven no_open &&
		balance '{"born_unasked":4,"closed":5,"gone_unasked":0,"mapped":1,"not_closed":-4,"opened":0,"there":0}' &&
		called '.answer == ["LOCKED"]' &&
		called '.event == "dup" and (.flags | index("unasked"))' || return 1
	mmscope trace --hooks /dev/mmscope_drivers -- "$here/hooks_load" drivers no_close \
		>"$work/out" 2>"$work/err"
	grep -q "^VMAs: 1 by mmap, 0 there before, 4 opened, 0 closed, 5 gone that it has no ->close for" \
		"$work/out" && grep -q "^5 not closed" "$work/out" && rmmod mmscope_drivers && return
	tail -n 20 "$work/out" | sed 's/^/# /'
	return 1
}

# Whoever asks

no_driver()
{
	complains 2 "No such file" mmscope trace --hooks /dev/nonsense -- true &&
		complains 2 "no device" mmscope trace --hooks /etc/passwd -- true &&
		complains 2 "no such vm_operations_struct" mmscope trace --hooks nonsense -- true
}

# As whoever reads a device without ->mmap does, and whoever leaves it alone.
driver_that_nobody_maps()
{
	complains 0 "nobody mapped memory" mmscope trace --hooks /dev/null -- cat /dev/null || return 1
	[ -n "$SCOPE_ELSEWHERE" ] ||
		complains 0 "nobody mapped memory" mmscope trace --hooks /dev/null -- true
}

no_right()
{
	complains 3 "CAP_BPF and CAP_PERFMON" su user -c "mmscope trace --hooks /dev/null -- true" &&
		complains 3 "hides its addresses" \
			su user -c "mmscope trace --hooks special_mapping_vmops -- true"
}

no_kprobes()
{
	once "that the kernel lacks them is pretended" || return
	complains 3 CONFIG_KPROBE_EVENTS unshare -m sh -c "
		mount -t tmpfs none /sys/bus/event_source/devices &&
		mmscope trace --hooks special_mapping_vmops -- true"
}

not_together()
{
	complains 2 "not together with --hooks" mmscope trace --verify --hooks /dev/null -- true
}

echo "TAP version 13"
for test in module_says_the_same perf ftrace udmabuf drivers missing_hooks no_driver \
	    driver_that_nobody_maps no_right no_kprobes not_together; do
	try "$test" "$test"
done
finish
