/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EVENT_H
#define MMSCOPE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct json_object;

/**
 * struct event_text - a record in words
 * @event: what happened, one or two words
 * @where: range or address
 * @what: the rest
 */
struct event_text {
	char event[16];
	char where[48];
	char what[160];
};

bool event_structural(const struct mmscope_event *e);
const char *event_name(unsigned int type);
void event_text(const struct mmscope_event *e, const char *at, struct event_text *text);
struct json_object *event_json(const struct mmscope_event *e, const char *at);

const char *cause_name(int cause);
void cause_text(int cause, char *buf, size_t size);

#endif
