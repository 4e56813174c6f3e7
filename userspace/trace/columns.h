/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_COLUMNS_H
#define MMSCOPE_TRACE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>

struct event_about;
struct suggestion;

/**
 * struct columns_run - faults that are told in one line
 * @time_ns: time of the first fault
 * @ns: time that all of them took, 0 for not known
 * @low: address of the lowest page
 * @high: first address behind the highest page
 * @faults: number of faults
 */
struct columns_run {
	__u64 time_ns;
	__u64 ns;
	__u64 low;
	__u64 high;
	unsigned long faults;
};

#define COLUMNS_LINE	8192	/* a name may be a path of 4095 characters */

/**
 * struct columns_line - a record in columns, before it is printed
 * @text: the line
 * @length: number of bytes in @text
 * @last: byte of @text where the last column begins
 * @alarming: the record tells of an error or a loss
 */
struct columns_line {
	char text[COLUMNS_LINE];
	size_t length;
	size_t last;
	bool alarming;
};

const char *columns_choose(const char *list, struct suggestion *near);
void columns_choose_usual(void);
bool columns_have(const char *name);
void columns_list(void);
void columns_since(__u64 first);
void columns_heading(void);
void columns_event(const struct mmscope_event *e, const struct event_about *about);
void columns_fill(struct columns_line *line, const struct mmscope_event *e,
		  const struct event_about *about, const struct columns_run *run);
void columns_print(const struct columns_line *line);

#endif
