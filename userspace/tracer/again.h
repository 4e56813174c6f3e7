/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_AGAIN_H
#define MMSCOPE_TRACER_AGAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

void again_fault(struct mmscope_event *e);
void again_observe(struct mmscope_event *e);
bool again_is(const struct mmscope_event *e);
void again_by(const struct mmscope_event *e, char *buf, size_t size);
__u64 again_ago(const struct mmscope_event *e);
void again_words(const struct mmscope_event *e, char *buf, size_t size);
__u64 again_missed(void);

#endif
