/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_SLICES_H
#define MMSCOPE_SCRAPE_SLICES_H

#include "scrape/labels.h"

/* With their classes they are 600 time series of a host, at most. */
#define SLICES_MOST	32

#define SLICE_UNKNOWN	"unknown"

struct label_rows *slices_all(void);
void slices_past(void);
size_t slice_of(__u32 mm);
void slice_ended(__u32 mm);
void slice_name(const char *cgroup, char *buf, size_t size);

#endif
