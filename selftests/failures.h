/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel that fail on request, by mmscope_failures.ko, which lies beside the
 * tests: nobody else should have it loaded.
 */
#ifndef FAILURES_H
#define FAILURES_H

#include "helper_module.h"
#include "process.h"

#include <stdlib.h>
#include <sys/prctl.h>

#define FAILURES	"mmscope_failures"

static inline int failures_write(const char *name, const char *text)
{
	return helper_set(FAILURES, name, text);
}

static inline int failures_write_long(const char *name, long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", n);
	return failures_write(name, text);
}

/* How often something has failed */
static inline long failures_count(void)
{
	return helper_get(FAILURES, "failed");
}

/* Returns 0 or -errno */
static inline int failures_load(void)
{
	return helper_load(FAILURES);
}

static inline void failures_unload(void)
{
	helper_unload(FAILURES, O_NONBLOCK);
}

/* @function will fail with @value: before it runs, or after it has. Returns 0 or -errno. */
static inline int failures_of(const char *function, long value, bool after)
{
	int err = failures_write("after", after ? "1" : "0");

	err = err ?: failures_write_long("value", value);
	return err ?: failures_write("function", function);
}

/* What the module under test calls for memory, in all kernels */
#define FAILURES_ALLOCATORS \
	"kmalloc_trace,__kmalloc,kvmalloc_node,__vmalloc,alloc_pages,__alloc_percpu_gfp," \
	"__kmalloc_cache_noprof,__kmalloc_noprof,__kvmalloc_node_noprof,__vmalloc_noprof," \
	"alloc_pages_noprof,pcpu_alloc_noprof"

/* Memory will be lacking when that module asks for it. Returns 0 or -errno. */
static inline int failures_of_memory(void)
{
	int err = failures_of(FAILURES_ALLOCATORS, 0, false);

	return err ?: failures_write("caller", "mmscope");
}

/* Its @nth call from now on, in this thread, until failures_disarm() */
static inline void failures_arm(int nth)
{
	if (failures_write_long("nth", nth))
		abort();
	prctl(PR_SET_NAME, "failing");
}

/* This many calls, from the nth on */
static inline void failures_times(int times)
{
	if (failures_write_long("times", times))
		abort();
}

/* For a child of one that is armed: nothing of its own shall fail */
static inline void failures_spare(void)
{
	prctl(PR_SET_NAME, "test");
}

/* Returns whether there was such a call */
static inline bool failures_disarm(long before)
{
	failures_spare();
	failures_write_long("nth", 0);
	return failures_count() > before;
}

#endif
