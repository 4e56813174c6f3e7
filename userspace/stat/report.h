/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_REPORT_H
#define MMSCOPE_STAT_REPORT_H

#include <linux/types.h>

struct json_object;

void tally_report(void);
__u64 tally_count(void);
__u64 tally_unknown(void);
__u64 tally_unseen(void);
struct json_object *tally_usage_json(void);
__u64 tally_unnamed(void);

#endif
