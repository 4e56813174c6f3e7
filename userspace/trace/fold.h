/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_FOLD_H
#define MMSCOPE_TRACE_FOLD_H

#include <linux/mmscope.h>

struct event_about;

void fold_event(const struct mmscope_event *e, const struct event_about *about);
void fold_tick(void);
void fold_flush(void);

#endif
