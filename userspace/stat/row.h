/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_ROW_H
#define MMSCOPE_STAT_ROW_H

#include <stddef.h>
#include <linux/types.h>
#include "base/tool.h"

#define ROW_COLUMNS	8

struct fault_total;
struct report_table;

/**
 * struct row - the texts of a row of a table, while it is made
 * @n: number of columns that are filled
 * @text: text of each column; row_end() frees them
 */
struct row {
	size_t n;
	char *text[ROW_COLUMNS];
};

void __printf(2, 3) row_add(struct row *row, const char *fmt, ...);
void row_add_ns(struct row *row, __u64 ns, double unit);
void row_add_total(struct row *row, const struct fault_total *total);
void row_end(struct report_table *table, const struct row *row);
const char *row_short_name(const char *name);

#endif
