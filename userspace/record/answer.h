/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_ANSWER_H
#define MMSCOPE_RECORD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct json;
struct record_extra;

void answer_text(__u32 answer, const char *between, char *buf, size_t size);
void answer_json(struct json *out, const struct mmscope_event *e, const struct record_extra *extra);
bool maps_own_page(const struct mmscope_event *e, const struct record_extra *extra);

#endif
