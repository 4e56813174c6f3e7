/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_MAP_SNAPSHOT_H
#define MMSCOPE_MAP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <sys/types.h>
#include "aspace/aspace.h"
#include "base/pagemap.h"

#define ATLAS_TOP_64	0x7ffffffff000ULL	/* a process has to ask for addresses above it */
#define ATLAS_TOP_32	0xffffe000ULL
#define ATLAS_STRIP	40	/* columns of a strip at most */

/**
 * struct snapshot_vma - a VMA of a snapshot
 * @start: first address
 * @end: first address behind the VMA
 * @offset: of @start in the file, in bytes
 * @inode: number of the file's inode, 0 for none
 * @major: major number of the file's device
 * @minor: minor number of the file's device
 * @rights: as in /proc/PID/maps
 * @name: as in /proc/PID/maps, "" for none; the VMA owns it
 * @flags: VmFlags as in /proc/PID/smaps; the VMA owns it
 * @own: a ring or map of mmscope's own BPF programs, which is in no sum
 * @hidden: its pages have no struct page, so that /proc does not show them
 * @vma: what the tracer has told of it, NULL for nothing
 * @pages: number of pages by enum page_kind
 * @strip: a picture of its pages: a character for each page, or for several
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
 * @comm: name of the process
 * @vmas: its VMAs, by address
 * @nr: number of VMAs
 * @room: number of elements for which @vmas has room
 * @top: end of the addresses that the process may use
 * @max: number of VMAs that it may have (vm.max_map_count), 0 if that cannot be read
 * @width: columns of a strip
 * @probed: the tracer was asked for what /proc does not show
 * @why: print why neighbours are not merged
 * @now: time of the snapshot, in ns
 * @kept: the snapshot is of the past: each &snapshot_vma.vma is a copy, and pages are known in sum
 * @rss_known: @rss is known
 * @rss: pages of the process by enum raw_rss, if @kept
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
 * struct snapshot_sum - sums of a snapshot
 * @promised: bytes of all VMAs but mmscope's own
 * @own: bytes of mmscope's own VMAs
 * @own_vmas: number of mmscope's own VMAs
 * @pages: number of pages by enum page_kind
 * @hole: first address of the largest hole
 * @hole_end: first address behind it
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
