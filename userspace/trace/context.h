/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_CONTEXT_H
#define MMSCOPE_TRACE_CONTEXT_H

#include "record/text.h"

void event_context_both(void);
void event_context_note(const struct mmscope_event *e);
const char *event_context_name(const struct mmscope_event *e);
const struct event_about *about(const struct mmscope_event *e);

#endif
