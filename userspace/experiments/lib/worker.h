/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_WORKER_H
#define MMSCOPE_LIB_WORKER_H

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct worker - a thread that does one thing and then stays until it is ended
 * @does: that thing, may be NULL
 * @arg: for @does
 * @id: of the thread
 * @tid: of the thread, for the kernel
 * @done: @does has returned
 * @go: it may end
 */
struct worker {
	void (*does)(void *arg);
	void *arg;
	pthread_t id;
	pid_t tid;
	sem_t done;
	sem_t go;
};

int worker_start(struct worker *w, const pthread_attr_t *attr);
void worker_leave(struct worker *w);
void worker_join(struct worker *w);
void worker_end(struct worker *w);
void worker_act_start(struct worker *w);
void worker_act_end(struct worker *w);
void worker_rehearse(void);

/* Its stack, without the guard: struct pthread is at its high end. */
char *worker_stack(const struct worker *w);
char *worker_stack_end(const struct worker *w);

/* What pthread_create() makes of RLIMIT_STACK when nobody says otherwise. */
size_t worker_default_size(void);

#endif
