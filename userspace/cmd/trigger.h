/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CMD_TRIGGER_H
#define MMSCOPE_CMD_TRIGGER_H

#include <stdbool.h>
#include <linux/mmscope.h>

struct verb;

int trigger_parse(const struct verb *verb, const char *text);
bool trigger_given(void);
bool trigger_of_records(void);
void trigger_needs(void);
const char *trigger_matches(const struct mmscope_event *e);
bool trigger_at_end(int status);

#endif
