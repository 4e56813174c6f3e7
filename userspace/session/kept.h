/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_KEPT_H
#define MMSCOPE_SESSION_KEPT_H

#include "session/session.h"

int kept_open(struct session *session);
const struct mmscope_event *kept_device(void);
__u64 kept_time(void);
void kept_until(__u64 ns);
void kept_stop(void);
void kept_skip(__u64 ns);
void kept_on_end(void (*on_end)(__u32 mm, void *arg), void *arg);
void kept_on_raw(void (*on_raw)(const struct mmscope_event *raw, void *arg), void *arg);
bool kept_has_device(void);
bool kept_stacks(void);
bool kept_stat(unsigned int mm, struct mmscope_stat *stat);
const char *kept_command(void);
const char *kept_program(void);
void kept_kernel(char *buf, size_t size);
void kept_close(void);

#endif
