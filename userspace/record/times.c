// SPDX-License-Identifier: GPL-2.0
/*
 * Percentiles of the time that faults took, from a histogram.
 */
#include <stddef.h>
#include "record/times.h"

/* The first time in ns above those of a bucket; time_bucket() has the other direction. */
static __u64 bucket_end(unsigned int bucket)
{
	unsigned int power = bucket / 4;

	if (bucket < 8)
		return bucket + 1;
	return (4ULL + bucket % 4 + 1) << (power - 2);
}

/**
 * times_below - the time that so many percent of the faults did not exceed
 * @times: number of faults by time_bucket() of their time
 * @percent: how many percent
 *
 * Return: ns, at most a quarter too much; 0 when @times is empty
 */
__u64 times_below(const __u64 times[TIME_BUCKETS], unsigned int percent)
{
	__u64 all = 0, seen = 0;

	for (size_t i = 0; i < TIME_BUCKETS; i++)
		all += times[i];
	for (size_t i = 0; i < TIME_BUCKETS && all; i++) {
		seen += times[i];
		if (seen * 100 >= all * percent)
			return bucket_end(i);
	}
	return 0;
}
