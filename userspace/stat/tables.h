/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_TABLES_H
#define MMSCOPE_STAT_TABLES_H

/* What stat's report consists of */
void report_classes(void);
void report_rows(void);
void report_json_vmas(void);
void report_places(void);
void report_json_sites(void);

#endif
