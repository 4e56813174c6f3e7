/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_TIMES_H
#define MMSCOPE_RECORD_TIMES_H

#include "bpf/tracer_abi.h"

__u64 times_below(const __u64 times[TIME_BUCKETS], unsigned int percent);

#endif
