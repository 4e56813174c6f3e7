/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_JSON_H
#define MMSCOPE_TRACE_JSON_H

#include <linux/mmscope.h>

struct event_about;

void trace_json(const struct mmscope_event *e, const struct event_about *about);

#endif
