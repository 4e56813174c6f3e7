#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The tracer tells each page that comes and each that goes: after each step of a program that makes
# them do so in all ways there are, the sums of what was told are what the kernel counts.

# shellcheck disable=SC2317	# the tests are called by their names
# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/memory.sh
. "$(dirname "$0")/memory.sh"

needs mmscope jq
needs_types skip_all
here=$(dirname "$0")

prepare()
{
	memory_prepare
	set_to 10 "$thp/khugepaged/scan_sleep_millisecs"
	set_to 10 "$thp/khugepaged/alloc_sleep_millisecs"
	set_to 4096 "$thp/khugepaged/pages_to_scan"
	set_to 1 "$ksm/use_zero_pages"
	mount -t cgroup2 none /sys/fs/cgroup
	set_to +memory /sys/fs/cgroup/cgroup.subtree_control
	mkdir /sys/fs/cgroup/rss_load
}

restore()
{
	memory_restore
	rmdir /sys/fs/cgroup/rss_load
}

# The sums at each mark, of its address space: "MARK ANON OTHER SWAP HUGETLB"
sums()
{
	jq -r 'select(.rss or .event == "mmap") |
		[.mm, .rss.anon // 0, (.rss.file // 0) + (.rss.shmem // 0), .rss.swap // 0,
		 .rss.hugetlb // 0, .event, .start // 0] | join(" ")' "$work/trace" |
		awk '{
			anon[$1] += $2
			other[$1] += $3
			swap[$1] += $4
			hugetlb[$1] += $5
		}
		$6 == "mmap" && $7 >= 4294967296 && $7 < 4296015872 {
			print $7, anon[$1], other[$1], swap[$1], hugetlb[$1]
		}'
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
	jq -c 'select(.why == "unseen")' "$work/trace" | sed -n '1,5s/^/# /p' >"$work/unseen"
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
	grep -E '^(process|  kernel|  records|[0-9]+ times)' "$work/out" | head -n 20 |
		sed 's/^/# /' - "$work/err"
	return 1
}

verify_agrees()
{
	verify "" 0 ' 0 differed'
}

verify_knows_pages()
{
	once "mmscope is made to miss something" || return
	verify rss_fork,rss_fork_done 1 'records Rss'
}

verify_knows_flags()
{
	once "mmscope is made to miss something" || return
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
