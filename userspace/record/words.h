/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_WORDS_H
#define MMSCOPE_RECORD_WORDS_H

#include <linux/mmscope.h>

const char *words_span(__u64 first, __u64 last);
const char *words_range(const struct mmscope_event *e, __u64 first);
const char *words_cause(int cause);
const char *words_rights(const struct mmscope_event *e);
const char *words_count(const struct mmscope_event *e, const char *what);
const char *words_fault(const struct mmscope_event *e);

#endif
