/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzzer that knows the numbers of the ABI and nothing of what they mean: processes with threads
 * make random system calls on the device, on its mappings and on buffers inside them, fork, execute
 * and are killed. What they get back does not matter. What matters is that the kernel says nothing
 * and that nothing is left.
 */
#ifndef FUZZ_H
#define FUZZ_H

#define SCOPE_WITHOUT_HARNESS
#include "../storm.h"

#define ARENA	2048	/* pages that everything is mapped into */
#define FDS	8

/* Of this process, shared by its threads, races included: they are what this is about */
extern int fuzz_fds[FDS];
extern char *fuzz_arena;

/* Memory that is there, 64 KiB, with none behind it */
extern char *fuzz_own;

/* This thread's random numbers */
extern __thread __u64 fuzz_state;

/* The number of calls made, for all processes */
extern size_t *fuzz_calls;

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* random.c */
__u64 rnd(void);
__u64 below(__u64 n);
bool one_in(unsigned int n);
__u64 number(void);
__u64 bits(__u64 known);
int any_fd(void);
char *any_page(void);
size_t any_length(const char *p);
void *any_buffer(void);

/* calls.c */
void fuzz_open(void);
void fuzz_call(void);
void fuzz_caught(int sig);

#endif
