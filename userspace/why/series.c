// SPDX-License-Identifier: GPL-2.0
/*
 * Records how something grows over a time whose length is not known before, in a fixed memory.
 */
#include <string.h>
#include "why/ledger.h"

#define FIRST_WIDTH	1000000ULL	/* ns */

static void widen(struct series *series)
{
	for (size_t i = 0; i < SERIES / 2; i++)
		series->grown[i] = series->grown[2 * i] + series->grown[2 * i + 1];
	memset(&series->grown[SERIES / 2], 0, SERIES / 2 * sizeof(series->grown[0]));
	series->width *= 2;
}

/**
 * series_add - note that something grew
 * @series: its growth over time
 * @now: when; it may be a little before the last call's, as clocks of two CPUs differ
 * @more: by how much, negative if it became less
 */
void series_add(struct series *series, __u64 now, __s64 more)
{
	__u64 at;

	if (!series->width) {
		series->origin = now;
		series->width = FIRST_WIDTH;
	}
	at = now > series->origin ? now - series->origin : 0;
	while (at / series->width >= SERIES)
		widen(series);
	series->grown[at / series->width] += more;
}

/**
 * series_between - by how much something grew from one instant to another
 * @series: its growth over time
 * @from: the first instant
 * @to: the second instant
 *
 * A part of time counts as a whole, if its middle is between the instants.
 */
__s64 series_between(const struct series *series, __u64 from, __u64 to)
{
	__s64 sum = 0;

	for (size_t i = 0; series->width && i < SERIES; i++) {
		__u64 middle = series->origin + i * series->width + series->width / 2;

		if (middle >= from && middle < to)
			sum += series->grown[i];
	}
	return sum;
}
