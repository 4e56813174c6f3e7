/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_PROCESSES_H
#define MMSCOPE_SESSION_PROCESSES_H

#include <sys/types.h>

struct watch;

int processes_complain(pid_t pid, int error);
int processes_check(struct watch *watch);
int processes_attach(struct watch *watch);
void processes_ended(struct watch *watch);

#endif
