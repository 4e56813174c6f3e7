/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_COUNTERS_H
#define MMSCOPE_SCRAPE_COUNTERS_H

#include <linux/mmscope.h>
#include "record/record.h"
#include "scrape/labels.h"
#include "scrape/slices.h"

#define NR_LIMITS	17	/* of times, without that of all */

/**
 * struct counter_times - how long faults of one class took
 * @within: how many took up to which of counter_limits[], and longer than the one before; the last
 *	are those that took longer than all
 * @ns: what they took together
 */
struct counter_times {
	__u64 within[NR_LIMITS + 1];
	__u64 ns;
};

/**
 * struct counters - what the records that were told add up to
 * @records: how many were there
 * @faults: by slice, as slices_all() numbers them, and class
 * @times: by class
 * @again: faults in pages that were given back, by what took them
 * @refused: calls and faults that were refused, by the call and the reason
 * @given_back: pages that left an address space by no fault, by what took them
 */
struct counters {
	__u64 records;
	__u64 faults[SLICES_MOST][RECORD_NR_CLASSES];
	struct counter_times times[RECORD_NR_CLASSES];
	struct label_rows again;
	struct label_rows refused;
	struct label_rows given_back;
};

extern const __u32 counter_limits[NR_LIMITS];

void counters_event(const struct mmscope_event *e);
const struct counters *counters_all(void);

#endif
