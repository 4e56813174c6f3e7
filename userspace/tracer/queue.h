/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_QUEUE_H
#define MMSCOPE_TRACER_QUEUE_H

#include <stdbool.h>
#include <linux/mmscope.h>
#include "record/extra.h"

struct area;
struct space;

struct record_extra *outbox_extra(struct mmscope_event *e);
const struct record_extra *outbox_extra_last(void);

void outbox_because(const struct mmscope_event *raw);
const struct mmscope_event *outbox_raw(void);
struct mmscope_event *outbox_add(__u8 type, struct space *space, const struct area *area);
void outbox_name(struct space *space);
struct mmscope_event *outbox_pass(struct space *space);
struct mmscope_event *outbox_lost(unsigned int cpu, __u64 count);
struct mmscope_event *outbox_next(void);
bool outbox_pending(void);
__u32 outbox_rights(const struct area *area);

#endif
