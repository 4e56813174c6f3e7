/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_BALANCE_H
#define MMSCOPE_TRACE_BALANCE_H

#include <json-c/json.h>
#include <linux/types.h>

void balance_print(__u64 lost);
void balance_json(struct json_object *line);

#endif
