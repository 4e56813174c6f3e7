/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_COLUMNS_H
#define MMSCOPE_TRACE_COLUMNS_H

#include <linux/mmscope.h>

struct event_about;
struct suggestion;

const char *columns_choose(const char *list, struct suggestion *near);
void columns_choose_usual(void);
bool columns_have(const char *name);
void columns_list(void);
void columns_since(__u64 first);
void columns_heading(void);
void columns_event(const struct mmscope_event *e, const struct event_about *about);

#endif
