/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_REPORT_H
#define MMSCOPE_STAT_REPORT_H

#include <linux/types.h>

struct json_object;

void stat_report(void);
__u64 stat_count(void);
__u64 stat_unknown(void);
__u64 stat_unseen(void);
struct json_object *stat_usage_json(void);
__u64 stat_unnamed(void);

#endif
