/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_PTRACE_H
#define MMSCOPE_BASE_PTRACE_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct thread - a traced thread
 * @tid: it
 * @tgid: its process
 * @status: of a stop that is still to be dealt with, or 0
 * @call: system call it is in
 * @next: in the list
 */
struct thread {
	pid_t tid;
	pid_t tgid;
	int status;
	long call;
	struct thread *next;
};

extern struct thread *threads;

struct thread *thread_get(pid_t tid);
void thread_drop(pid_t tid);
bool thread_alone(const struct thread *thread);
bool thread_stop_others(const struct thread *thread);

#endif
