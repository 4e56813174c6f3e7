/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KPROBE_H
#define MMSCOPE_TRACER_KPROBE_H

#include <stdbool.h>
#include <linux/types.h>

struct bpf_program;

int kprobe_attach(const struct bpf_program *prog, __u64 address, bool at_return, __u64 cookie);
void kprobe_detach_all(void);

#endif
