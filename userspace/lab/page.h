/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LAB_PAGE_H
#define MMSCOPE_LAB_PAGE_H

#include <stdio.h>

/* Member of a step: how many records it had before all but PAGE_RECORDS_MOST were dropped */
#define PAGE_RECORDS		"nr_records"
#define PAGE_RECORDS_MOST	100

struct experiment;
struct json_object;

void page_add(struct json_object *run, const struct experiment *exp);
void page_write(FILE *out);

#endif
