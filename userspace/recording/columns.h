/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_COLUMNS_H
#define MMSCOPE_RECORDING_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

/**
 * enum column - the members of a fault that are stored, each in its own column, in this order
 * @COLUMN_MASK: two bytes a fault: bits that say which of the members below differ from those of
 *	the fault before, or for @COLUMN_ADDR that its unit is bytes
 * @COLUMN_TIME: time_ns minus that of the fault before, folded; the first fault's own time
 * @COLUMN_ADDR: addr minus that of the fault before, folded: in units of 4 kB, unless that leaves a
 *	rest
 * @COLUMN_NS: ns, the fault's duration
 * @COLUMN_IP: ip minus that of the fault before, folded
 * @COLUMN_PGOFF: pgoff minus that of the fault before, folded
 * @COLUMN_FLAGS: flags; this member and those below are stored themselves, without a difference
 * @COLUMN_MM: mm
 * @COLUMN_VMA: vma
 * @COLUMN_SEQ: seq
 * @COLUMN_TID: tid
 * @COLUMN_CAUSE: cause, folded because it may be negative
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
 * struct columns - the faults of a block that is being written
 * @nr: how many faults
 * @last: the fault that was appended last
 * @base: where each column begins; the first begins the memory that was allocated for all
 * @at: where the next byte of each column goes
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
 * struct column_reader - the faults of a block that is being read
 * @last: the fault that was read last
 * @at: the next byte of each column
 * @end: behind the last byte of each column
 */
struct column_reader {
	struct mmscope_event last;
	const __u8 *at[NR_COLUMNS];
	const __u8 *end[NR_COLUMNS];
};

bool columns_read(struct column_reader *reader, const __u8 **at, const __u8 *end);
const struct mmscope_event *columns_get(struct column_reader *reader);

#endif
