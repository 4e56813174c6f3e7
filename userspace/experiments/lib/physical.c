// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel knows of physical addresses: /proc/iomem (or ioports) and the firmware's map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "experiments/lib/physical.h"
#include "lab/experiment.h"

/**
 * physical_iomem - read the tree of resources
 * @path: /proc/iomem or /proc/ioports; who is not root reads addresses of 0
 * @ranges: to be filled
 * @most: how many there is room for
 *
 * Return: how many there are
 */
size_t physical_iomem(const char *path, struct range *ranges, size_t most)
{
	struct proc_lines lines;
	const char *line;
	size_t n = 0;

	if (!proc_open(&lines, path))
		return 0;
	while ((line = proc_line(&lines))) {
		struct range *r = &ranges[n];

		if (n < most && sscanf(line, " %llx-%llx : %43[^\n]", &r->start, &r->end,
				       r->type) == 3) {
			r->depth = strspn(line, " ") / 2;
			n++;
		}
	}
	return n;
}

static __u64 number(size_t i, const char *file)
{
	char path[64], word[24];

	snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/%s", i, file);
	proc_word(path, word, sizeof(word));
	return strtoull(word, NULL, 0);
}

/**
 * physical_firmware - read the map that the firmware gave, from /sys/firmware/memmap
 * @ranges: to be filled, in the firmware's order
 * @most: how many there is room for
 *
 * Return: how many there are; 0 for who is not root
 */
size_t physical_firmware(struct range *ranges, size_t most)
{
	char path[64];
	size_t n = 0;

	for (; n < most; n++) {
		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/type", n);
		if (!proc_word(path, ranges[n].type, sizeof(ranges[n].type)))
			break;
		ranges[n].start = number(n, "start");
		ranges[n].end = number(n, "end");
		ranges[n].depth = 0;
	}
	return n;
}

/**
 * physical_sum - add up the ranges of a type, as far as they are in a window
 * @ranges: outermost ones count
 * @n: how many
 * @type: the type
 * @from: first address of the window
 * @to: last address
 *
 * Return: bytes
 */
__u64 physical_sum(const struct range *ranges, size_t n, const char *type, __u64 from, __u64 to)
{
	__u64 sum = 0;

	for (size_t i = 0; i < n; i++) {
		__u64 start = ranges[i].start > from ? ranges[i].start : from;
		__u64 end = ranges[i].end < to ? ranges[i].end : to;

		if (!ranges[i].depth && !strcmp(ranges[i].type, type) && start <= end)
			sum += end - start + 1;
	}
	return sum;
}

/**
 * physical_size - as a person would say it
 * @bytes: size
 */
const char *physical_size(__u64 bytes)
{
	static const char units[] = "KMGTPE";
	static char text[4][24];
	static size_t used;
	char *buf = text[used++ % ARRAY_SIZE(text)];
	double value = bytes / 1024.0;
	size_t i = 0;

	for (; value >= 1024 && i < sizeof(units) - 2; i++)
		value /= 1024;
	snprintf(buf, sizeof(text[0]), value < 10 && value != (int)value ? "%.1f %ciB" :
		 "%.0f %ciB", value, units[i]);
	return buf;
}
