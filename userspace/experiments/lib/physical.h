/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_PHYSICAL_H
#define MMSCOPE_LIB_PHYSICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct range - physical addresses, and what is there
 * @start: first address
 * @end: last address
 * @depth: 0, or how many ranges it is in
 * @type: as the kernel calls it
 */
struct range {
	__u64 start;
	__u64 end;
	int depth;
	char type[44];
};

size_t physical_iomem(const char *path, struct range *ranges, size_t most);
size_t physical_firmware(struct range *ranges, size_t most);
__u64 physical_sum(const struct range *ranges, size_t n, const char *type, __u64 from, __u64 to);
const char *physical_size(__u64 bytes);

#endif
