/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_TABLES_H
#define MMSCOPE_STAT_TABLES_H

#include <stddef.h>

/**
 * enum tables_order - what the rows of a table that come first have most of
 * @TABLES_FAULTS: faults
 * @TABLES_TIME: time that these took; of VMAs it is not known: faults
 * @TABLES_PAGES: pages that these brought; of VMAs those that are present
 */
enum tables_order {
	TABLES_FAULTS,
	TABLES_TIME,
	TABLES_PAGES,
};

const char *tables_top(const char *text);
const char *tables_sort(const char *word);
size_t tables_most(void);
enum tables_order tables_order(void);

/* What stat's report consists of */
void report_classes(void);
void report_rows(void);
void report_json_vmas(void);
void report_places(void);
void report_json_sites(void);

#endif
