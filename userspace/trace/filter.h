/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_FILTER_H
#define MMSCOPE_TRACE_FILTER_H

#include <stdbool.h>
#include "record/record.h"

struct suggestion;

/**
 * struct filter - which records are wanted; all of them if no member is set
 * @types: set of bits by enum mmscope_type and enum record_type
 * @by_type: only records with one of @types are wanted
 * @classes: bits by enum record_class: only faults of these classes; 0 for all classes
 * @min_ns: only faults that took as long
 * @again: only faults in pages that were given back
 * @no_there: no RECORD_THERE
 * @vma: only records of this VMA: its number, an address in it as 0x..., or a part of its name
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
