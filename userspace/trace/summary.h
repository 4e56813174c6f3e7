/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_SUMMARY_H
#define MMSCOPE_TRACE_SUMMARY_H

#include <json-c/json.h>
#include <linux/mmscope.h>

void summary_note(const struct mmscope_event *e);
void summary_print(void);
void summary_json(struct json_object *line);

#endif
