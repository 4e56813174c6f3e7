/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_TRACER_H
#define MMSCOPE_TRACER_TRACER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

/* Why probe_open() failed, beside -errno */
#define PROBE_NO_BTF		(-1001)
#define PROBE_LOCKED_DOWN	(-1002)
#define PROBE_OLD_KERNEL	(-1003)

void probe_again(void);
void probe_failures(void);
bool probe_tells_again(void);
void probe_faults(enum fault_mode mode);
void probe_types(const __u64 types[RECORD_SET]);
void probe_stacks(enum stack_way way);
enum stack_way probe_stack_way(void);

/**
 * enum probe_use - what is to be told
 * @PROBE_LOOK: what is there
 * @PROBE_FOLLOW: and what changes
 * @PROBE_HOOKS: and calls of drivers' hooks
 * @PROBE_TRY: nothing, but whether it could be
 */
enum probe_use {
	PROBE_LOOK,
	PROBE_FOLLOW,
	PROBE_HOOKS,
	PROBE_TRY,
};

int probe_open(enum probe_use use);
void probe_stop(void);
void probe_close(void);
const char *probe_reason(int error, const char **todo);
int probe_complain(int error);

const char *probe_buffer(const char *kib);
void probe_target(pid_t pid);
void probe_wide(const struct wide *whom);
int probe_attach(pid_t pid);
void probe_attached(void);
void probe_attach_again(pid_t pid);
void probe_ops(struct raw_ops *ops);
void probe_device(dev_t rdev);
int probe_watch_ops(__u64 ops);
int probe_hook(__u64 function, enum raw_hook hook);
int probe_fd(void);
void probe_pass_over(bool (*unwanted)(const struct mmscope_event *fault));
__u64 probe_passed_over(void);
const struct mmscope_event *probe_next(void);
__u64 probe_lost(void);
__u64 probe_refused(void);
__u64 probe_skipped(void);
__u64 probe_lost_calls(void);
const struct usage *probe_usage(void);
__u64 probe_unseen(__u64 seen);

struct fault_sums *probe_sums(size_t *n);
bool probe_driver(struct fault_driver *driver, bool before, struct fault_total *total);
bool probe_refusal(__u32 *error, bool before, struct fault_total *total);
__u64 probe_lost_stacks(void);
size_t probe_stack(__u32 id, __u64 frames[MAX_FRAMES]);

#endif
