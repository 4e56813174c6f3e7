#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tracer tells each page that comes and each that goes: after each step of a program that makes
# them do so in all ways there are, the sums of what was told are what the kernel counts.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"

needs mmscope
needs_types skip_all
here=$(dirname "$0")
thp=/sys/kernel/mm/transparent_hugepage
ksm=/sys/kernel/mm/ksm

# set_to VALUE FILE: as it is to be while the tests run
set_to()
{
	[ -w "$2" ] && echo "$1" >"$2" 2>/dev/null
}

prepare()
{
	was=$(sed 's/.*\[\(.*\)\].*/\1/' $thp/enabled)
	set_to madvise $thp/enabled
	set_to 10 $thp/khugepaged/scan_sleep_millisecs
	set_to 10 $thp/khugepaged/alloc_sleep_millisecs
	set_to 4096 $thp/khugepaged/pages_to_scan
	set_to 4 /proc/sys/vm/nr_hugepages
	set_to 1 $ksm/use_zero_pages
	set_to 1000 $ksm/pages_to_scan
	set_to 10 $ksm/sleep_millisecs
	set_to 1 $ksm/run
	mount -t cgroup2 none /sys/fs/cgroup
	set_to +memory /sys/fs/cgroup/cgroup.subtree_control
	mkdir /sys/fs/cgroup/rss_load
	set_to 1 /sys/block/zram0/reset
	set_to 64M /sys/block/zram0/disksize
	mkswap /dev/zram0 && swapon /dev/zram0 && disk=/dev/zram0
}

restore()
{
	set_to "$was" $thp/enabled
	set_to 0 /proc/sys/vm/nr_hugepages
	set_to 2 $ksm/run
	swapoff /dev/zram0
	set_to 1 /sys/block/zram0/reset
	rmdir /sys/fs/cgroup/rss_load
}

# The sums at each mark, of its address space: "MARK ANON OTHER SWAP HUGETLB"
sums()
{
	awk 'function of(name,   at) {
			if (!match($0, "\"" name "\":-?[0-9]*"))
				return 0
			at = substr($0, RSTART, RLENGTH)
			sub("\"" name "\":", "", at)
			return at + 0
		}
		{
			mm = of("mm")
			if (match($0, /"rss":\{[^}]*\}/)) {
				line = $0
				$0 = substr(line, RSTART, RLENGTH)
				anon[mm] += of("anon")
				other[mm] += of("file") + of("shmem")
				swap[mm] += of("swap")
				hugetlb[mm] += of("hugetlb")
				$0 = line
			}
			start = of("start")
		}
		/"event":"mmap"/ && start >= 4294967296 && start < 4296015872 {
			print start, anon[mm], other[mm], swap[mm], hugetlb[mm]
		}' "$work/trace"
}

sums_agree()
{
	load="\"$here/rss_load\" $(command -v mmscope) $disk"
	mmscope trace --json -- sh -c "exec $load >\"$work/load\"" >"$work/trace" \
		2>"$work/err" || return 1
	grep -v '^no ' "$work/load" | cut -d ' ' -f 2- | sort -u >"$work/want"
	sums | sort -u >"$work/got"
	grep -v '^no ' "$work/load" | sort -u -k 2,2n | awk -v got="$work/got" '
		BEGIN { while ((getline line <got) > 0) { split(line, f, " "); told[f[1]] = line } }
		{
			want = $2 " " $3 " " $4 " " $5 " " $6
			if (told[$2] != want) {
				print "# " $1 ": the kernel has " want ", told are " told[$2]
				bad++
			}
			n++
		}
		END { exit bad > 0 || n < 30 }' && [ ! -s "$work/err" ] && return
	sed 's/^/# /' "$work/err"
	return 1
}

nothing_is_unseen()
{
	grep '"why":"unseen"' "$work/trace" | head -n 5 | sed 's/^/# /' >"$work/unseen"
	[ ! -s "$work/unseen" ] && return
	cat "$work/unseen"
	return 1
}

# verify WITHOUT WANTED TEXT: its exit code is WANTED, and it shows TEXT
verify()
{
	MMSCOPE_WITHOUT=$1 mmscope trace --verify -- "$here/rss_load" "$(command -v mmscope)" \
		>"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq "$2" ] && grep -q "$3" "$work/out" && return
	note "exit code $code"
	grep -v '^[a-z_]* [0-9]' "$work/out" | head -n 20 | sed 's/^/# /' - "$work/err"
	return 1
}

verify_agrees()
{
	verify "" 0 ' 0 differed'
}

verify_knows_pages()
{
	verify rss_fork,rss_fork_done 1 'records Rss'
}

verify_knows_flags()
{
	verify mlock_vma 1 'records .* VmFlags'
}

# What this machine could not show is no success.
none_is_lacking()
{
	lacks=$(sed -n 's/^no \([^:]*\).*/\1/p' "$work/load" | sort -u | tr '\n' ',')
	[ -z "$lacks" ] && return
	skip "no ${lacks%,}"
}

disk=
prepare >"$work/prepared" 2>&1
echo "TAP version 13"
for test in sums_agree nothing_is_unseen none_is_lacking verify_agrees verify_knows_pages \
	    verify_knows_flags; do
	try "$test" "$test"
done
restore >/dev/null 2>&1
finish
