/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_FAILURE_H
#define MMSCOPE_RECORD_FAILURE_H

#include <linux/mmscope.h>

struct event_about;
struct event_text;
struct json;

const char *failure_name(const struct mmscope_event *e);
void failure_text(const struct mmscope_event *e, const struct event_about *about,
		  struct event_text *text);
void failure_json(struct json *out, const struct mmscope_event *e,
		  const struct event_about *about);

#endif
