// SPDX-License-Identifier: GPL-2.0
/*
 * For each page of a watched address space that was seen to be touched: whether it is still there,
 * or what gave it back. Pages are kept in blocks of 64. The number of blocks is limited, and pages
 * that find no room are counted.
 */
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "record/record.h"
#include "tracer/context.h"
#include "tracer/touched.h"

#define BLOCK_BITS	6
#define BLOCK_PAGES	(1U << BLOCK_BITS)
#define MAX_BLOCKS	(1U << 20)	/* enough for 256 GiB that are touched densely, in 50 MB */
#define MAX_RELEASED	(1U << 18)	/* blocks with pages that were given back, in 64 MB */
#define BUCKETS		(1U << 16)
#define MAX_RELEASES	(1U << 20)	/* releases that are remembered; older ones make room */

/**
 * struct block - 64 pages that lie side by side
 * @key: number of the first page, divided by 64
 * @touched: touched pages of the address space
 * @there: a bit for each page: it is there
 * @released: for each page the number of the release that it went with, 0 for none; NULL where no
 *	page of the block was given back
 * @chain: next block in the same bucket
 * @next: next block of the same address space
 */
struct block {
	__u64 key;
	struct touched *touched;
	__u64 there;
	__u32 *released;
	struct block *chain;
	struct block *next;
};

static size_t hash(const struct touched *touched, __u64 key)
{
	return (key ^ (__u64)touched->mm << 40) * 0x61c8864680b583ebULL >> 48;
}

/**
 * touched_of - find the touched pages of an address space, or begin to note them
 * @mm: id of the address space
 *
 * Return: the touched pages; touched_end() frees them
 */
struct touched *touched_of(__u32 mm)
{
	struct touched_pages *pages = &tracer->touched;
	struct touched *touched = pages->mms[mm % TOUCHED_MMS];

	while (touched && touched->mm != mm)
		touched = touched->next;
	if (touched)
		return touched;
	touched = calloc(1, sizeof(*touched));
	if (!touched)
		abort();
	touched->mm = mm;
	touched->next = pages->mms[mm % TOUCHED_MMS];
	pages->mms[mm % TOUCHED_MMS] = touched;
	return touched;
}

static struct block *find(const struct touched *touched, __u64 key)
{
	struct touched_pages *pages = &tracer->touched;
	struct block *block = pages->blocks ? pages->blocks[hash(touched, key)] : NULL;

	while (block && (block->key != key || block->touched != touched))
		block = block->chain;
	return block;
}

/* Find a block, or make it; NULL where there is no room for one more. */
static struct block *find_or_add(struct touched *touched, __u64 key)
{
	struct touched_pages *pages = &tracer->touched;
	struct block *block = find(touched, key), **head;

	if (block)
		return block;
	if (pages->nr_blocks == MAX_BLOCKS)
		return NULL;
	if (!pages->blocks)
		pages->blocks = calloc(BUCKETS, sizeof(*pages->blocks));
	block = calloc(1, sizeof(*block));
	if (!pages->blocks || !block)
		abort();
	head = &pages->blocks[hash(touched, key)];
	block->key = key;
	block->touched = touched;
	block->chain = *head;
	*head = block;
	block->next = touched->blocks;
	touched->blocks = block;
	touched->nr++;
	pages->nr_blocks++;
	return block;
}

static void drop_block(struct block *block)
{
	struct touched_pages *pages = &tracer->touched;
	struct block **at = &pages->blocks[hash(block->touched, block->key)];

	while (*at != block)
		at = &(*at)->chain;
	*at = block->chain;
	pages->nr_released -= !!block->released;
	free(block->released);
	free(block);
	pages->nr_blocks--;
}

/* Give a block room for the releases of its pages; false where there is no room. */
static bool may_release(struct block *block)
{
	struct touched_pages *pages = &tracer->touched;

	if (block->released)
		return true;
	if (pages->nr_released == MAX_RELEASED)
		return false;
	block->released = calloc(BLOCK_PAGES, sizeof(*block->released));
	if (!block->released)
		abort();
	pages->nr_released++;
	return true;
}

/**
 * touched_end - forget the pages of an address space that ends
 * @mm: id of the address space
 */
void touched_end(__u32 mm)
{
	struct touched **at = &tracer->touched.mms[mm % TOUCHED_MMS], *touched;

	while (*at && (*at)->mm != mm)
		at = &(*at)->next;
	touched = *at;
	if (!touched)
		return;
	for (struct block *block = touched->blocks, *next; block; block = next) {
		next = block->next;
		drop_block(block);
	}
	*at = touched->next;
	free(touched);
}

/**
 * touched_copy - let a child have the touched pages of its parent
 * @from: id of the parent's address space
 * @to: id of the child's address space
 */
void touched_copy(__u32 from, __u32 to)
{
	struct touched *parent = touched_of(from), *child = touched_of(to);

	for (const struct block *block = parent->blocks; block; block = block->next) {
		struct block *copy = find_or_add(child, block->key);

		if (copy)
			copy->there = block->there;
		if (!copy || (block->released && !may_release(copy)))
			tracer->touched.missed += BLOCK_PAGES;
		else if (block->released)
			memcpy(copy->released, block->released,
			       BLOCK_PAGES * sizeof(*copy->released));
	}
}

static __u32 new_release(const struct mmscope_event *e)
{
	struct touched_pages *pages = &tracer->touched;
	__u32 at = pages->nr_releases % MAX_RELEASES;

	if (at == pages->room_releases) {
		pages->room_releases = 2 * pages->room_releases + 64;
		if (pages->room_releases > MAX_RELEASES)
			pages->room_releases = MAX_RELEASES;
		pages->releases = realloc(pages->releases,
					  pages->room_releases * sizeof(*pages->releases));
		if (!pages->releases)
			abort();
	}
	pages->releases[at] = (struct release){
		.time_ns = e->time_ns,
		.cause = e->cause,
		.advice = e->type == RECORD_ADVISE ? (int)e->aux : -1,
	};
	return ++pages->nr_releases;
}

/**
 * release_of - how pages were given back
 * @release: number of the release, as touched_there() returned it; not 0
 *
 * Return: the release; NULL where it has made room for newer ones
 */
const struct release *release_of(__u32 release)
{
	struct touched_pages *pages = &tracer->touched;
	__u32 nr = release - 1;

	if (pages->nr_releases - nr > MAX_RELEASES)
		return NULL;
	return &pages->releases[nr % MAX_RELEASES];
}

/* The pages of a block that are present and in [first, last), as bits. */
static __u64 there_in(const struct block *block, __u64 first, __u64 last)
{
	__u64 base = block->key << BLOCK_BITS, there = block->there;

	if (first >= base + BLOCK_PAGES || last <= base)
		return 0;
	if (first > base)
		there &= ~0ULL << (first - base);
	if (last < base + BLOCK_PAGES)
		there &= (1ULL << (last - base)) - 1;
	return there;
}

/* Note that the present pages of a block in [first, last) were given back by @e. */
static void release_block(struct block *block, __u64 first, __u64 last,
			  const struct mmscope_event *e, __u32 *release)
{
	__u64 going = there_in(block, first, last);

	block->there &= ~going;
	for (; going; going &= going - 1) {
		if (!may_release(block)) {
			tracer->touched.missed++;
			continue;
		}
		if (!*release)
			*release = new_release(e);
		block->released[__builtin_ctzll(going)] = *release;
	}
}

/**
 * touched_release - note that the pages of a range are given back
 * @e: the record that says so
 * @start: first address
 * @end: first address behind the range
 *
 * In a range with more blocks than were touched in the address space, only the touched ones are
 * looked at.
 */
void touched_release(const struct mmscope_event *e, __u64 start, __u64 end)
{
	__u64 size = proc_page_size(), first = start / size, last = (end + size - 1) / size;
	struct touched *touched = touched_of(e->mm);
	struct block *block;
	__u32 release = 0;

	if (last <= first)
		return;
	if ((last - first) >> BLOCK_BITS > touched->nr) {
		for (block = touched->blocks; block; block = block->next)
			release_block(block, first, last, e, &release);
		return;
	}
	for (__u64 key = first >> BLOCK_BITS; key <= (last - 1) >> BLOCK_BITS; key++) {
		block = find(touched, key);
		if (block)
			release_block(block, first, last, e, &release);
	}
}

static struct block *block_at(const struct touched *touched, __u64 page)
{
	return find(touched, page >> BLOCK_BITS);
}

/**
 * touched_there - note that a page is there
 * @touched: touched pages of its address space
 * @page: number of the page
 *
 * Return: number of the release that the page went with before; 0 where it was there, or was never
 *	touched
 */
__u32 touched_there(struct touched *touched, __u64 page)
{
	struct block *block = find_or_add(touched, page >> BLOCK_BITS);
	unsigned int i = page & (BLOCK_PAGES - 1);
	__u32 release = 0;

	if (!block) {
		tracer->touched.missed++;
		return 0;
	}
	block->there |= 1ULL << i;
	if (block->released) {
		release = block->released[i];
		block->released[i] = 0;
	}
	return release;
}

/**
 * touched_move - note that pages move to another range
 * @e: the record that says so
 * @from: first address of the range that they leave
 * @to: first address of the range that they come to
 * @bytes: length of both ranges
 */
void touched_move(const struct mmscope_event *e, __u64 from, __u64 to, __u64 bytes)
{
	__u64 size = proc_page_size(), n = bytes / size;
	struct touched *touched = touched_of(e->mm);

	for (__u64 i = 0; i < n && touched->nr; i++) {
		__u64 page = from / size + i;
		const struct block *block = block_at(touched, page);

		/* No page of this block was touched: go on with the next block. */
		if (!block)
			i += BLOCK_PAGES - 1 - (page & (BLOCK_PAGES - 1));
		else if (block->there >> (page & (BLOCK_PAGES - 1)) & 1)
			touched_there(touched, to / size + i);
	}
	touched_release(e, from, from + bytes);
}

/**
 * touched_missed - the number of touched pages that found no room
 */
__u64 touched_missed(void)
{
	return tracer->touched.missed;
}
