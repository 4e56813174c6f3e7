/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_FILTER_H
#define MMSCOPE_TRACE_FILTER_H

#include <stdbool.h>
#include "record/record.h"

struct suggestion;

/**
 * struct filter - which records are wanted; nothing set: all
 * @types: bits by enum mmscope_type and enum record_type
 * @by_type: only those of @types
 * @classes: bits by enum record_class, 0 for all: of faults only these
 * @min_ns: of faults only those that took as long
 * @again: of faults only those in pages that were given back
 * @no_there: none of those that tell what was there before
 * @vma: only those of this VMA: its number, an address in it as 0x..., or part of its name
 */
struct filter {
	__u64 types[RECORD_SET];
	bool by_type;
	__u64 classes;
	__u64 min_ns;
	bool again;
	bool no_there;
	const char *vma;
};

bool filter_asks_for(const struct filter *filter, unsigned int type);
const char *filter_types(struct filter *filter, const char *list, struct suggestion *near);
const char *filter_classes(struct filter *filter, const char *list, struct suggestion *near);
void filter_list_types(void);
void filter_list_classes(void);
const char *filter_latency(struct filter *filter, const char *text);
void filter_needs(const struct filter *filter);
void filter_pass_over(const struct filter *filter);
bool filter_wants(const struct filter *filter, const struct mmscope_event *e);

#endif
