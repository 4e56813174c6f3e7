/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_CONDITION_H
#define MMSCOPE_TRACE_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include "trace/filter.h"

#define CONDITION_CALLS		16
#define CONDITION_LIMITS	8
#define CONDITION_RATE_MOST	1000000	/* so many times are remembered at most */

/**
 * enum condition_figure - numbers of a record that a test can be about
 * @FIGURE_PAGES: pages that it mapped, or gave back
 * @FIGURE_LENGTH: bytes of its range
 * @FIGURE_NS: time that it took, in ns
 */
enum condition_figure {
	FIGURE_PAGES,
	FIGURE_LENGTH,
	FIGURE_NS,
};

/**
 * struct condition_limit - a test of a number
 * @figure: number of the record
 * @compare: "<=", "<", ">=", ">" or "="
 * @value: number that it is compared with
 */
struct condition_limit {
	enum condition_figure figure;
	const char *compare;
	__u64 value;
};

/**
 * struct condition - tests that a record has to satisfy, all of them
 * @filter: its type, its class, and whether its page was given back
 * @oom: instead of having one of the types, it may tell that memory ran out
 * @faults: it has to be a fault
 * @failed: it has to be of a failed system call
 * @calls: names of the system calls that it may have been made in; are not owned
 * @nr_calls: number of elements of @calls, 0 for any call
 * @errnos: bits of the errors that the call may have ended with, if @failed
 * @limits: tests of its numbers
 * @nr_limits: number of elements of @limits
 * @rate: so many such records have to be within the second before it; 0 for no such test
 * @times: times of the last @rate such records, in a ring; the condition owns it
 * @nr_times: number of such records so far
 */
struct condition {
	struct filter filter;
	bool oom;
	bool faults;
	bool failed;
	const char *calls[CONDITION_CALLS];
	size_t nr_calls;
	__u64 errnos[4];
	struct condition_limit limits[CONDITION_LIMITS];
	size_t nr_limits;
	__u64 rate;
	__u64 *times;
	size_t nr_times;
};

int condition_parse(struct condition *condition, const char *text);
bool condition_needs(const struct condition *condition);
bool condition_holds(struct condition *condition, const struct mmscope_event *e);
void condition_free(struct condition *condition);

#endif
