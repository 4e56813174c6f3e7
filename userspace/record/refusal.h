/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_REFUSAL_H
#define MMSCOPE_RECORD_REFUSAL_H

#include <linux/mmscope.h>

struct event_about;
struct event_text;

const char *refusal_name(__u32 error);
const char *refusal_word(__u32 error);
const char *refusal_figure(__u32 error);
void refusal_text(const struct mmscope_event *e, const struct event_about *about,
		  struct event_text *text);

#endif
