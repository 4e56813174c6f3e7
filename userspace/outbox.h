/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_OUTBOX_H
#define MMSCOPE_OUTBOX_H

#include <stdbool.h>
#include <linux/mmscope.h>

struct area;
struct space;

void outbox_because(const struct mmscope_event *raw);
const struct mmscope_event *outbox_raw(void);
struct mmscope_event *outbox_add(__u8 type, struct space *space, const struct area *area);
void outbox_name(struct space *space);
void outbox_pass(struct space *space);
void outbox_lost(unsigned int cpu, __u64 count);
struct mmscope_event *outbox_next(void);
bool outbox_pending(void);
__u32 outbox_rights(const struct area *area);

#endif
