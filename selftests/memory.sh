# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# For tests that need all that takes pages away and brings them: source it, call memory_prepare,
# and memory_restore at the end. What a machine lacks is left out.

thp=/sys/kernel/mm/transparent_hugepage
ksm=/sys/kernel/mm/ksm
swap=/dev/zram0

# set_to VALUE FILE: as it is to be while the tests run
set_to()
{
	[ -w "$2" ] && echo "$1" >"$2" 2>/dev/null
}

memory_prepare()
{
	was=$(sed 's/.*\[\(.*\)\].*/\1/' $thp/enabled)
	was_shmem=$(sed 's/.*\[\(.*\)\].*/\1/' $thp/shmem_enabled)
	set_to madvise $thp/enabled
	set_to 4 /proc/sys/vm/nr_hugepages
	set_to 1000 $ksm/pages_to_scan
	set_to 10 $ksm/sleep_millisecs
	set_to 1 $ksm/run
	set_to 1 /sys/block/zram0/reset
	set_to 64M /sys/block/zram0/disksize
	mkswap $swap && swapon $swap && disk=$swap
}

memory_restore()
{
	set_to "$was" $thp/enabled
	set_to "$was_shmem" $thp/shmem_enabled
	set_to 0 /proc/sys/vm/nr_hugepages
	set_to 2 $ksm/run
	swapoff $swap
	set_to 1 /sys/block/zram0/reset
}
