/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_MAP_SNAPSHOT_H
#define MMSCOPE_MAP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <sys/types.h>
#include "aspace/aspace.h"
#include "base/pagemap.h"

#define ATLAS_TOP_64	0x7ffffffff000ULL	/* above are only those who ask for it */
#define ATLAS_TOP_32	0xffffe000ULL
#define ATLAS_STRIP	40	/* columns at most */

/**
 * struct snapshot_vma - a VMA of an address space
 * @start: first address
 * @end: first address behind it
 * @offset: in the file, bytes
 * @inode: of the file, 0 for none
 * @major: of the file's device
 * @minor: of the file's device
 * @rights: as in /proc/PID/maps
 * @name: as there, "" for none
 * @flags: as in /proc/PID/smaps
 * @own: it is mmscope's own: a ring or map of its BPF programs, in no sum
 * @hidden: its pages have no struct page, and /proc does not tell of them
 * @vma: what the kernel told root of it, NULL for nothing
 * @pages: how many, by enum page_kind
 * @strip: a character for each page or so, drawn by snapshot_look()
 */
struct snapshot_vma {
	__u64 start;
	__u64 end;
	__u64 offset;
	__u64 inode;
	unsigned int major;
	unsigned int minor;
	char rights[5];
	char *name;
	char *flags;
	bool own;
	bool hidden;
	const struct vma *vma;
	__u64 pages[NR_PAGE_KINDS];
	char strip[ATLAS_STRIP + 1];
};

/**
 * struct snapshot - the address space of a process at one moment
 * @pid: the process
 * @comm: its name
 * @vmas: by address
 * @nr: how many
 * @room: for how many
 * @top: end of the addresses that it may use
 * @max: how many VMAs it may have (vm.max_map_count), 0 if that cannot be read
 * @width: columns of a strip
 * @probed: the kernel was asked for what /proc does not tell
 * @why: say why neighbours are two
 * @now: when it was looked at
 * @kept: it is of the past: each @vma is a copy, and pages are known by sum alone
 * @rss_known: that is known
 * @rss: that sum, by enum raw_rss
 */
struct snapshot {
	pid_t pid;
	char comm[16];
	struct snapshot_vma *vmas;
	size_t nr;
	size_t room;
	__u64 top;
	unsigned long max;
	unsigned int width;
	bool probed;
	bool why;
	__u64 now;
	bool kept;
	bool rss_known;
	__u64 rss[RAW_NR_RSS];
};

/**
 * struct snapshot_sum - totals of an atlas
 * @promised: bytes of all VMAs but mmscope's own
 * @own: bytes of those
 * @own_vmas: how many they are
 * @pages: by enum page_kind
 * @hole: where the largest hole begins
 * @hole_end: and ends
 */
struct snapshot_sum {
	__u64 promised;
	__u64 own;
	size_t own_vmas;
	__u64 pages[NR_PAGE_KINDS];
	__u64 hole;
	__u64 hole_end;
};

struct snapshot_vma *snapshot_add(struct snapshot *snapshot);
void snapshot_of_mm(struct snapshot *snapshot, const struct mm *mm, __u64 now);
int snapshot_may_look(pid_t pid);
int snapshot_look(struct snapshot *snapshot);
void snapshot_sum(const struct snapshot *snapshot, struct snapshot_sum *sum);
__u64 snapshot_end_before(const struct snapshot *snapshot, size_t i);
int snapshot_apart(const struct snapshot *snapshot, size_t i, char *buf, size_t size);
void snapshot_free(struct snapshot *snapshot);

void snapshot_print(const struct snapshot *snapshot);
void snapshot_print_json(const struct snapshot *snapshot);

#endif
