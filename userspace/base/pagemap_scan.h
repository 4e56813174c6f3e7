/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ioctl(2) on /proc/PID/pagemap since 6.7, from <linux/fs.h>, which is older on some of the systems
 * that this is built on.
 */
#ifndef MMSCOPE_BASE_PAGEMAP_SCAN_H
#define MMSCOPE_BASE_PAGEMAP_SCAN_H

#include <linux/types.h>
#include <sys/ioctl.h>

/* Pages that have categories in common */
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

/* Categories */
#define IS_FILE		0x004
#define IS_PRESENT	0x008
#define IS_SWAPPED	0x010
#define IS_PFNZERO	0x020
#define IS_GUARD	0x100	/* since 6.15 */

#endif
