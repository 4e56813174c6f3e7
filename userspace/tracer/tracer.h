/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_TRACER_H
#define MMSCOPE_TRACER_TRACER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

/* Why tracer_open() failed, beside -errno */
#define TRACER_NO_BTF		(-1001)
#define TRACER_LOCKED_DOWN	(-1002)
#define TRACER_OLD_KERNEL	(-1003)

void tracer_again(void);
void tracer_failures(void);
bool tracer_tells_again(void);
void tracer_faults(enum fault_mode mode);
void tracer_types(const __u64 types[RECORD_SET]);
void tracer_stacks(enum stack_way way);
enum stack_way tracer_stack_way(void);

/**
 * enum tracer_use - what the programs are loaded for
 * @TRACER_LOOK: to tell which VMAs a process has
 * @TRACER_FOLLOW: to tell also what changes
 * @TRACER_HOOKS: to tell also calls of drivers' hooks
 * @TRACER_TRY: to find out whether they can be loaded; what this kernel lacks is not printed
 */
enum tracer_use {
	TRACER_LOOK,
	TRACER_FOLLOW,
	TRACER_HOOKS,
	TRACER_TRY,
};

int tracer_open(enum tracer_use use);
void tracer_stop(void);
void tracer_close(void);
const char *tracer_reason(int error, const char **todo);
int tracer_complain(int error);

const char *tracer_buffer(const char *kib);
void tracer_target(pid_t pid);
void tracer_wide(const struct wide *whom);
void tracer_begin_wide(void);
int tracer_attach(pid_t pid);
void tracer_attached(void);
void tracer_attach_again(pid_t pid);
void tracer_ops(struct raw_ops *ops);
void tracer_device(dev_t rdev);
int tracer_watch_ops(__u64 ops);
int tracer_hook(__u64 function, enum raw_hook hook);
int tracer_fd(void);
void tracer_pass_over(bool (*unwanted)(const struct mmscope_event *fault));
__u64 tracer_passed_over(void);
const struct mmscope_event *tracer_next(void);
__u64 tracer_lost(void);
__u64 tracer_refused(void);
__u64 tracer_skipped(void);
__u64 tracer_lost_calls(void);
const struct usage *tracer_usage(void);
__u64 tracer_unseen(__u64 seen);

struct fault_sums *tracer_sums(size_t *n);
bool tracer_driver(struct fault_driver *driver, bool before, struct fault_total *total);
bool tracer_refusal(__u32 *error, bool before, struct fault_total *total);
__u64 tracer_lost_stacks(void);
size_t tracer_stack(__u32 id, __u64 frames[MAX_FRAMES]);

#endif
