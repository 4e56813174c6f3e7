// SPDX-License-Identifier: GPL-2.0
/*
 * Growth by time, when it is not known before how long it will take.
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
 * series_add - something grew
 * @series: by time
 * @now: when; clocks of two CPUs differ a little
 * @more: by how much, negative where it became less
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
 * @series: by time
 * @from: the first
 * @to: the other; both are taken to the next border of two parts
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
