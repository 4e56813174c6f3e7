// SPDX-License-Identifier: GPL-2.0
/*
 * How long faults took, when it is known how many took about how long.
 */
#include <stddef.h>
#include "record/times.h"

/* First time that no longer belongs to a bucket */
static __u64 bucket_end(unsigned int bucket)
{
	unsigned int power = bucket / 4;

	if (bucket < 8)
		return bucket + 1;
	return (4ULL + bucket % 4 + 1) << (power - 2);
}

/**
 * times_below - a time that so many percent of the faults did not exceed
 * @times: how many took how long, by bucket
 * @percent: how many
 *
 * Return: ns, at most a quarter too much; 0 when no time is known
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
