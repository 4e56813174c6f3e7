// SPDX-License-Identifier: GPL-2.0
/*
 * Threads under ptrace(2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "base/ptrace.h"

#define WAIT_NS	1000000000ULL	/* a thread that has not stopped until then is ending */

struct thread *threads;

static struct thread *find(pid_t tid)
{
	struct thread *thread = threads;

	while (thread && thread->tid != tid)
		thread = thread->next;
	return thread;
}

static pid_t process_of(pid_t tid)
{
	char path[64], line[128];
	pid_t tgid = tid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &tgid) == 1)
			break;
	if (file)
		fclose(file);
	return tgid;
}

/**
 * thread_get - find a traced thread, or begin to know it
 * @tid: of the thread
 *
 * Return: the thread; thread_drop() frees it
 */
struct thread *thread_get(pid_t tid)
{
	struct thread *thread = find(tid);

	if (thread)
		return thread;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		abort();
	thread->tid = tid;
	thread->tgid = process_of(tid);
	thread->next = threads;
	threads = thread;
	return thread;
}

/**
 * thread_drop - free a thread that has ended
 * @tid: of the thread, which need not be known
 */
void thread_drop(pid_t tid)
{
	struct thread **at, *thread;

	for (at = &threads; (thread = *at); at = &thread->next)
		if (thread->tid == tid)
			break;
	if (!thread)
		return;
	*at = thread->next;
	free(thread);
}

/**
 * thread_alone - is a thread the only one of its process that is traced?
 * @thread: the thread
 */
bool thread_alone(const struct thread *thread)
{
	for (const struct thread *other = threads; other; other = other->next)
		if (other != thread && other->tgid == thread->tgid)
			return false;
	return true;
}

/**
 * thread_stop_others - stop the other threads of a thread's process
 * @thread: has stopped already
 *
 * The status that a thread stops with is kept in &thread.status, for the tracer to deal with later.
 *
 * Return: true when all other threads have stopped
 */
bool thread_stop_others(const struct thread *thread)
{
	bool all = true;

	for (struct thread *other = threads; other; other = other->next)
		if (other != thread && other->tgid == thread->tgid && !other->status)
			ptrace(PTRACE_INTERRUPT, other->tid, 0, 0);
	for (struct thread *other = threads; other; other = other->next) {
		__u64 until = time_now() + WAIT_NS;
		int status = 0;

		if (other == thread || other->tgid != thread->tgid || other->status)
			continue;
		while (!waitpid(other->tid, &status, __WALL | WNOHANG) && time_now() < until)
			usleep(200);
		other->status = status;
		all &= status && WIFSTOPPED(status);
	}
	return all;
}
