/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_PROCESSES_H
#define MMSCOPE_SESSION_PROCESSES_H

#include <sys/types.h>

struct session;

int processes_complain(pid_t pid, int error);
int processes_check(struct session *session);
int processes_attach(struct session *session);
void processes_ended(struct session *session);

#endif
