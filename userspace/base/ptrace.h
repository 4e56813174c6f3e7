/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_PTRACE_H
#define MMSCOPE_BASE_PTRACE_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct thread - a thread that is traced with ptrace(2)
 * @tid: number of the thread
 * @tgid: number of its process
 * @status: from waitpid(2), of a stop that is still to be dealt with; 0 for none
 * @call: system call that the thread is in
 * @next: next in the list of all threads
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
