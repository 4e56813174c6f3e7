// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of a recording as a program names them: places in regions. What is near to each other
 * stays so, for VMAs that touch may be merged; how far regions are from each other the kernel of
 * the program's machine decides.
 */
#include <stdio.h>
#include <stdlib.h>
#include "base/proc.h"
#include "reproduce/region.h"

#define NEAR	(1ULL << 30)	/* what is no farther away is in the same region */
#define LOW	(1ULL << 16)	/* below nothing can be mapped, usually */
#define HIGH	(1ULL << 47)	/* from here on nothing is a program's */

static bool is_number(__u64 addr)
{
	return addr < LOW || addr >= HIGH;
}

/**
 * regions_add - a range has to have a place
 * @regions: all
 * @start: first address
 * @end: first address behind it
 */
void regions_add(struct regions *regions, __u64 start, __u64 end)
{
	__u64 page = proc_page_size();

	if (is_number(start))
		return;
	if (end <= start)
		end = start + 1;
	if (end > HIGH)
		end = HIGH;
	if (regions->nr == regions->room) {
		regions->room = 2 * regions->room + 64;
		regions->list = realloc(regions->list, regions->room * sizeof(*regions->list));
		if (!regions->list)
			abort();
	}
	regions->list[regions->nr++] = (struct region){
		.start = start & -page, .end = (end + page - 1) & -page,
	};
}

/**
 * regions_heap - where the heap is
 * @regions: all
 * @start: first address
 * @end: the most that it reached
 */
void regions_heap(struct regions *regions, __u64 start, __u64 end)
{
	regions_add(regions, start, end);
	regions->list[regions->nr - 1].heap = true;
}

static int by_address(const void *a, const void *b)
{
	const struct region *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return (int)other->heap - (int)one->heap;
}

/* Does a range belong to the region? To the heap, all that begins in it. */
static bool belongs(const struct region *region, const struct region *range)
{
	if (region->heap)
		return range->start < region->end;
	return !range->heap && range->start <= region->end + NEAR;
}

/**
 * regions_join - put together what is near to each other
 * @regions: all ranges
 */
void regions_join(struct regions *regions)
{
	size_t n = 0;

	qsort(regions->list, regions->nr, sizeof(*regions->list), by_address);
	for (size_t i = 0; i < regions->nr; i++) {
		struct region *range = &regions->list[i], *last = &regions->list[n - 1];

		if (n && belongs(last, range)) {
			if (range->end > last->end)
				last->end = range->end;
			continue;
		}
		if (n && !last->heap && last->end > range->start)
			last->end = range->start;
		regions->list[n++] = *range;
	}
	regions->nr = n;
}

/**
 * regions_name - an address as an expression
 * @regions: all
 * @addr: the address
 * @buf: becomes it
 * @size: of @buf
 */
void regions_name(const struct regions *regions, __u64 addr, char *buf, size_t size)
{
	size_t low = 0, high = regions->nr;
	const struct region *region;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (regions->list[middle].start <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (is_number(addr) || !low) {
		snprintf(buf, size, addr >> 63 ? "0x%llxUL" : "0x%llx", addr);
		return;
	}
	region = &regions->list[low - 1];
	if (addr == region->start)
		snprintf(buf, size, "r%zu", low - 1);
	else
		snprintf(buf, size, "r%zu + 0x%llx", low - 1, addr - region->start);
}

/**
 * regions_free - forget all
 * @regions: all
 */
void regions_free(struct regions *regions)
{
	free(regions->list);
}
