// SPDX-License-Identifier: GPL-2.0
/*
 * Threads for experiments: made, looked at while they wait, ended.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include "experiments/lib/worker.h"
#include "lab/experiment.h"

#define UNLIMITED	MIB(2)	/* ARCH_STACK_DEFAULT_SIZE of glibc */

static void *body(void *arg)
{
	struct worker *w = arg;

	w->tid = gettid();
	if (w->does)
		w->does(w->arg);
	sem_post(&w->done);
	sem_wait(&w->go);
	return NULL;
}

/**
 * worker_start - pthread_create(3), and wait until it has done its thing
 * @w: with ->does and ->arg
 * @attr: for pthread_create(), may be NULL
 *
 * Return: 0 or the errno
 */
int worker_start(struct worker *w, const pthread_attr_t *attr)
{
	int error;

	sem_init(&w->done, 0, 0);
	sem_init(&w->go, 0, 0);
	error = pthread_create(&w->id, attr, body, w);
	if (!error)
		sem_wait(&w->done);
	return error;
}

/**
 * worker_leave - let it return, and wait until the kernel has no such thread any more
 * @w: the thread
 */
void worker_leave(struct worker *w)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/task/%d", w->tid);
	sem_post(&w->go);
	while (!access(path, F_OK))
		usleep(1000);
}

/**
 * worker_join - pthread_join(3)
 * @w: the thread
 */
void worker_join(struct worker *w)
{
	pthread_join(w->id, NULL);
}

/**
 * worker_end - let it return, and join it
 * @w: the thread
 */
void worker_end(struct worker *w)
{
	worker_leave(w);
	worker_join(w);
}

/**
 * worker_act_start - worker_start() as an act; the experiment is skipped where there is no thread
 * @w: the thread
 */
void worker_act_start(struct worker *w)
{
	syscall_begin();
	if (worker_start(w, NULL))
		skip("there can be no thread here: ulimit -u, ulimit -v");
	syscall_end(0);
}

/**
 * worker_act_end - worker_end() as an act
 * @w: the thread
 */
void worker_act_end(struct worker *w)
{
	syscall_begin();
	worker_end(w);
	syscall_end(0);
}

static void stack_of(const struct worker *w, void **start, size_t *size)
{
	pthread_attr_t attr;

	pthread_getattr_np(w->id, &attr);	/* allocates, but not in an arena of the thread */
	pthread_attr_getstack(&attr, start, size);
	pthread_attr_destroy(&attr);
}

/**
 * worker_stack - lowest address of its stack
 * @w: the thread
 */
char *worker_stack(const struct worker *w)
{
	size_t size;
	void *start;

	stack_of(w, &start, &size);
	return start;
}

/**
 * worker_stack_end - first address behind its stack
 * @w: the thread
 */
char *worker_stack_end(const struct worker *w)
{
	size_t size;
	void *start;

	stack_of(w, &start, &size);
	return (char *)start + size;
}

/**
 * worker_rehearse - what happens at the first thread only, once: on a stack that is not cached
 */
void worker_rehearse(void)
{
	static char stack[65536] __attribute__((aligned(4096)));
	struct worker w = { 0 };
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, sizeof(stack));
	if (worker_start(&w, &attr))
		skip("there can be no thread here: ulimit -u");
	worker_stack(&w);
	worker_end(&w);
	pthread_attr_destroy(&attr);
}

/**
 * worker_default_size - size of a thread's stack when nobody says otherwise: RLIMIT_STACK
 */
size_t worker_default_size(void)
{
	struct rlimit limit;
	size_t least = sysconf(_SC_THREAD_STACK_MIN), size = UNLIMITED;

	getrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_cur != RLIM_INFINITY)
		size = limit.rlim_cur < least ? least : limit.rlim_cur;
	return (size + len(1) - 1) & -len(1);
}
