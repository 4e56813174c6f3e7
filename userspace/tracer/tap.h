/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_TAP_H
#define MMSCOPE_TRACER_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct raw_ops;
struct vma_image;

/**
 * struct tracer_tap - functions of a recorder, which are given raw records as they come
 * @shown: faults are decoded, too, since they are shown
 * @fault: takes a fault
 * @raw: takes any other raw record, without the kernel's addresses, and its size in bytes
 * @ops: takes operations before the first record that has them; @number stands for their address
 * @drained: is called when the ring was read to its end, if any record was given since
 * @commit: is called before a record of a failed call that vm.overcommit_memory may have refused
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
