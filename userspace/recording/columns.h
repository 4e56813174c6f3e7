/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_COLUMNS_H
#define MMSCOPE_RECORDING_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

/**
 * enum column - what is told of a fault apart, and in this order
 * @COLUMN_MASK: which of the members below differ from the fault before, as bits; two bytes
 * @COLUMN_TIME: how much later it was; the first one's time
 * @COLUMN_ADDR: how far it is from the one before, in pages if both are whole ones
 * @COLUMN_NS: as it is
 * @COLUMN_IP: how far it is from the one before
 * @COLUMN_PGOFF: the same
 * @COLUMN_FLAGS: this and the following as they are
 * @COLUMN_MM: mm
 * @COLUMN_VMA: vma
 * @COLUMN_SEQ: seq
 * @COLUMN_TID: tid
 * @COLUMN_CAUSE: cause
 * @COLUMN_CPU: cpu
 * @COLUMN_NPAGES: npages
 */
enum column {
	COLUMN_MASK,
	COLUMN_TIME,
	COLUMN_ADDR,
	COLUMN_NS,
	COLUMN_IP,
	COLUMN_PGOFF,
	COLUMN_FLAGS,
	COLUMN_MM,
	COLUMN_VMA,
	COLUMN_SEQ,
	COLUMN_TID,
	COLUMN_CAUSE,
	COLUMN_CPU,
	COLUMN_NPAGES,
	NR_COLUMNS,
};

/**
 * struct columns - faults on their way into a block
 * @nr: how many
 * @last: the one before
 * @base: where each column begins, the first at the begin of the memory for all
 * @at: and ends
 */
struct columns {
	unsigned int nr;
	struct mmscope_event last;
	__u8 *base[NR_COLUMNS];
	__u8 *at[NR_COLUMNS];
};

bool columns_make(struct columns *columns, unsigned int most);
void columns_free(struct columns *columns);
void columns_empty(struct columns *columns);
void columns_put(struct columns *columns, const struct mmscope_event *e);
size_t columns_size(const struct columns *columns);
__u8 *columns_write(const struct columns *columns, __u8 *at);

/**
 * struct column_reader - faults on their way out of a block
 * @last: the one before
 * @at: what comes next of each column
 * @end: behind it
 */
struct column_reader {
	struct mmscope_event last;
	const __u8 *at[NR_COLUMNS];
	const __u8 *end[NR_COLUMNS];
};

bool columns_read(struct column_reader *reader, const __u8 **at, const __u8 *end);
const struct mmscope_event *columns_get(struct column_reader *reader);

#endif
