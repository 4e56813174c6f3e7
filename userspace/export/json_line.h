/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_JSON_LINE_H
#define MMSCOPE_EXPORT_JSON_LINE_H

#include <stddef.h>
#include <linux/mmscope.h>

struct event_about;

const char *json_line(const struct mmscope_event *e, const struct event_about *about,
		      __u32 callers, size_t *n);

#endif
