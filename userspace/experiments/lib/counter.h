/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_COUNTER_H
#define MMSCOPE_LIB_COUNTER_H

/* Counts of perf, of this process and of those it starts; -1 where one may not, or cannot. */
int counter_function(const char *name);
int counter_event(const char *event, const char *filter);
long counter_read(int fd);

#endif
