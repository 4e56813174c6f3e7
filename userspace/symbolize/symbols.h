/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_SYMBOLS_H
#define MMSCOPE_SYMBOLIZE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define MAX_LAYOUTS	16	/* that are kept */

struct layout;
struct symbol_range;

/**
 * struct symbols - what a session knows of code, and where it is
 * @ranges: of programs and libraries, NULL while there are none
 * @nr_ranges: how many
 * @room: for so many
 * @missed_mm: address space in which an instruction was looked for last in vain: not again
 * @missed_ip: that instruction
 * @on_learn: is called for each range that /proc tells of, or NULL
 * @past: records are of the past: who has these numbers now is somebody else
 * @layouts: programs of address spaces whose stacks are unwound; NULL where none was yet
 * @last_layout: number of the last one that was made
 * @uses: how often one was used
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

/* Those of the session that is selected. */
extern struct symbols *symbols;

struct symbols *symbols_new(void);
void symbols_select(struct symbols *selected);

#endif
