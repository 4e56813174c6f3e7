/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_RSS_ACCOUNT_H
#define MMSCOPE_TRACER_RSS_ACCOUNT_H

#include <stdbool.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

struct mm;

void account_fault(struct mm *mm, const struct mmscope_event *raw, __s64 rss[RAW_NR_RSS]);
void account_begin(struct mm *mm, __u32 tid);
void account_without_faults(bool without);
void account_check(struct mm *mm, const struct raw_pages *raw);
__s64 account_add(struct mm *mm, struct mmscope_event *e, const struct raw_pages *raw);
void account_tell(struct mm *mm, const struct raw_pages *raw);
void account_take(struct mm *mm, const struct raw_pages *raw);
bool account_goes_on(const struct mmscope_event *raw);
void account_flush(void);

#endif
