/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_OUTBOX_H
#define MMSCOPE_OUTBOX_H

#include <stdbool.h>
#include <linux/mmscope.h>
#include "bpf/probe.h"

struct area;
struct space;

/**
 * struct outbox_extra - what a record tells beside its 64 bytes
 * @rss: pages that came, or went if negative, by enum raw_rss
 * @lazy: pages that reclaim is to take first, or may drop
 * @by: name of the thread that did it, "" where it is the process's own
 */
struct outbox_extra {
	__s64 rss[RAW_NR_RSS];
	__u32 lazy;
	char by[16];
};

struct outbox_extra *outbox_extra(struct mmscope_event *e);
const struct outbox_extra *outbox_extra_last(void);

void outbox_because(const struct mmscope_event *raw);
const struct mmscope_event *outbox_raw(void);
struct mmscope_event *outbox_add(__u8 type, struct space *space, const struct area *area);
void outbox_name(struct space *space);
struct mmscope_event *outbox_pass(struct space *space);
void outbox_lost(unsigned int cpu, __u64 count);
struct mmscope_event *outbox_next(void);
bool outbox_pending(void);
__u32 outbox_rights(const struct area *area);

#endif
