/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_CONDITION_H
#define MMSCOPE_TRACE_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include "trace/filter.h"

#define CONDITION_CALLS		16
#define CONDITION_LIMITS	8
#define CONDITION_RATE_MOST	1000000	/* a time is remembered of so many records */

/**
 * enum condition_figure - what of a record is a number
 * @FIGURE_PAGES: that it mapped, or gave back
 * @FIGURE_LENGTH: bytes of its range
 * @FIGURE_NS: that it took
 */
enum condition_figure {
	FIGURE_PAGES,
	FIGURE_LENGTH,
	FIGURE_NS,
};

/**
 * struct condition_limit - a number, and what a record's is compared with
 * @figure: which of its numbers
 * @compare: "<=", "<", ">=", ">" or "="
 * @value: with this
 */
struct condition_limit {
	enum condition_figure figure;
	const char *compare;
	__u64 value;
};

/**
 * struct condition - what one record has to be, all at once
 * @filter: its type, its class, and whether its page was given back
 * @oom: its type may also be that memory ran out
 * @faults: it is a fault
 * @failed: it is of a call that failed
 * @calls: names of the calls that it may be made in
 * @nr_calls: how many, 0 for any
 * @errnos: bits of the errors that its call may have ended with, if @failed
 * @limits: for its numbers
 * @nr_limits: how many
 * @rate: so many more must have been within the second before it, 0 for none
 * @times: when the last @rate of them were
 * @nr_times: how many there were
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
