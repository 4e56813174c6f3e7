/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_TABLES_H
#define MMSCOPE_STAT_TABLES_H

#include <stddef.h>

/**
 * enum tables_order - which rows of a table come first
 * @TABLES_FAULTS: those with most faults
 * @TABLES_TIME: those whose faults took most time; VMAs, whose time is not known, by faults
 * @TABLES_PAGES: those whose faults brought most pages; VMAs by the pages that are present
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

/* The parts of the report of mmscope stat */
void report_classes(void);
void report_rows(void);
void report_json_vmas(void);
void report_places(void);
void report_json_sites(void);

#endif
