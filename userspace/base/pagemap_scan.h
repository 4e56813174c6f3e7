/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PAGEMAP_SCAN, an ioctl(2) on /proc/PID/pagemap since 6.7. <linux/fs.h> defines it, but some
 * systems that the tool is built on have an older one; so it is here under other names.
 */
#ifndef MMSCOPE_BASE_PAGEMAP_SCAN_H
#define MMSCOPE_BASE_PAGEMAP_SCAN_H

#include <linux/types.h>
#include <sys/ioctl.h>

/* A run of pages that have the same categories: struct page_region of <linux/fs.h> */
struct scan_region {
	__u64 start;
	__u64 end;
	__u64 categories;
};

struct scan {
	__u64 size;
	__u64 flags;
	__u64 start;
	__u64 end;
	__u64 walk_end;
	__u64 vec;
	__u64 vec_len;
	__u64 max_pages;
	__u64 inverted;
	__u64 all_of;
	__u64 any_of;
	__u64 wanted;
};

#define SCAN		_IOWR('f', 16, struct scan)

/* Categories: PAGE_IS_* of <linux/fs.h> */
#define IS_FILE		0x004
#define IS_PRESENT	0x008
#define IS_SWAPPED	0x010
#define IS_PFNZERO	0x020
#define IS_GUARD	0x100	/* since 6.15 */

#endif
