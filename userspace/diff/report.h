/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DIFF_REPORT_H
#define MMSCOPE_DIFF_REPORT_H

#include "diff/match.h"

bool diff_report(const struct matched *matched, const char *a, const char *b);

/* diff/vma_list.c */
void report_vmas(const struct matched *matched);
struct json_object *json_vmas(const struct matched *matched);
const char *change_word(enum change change);

#endif
