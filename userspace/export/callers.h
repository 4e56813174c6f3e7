/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_CALLERS_H
#define MMSCOPE_EXPORT_CALLERS_H

#include <stddef.h>
#include <linux/mmscope.h>
#include "symbolize/unwind.h"

/**
 * struct callers - what led to a fault
 * @n: how many instructions
 * @codes: their numbers; first the one that faulted, then those that called
 * @end: where it ends
 */
struct callers {
	size_t n;
	__u32 *codes;
	enum unwind_end end;
};

void callers_begin(void);
__u32 callers_told(const struct mmscope_event *fault);
__u32 callers_of(const struct mmscope_event *fault);
const struct callers *callers_get(__u32 id);
size_t callers_number(void);
const char *callers_end(enum unwind_end end);

#endif
