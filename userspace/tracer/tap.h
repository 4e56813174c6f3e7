/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_TAP_H
#define MMSCOPE_TRACER_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct raw_ops;
struct vma_image;

/**
 * struct tracer_tap - who is given raw records as they come, to keep them
 * @shown: records are shown, too: faults are to be looked at further
 * @fault: a fault
 * @raw: any other record, without addresses of the kernel, and its bytes
 * @ops: operations, before the first record that has them; @number stands for their address
 * @drained: all that there was for the moment has been given
 * @commit: the record that follows may be of a call that was refused for want of memory
 */
struct tracer_tap {
	bool shown;
	void (*fault)(const struct mmscope_event *raw);
	void (*raw)(const struct mmscope_event *raw, size_t size);
	void (*ops)(__u64 number, const struct raw_ops *hooks, const char *name);
	void (*drained)(void);
	void (*commit)(void);
};

void tracer_tap(const struct tracer_tap *tap);
bool tap_takes(const struct mmscope_event *raw, size_t size);
void tap_drained(void);
void tap_hide(struct vma_image *image);
bool tap_open(void);

#endif
