/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_SYMBOLS_H
#define MMSCOPE_SYMBOLIZE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define MAX_LAYOUTS	16	/* layouts that are kept */

struct layout;
struct symbol_range;

/**
 * struct symbols - what a session knows of code
 * @ranges: ranges of programs and libraries, NULL while there are none
 * @nr_ranges: number of elements of @ranges
 * @room: number of elements for which @ranges has room
 * @missed_mm: address space whose maps were read last
 * @missed_ip: instruction for which they were read; they are not read for it again
 * @on_learn: function that is called for each range that /proc tells, or NULL
 * @past: records are of a recording: its ids are those of other processes now
 * @layouts: layouts of address spaces whose stacks are unwound; NULL where there was none yet
 * @last_layout: id of the layout that was made last
 * @uses: number of times that a layout was used
 */
struct symbols {
	struct symbol_range *ranges;
	size_t nr_ranges;
	size_t room;
	unsigned int missed_mm;
	__u64 missed_ip;
	void (*on_learn)(const struct symbol_range *range);
	bool past;
	struct layout *layouts;
	__u64 last_layout;
	__u64 uses;
};

/* The object of the session that is selected. */
extern struct symbols *symbols;

struct symbols *symbols_new(void);
void symbols_select(struct symbols *selected);

#endif
