/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_CONTEXT_H
#define MMSCOPE_TRACE_CONTEXT_H

#include "record/text.h"

void about_both(void);
void about_note(const struct mmscope_event *e);
const char *about_name(const struct mmscope_event *e);
const struct event_about *about(const struct mmscope_event *e);

#endif
