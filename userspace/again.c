// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that were given back and are touched again: by which call they went, and when. For each
 * page of a watched address space that was seen to be touched it is known whether it is there
 * still, or what took it. Records are looked at in their order; those of faults are marked.
 *
 * Pages are kept in blocks of 64, so many blocks at most; what finds no room is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "again.h"
#include "event.h"
#include "mmscope.h"
#include "outbox.h"
#include "proc.h"
#include "vmas.h"

#define BLOCK_BITS	6
#define BLOCK_PAGES	(1U << BLOCK_BITS)
#define MAX_BLOCKS	(1U << 20)	/* 256 GiB that are touched densely, in 50 MB */
#define MAX_GIVEN	(1U << 18)	/* blocks of which something was given back, in 64 MB */
#define BUCKETS		(1U << 16)
#define BOOKS		256
#define MAX_GIFTS	(1U << 20)	/* that are remembered; older ones make room */
#define AROUND		16	/* pages that a fault in a file maps at most, aligned */

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED	24
#endif
#define GUARD_INSTALL	102

/**
 * struct gift - pages that were given back at once
 * @time_ns: when
 * @cause: by which call
 * @advice: its advice, -1 for none
 */
struct gift {
	__u64 time_ns;
	__s32 cause;
	__s32 advice;
};

/**
 * struct block - pages that lie side by side
 * @key: number of the first page, in blocks
 * @book: of the address space that they are in
 * @there: bits by page: it is there
 * @gifts: by page: with which gift it went, counted from 1, 0 for none; NULL where none has
 * @chain: next with the same hash
 * @next: next of the same book
 */
struct block {
	__u64 key;
	struct book *book;
	__u64 there;
	__u32 *gifts;
	struct block *chain;
	struct block *next;
};

/**
 * struct book - what is known of an address space
 * @mm: its id
 * @nr: number of its blocks
 * @blocks: they
 * @made: what grew or was made last: where an mremap(2) goes to whose source has not been left
 * @next: with the same hash
 */
struct book {
	__u32 mm;
	size_t nr;
	struct block *blocks;
	__u64 made;
	struct book *next;
};

static struct book *books[BOOKS];
static struct block **table;
static size_t nr_blocks, nr_given;
static struct gift *gifts;
static __u32 nr_gifts, room_gifts;
static __u64 missed;

static size_t hash(const struct book *book, __u64 key)
{
	return (key ^ (__u64)book->mm << 40) * 0x61c8864680b583ebULL >> 48;
}

static struct book *book_of(__u32 mm)
{
	struct book *book = books[mm % BOOKS];

	while (book && book->mm != mm)
		book = book->next;
	if (book)
		return book;
	book = calloc(1, sizeof(*book));
	if (!book)
		abort();
	book->mm = mm;
	book->next = books[mm % BOOKS];
	books[mm % BOOKS] = book;
	return book;
}

static struct block *find(const struct book *book, __u64 key)
{
	struct block *block = table ? table[hash(book, key)] : NULL;

	while (block && (block->key != key || block->book != book))
		block = block->chain;
	return block;
}

/* NULL where there is no room. */
static struct block *find_or_add(struct book *book, __u64 key)
{
	struct block *block = find(book, key), **head;

	if (block)
		return block;
	if (nr_blocks == MAX_BLOCKS)
		return NULL;
	if (!table)
		table = calloc(BUCKETS, sizeof(*table));
	block = calloc(1, sizeof(*block));
	if (!table || !block)
		abort();
	head = &table[hash(book, key)];
	block->key = key;
	block->book = book;
	block->chain = *head;
	*head = block;
	block->next = book->blocks;
	book->blocks = block;
	book->nr++;
	nr_blocks++;
	return block;
}

static void drop_block(struct block *block)
{
	struct block **at = &table[hash(block->book, block->key)];

	while (*at != block)
		at = &(*at)->chain;
	*at = block->chain;
	nr_given -= !!block->gifts;
	free(block->gifts);
	free(block);
	nr_blocks--;
}

/* Have room for gifts; false where there is none. */
static bool may_give(struct block *block)
{
	if (block->gifts)
		return true;
	if (nr_given == MAX_GIVEN)
		return false;
	block->gifts = calloc(BLOCK_PAGES, sizeof(*block->gifts));
	if (!block->gifts)
		abort();
	nr_given++;
	return true;
}

/* An address space ends. */
static void close_book(__u32 mm)
{
	struct book **at = &books[mm % BOOKS], *book;

	while (*at && (*at)->mm != mm)
		at = &(*at)->next;
	book = *at;
	if (!book)
		return;
	for (struct block *block = book->blocks, *next; block; block = next) {
		next = block->next;
		drop_block(block);
	}
	*at = book->next;
	free(book);
}

/* A child begins with what its parent has. */
static void copy_book(__u32 from, __u32 to)
{
	struct book *parent = book_of(from), *child = book_of(to);

	for (const struct block *block = parent->blocks; block; block = block->next) {
		struct block *copy = find_or_add(child, block->key);

		if (copy)
			copy->there = block->there;
		if (!copy || (block->gifts && !may_give(copy)))
			missed += BLOCK_PAGES;
		else if (block->gifts)
			memcpy(copy->gifts, block->gifts, BLOCK_PAGES * sizeof(*copy->gifts));
	}
}

static __u32 new_gift(const struct mmscope_event *e)
{
	__u32 at = nr_gifts % MAX_GIFTS;

	if (at == room_gifts) {
		room_gifts = 2 * room_gifts + 64;
		if (room_gifts > MAX_GIFTS)
			room_gifts = MAX_GIFTS;
		gifts = realloc(gifts, room_gifts * sizeof(*gifts));
		if (!gifts)
			abort();
	}
	gifts[at] = (struct gift){
		.time_ns = e->time_ns,
		.cause = e->cause,
		.advice = e->type == MMSCOPE_ADVISE ? (int)e->aux : -1,
	};
	return ++nr_gifts;
}

/* NULL where it has made room for others. */
static const struct gift *gift_of(__u32 gift)
{
	__u32 nr = gift - 1;

	return nr_gifts - nr <= MAX_GIFTS ? &gifts[nr % MAX_GIFTS] : NULL;
}

/* Pages of a block from @first on, as long as they are before @last, go with this gift. */
static void give_block(struct block *block, __u64 first, __u64 last, const struct mmscope_event *e,
		       __u32 *gift)
{
	__u64 base = block->key << BLOCK_BITS;

	for (unsigned int i = 0; i < BLOCK_PAGES; i++) {
		if (base + i < first || base + i >= last || !(block->there >> i & 1))
			continue;
		block->there &= ~(1ULL << i);
		if (!may_give(block)) {
			missed++;
			continue;
		}
		if (!*gift)
			*gift = new_gift(e);
		block->gifts[i] = *gift;
	}
}

/* What is in a range is given back; of a large one only what was touched is looked at. */
static void give(const struct mmscope_event *e, __u64 start, __u64 end)
{
	__u64 size = proc_page_size(), first = start / size, last = (end + size - 1) / size;
	struct book *book = book_of(e->mm);
	struct block *block;
	__u32 gift = 0;

	if (last <= first)
		return;
	if ((last - first) >> BLOCK_BITS > book->nr) {
		for (block = book->blocks; block; block = block->next)
			give_block(block, first, last, e, &gift);
		return;
	}
	for (__u64 key = first >> BLOCK_BITS; key <= (last - 1) >> BLOCK_BITS; key++) {
		block = find(book, key);
		if (block)
			give_block(block, first, last, e, &gift);
	}
}

static struct block *block_at(const struct book *book, __u64 page)
{
	return find(book, page >> BLOCK_BITS);
}

/* With which gift a page went, 0 for none. */
static __u32 gift_at(const struct block *block, __u64 page)
{
	return block && block->gifts ? block->gifts[page & (BLOCK_PAGES - 1)] : 0;
}

static void is_there(struct book *book, __u64 page)
{
	struct block *block = find_or_add(book, page >> BLOCK_BITS);

	if (!block) {
		missed++;
		return;
	}
	block->there |= 1ULL << (page & (BLOCK_PAGES - 1));
	if (block->gifts)
		block->gifts[page & (BLOCK_PAGES - 1)] = 0;
}

/* Pages go elsewhere, and leave their place. */
static void move(const struct mmscope_event *e, __u64 from, __u64 to, __u64 bytes)
{
	__u64 size = proc_page_size(), n = bytes / size;
	struct book *book = book_of(e->mm);

	for (__u64 i = 0; i < n && book->nr; i++) {
		__u64 page = from / size + i;
		const struct block *block = block_at(book, page);

		/* To the end of what was never touched */
		if (!block)
			i += BLOCK_PAGES - 1 - (page & (BLOCK_PAGES - 1));
		else if (block->there >> (page & (BLOCK_PAGES - 1)) & 1)
			is_there(book, to / size + i);
	}
	give(e, from, from + bytes);
}

/* Is it of a kind that finds no page? */
static bool finds_nothing(const struct mmscope_event *e)
{
	switch (MMSCOPE_CLASS(e->flags)) {
	case MMSCOPE_CLASS_COPY:
	case MMSCOPE_CLASS_REUSE:
	case MMSCOPE_CLASS_DIRTY:
	case MMSCOPE_CLASS_NUMA:
	case MMSCOPE_CLASS_NOTHING:
	case MMSCOPE_CLASS_WAIT:
		return false;
	}
	return true;
}

/* Pages that a fault maps lie about its address, aligned, and in its VMA. */
static void beside(struct book *book, const struct mmscope_event *e, __u64 at)
{
	__u64 size = proc_page_size(), n = e->npages > AROUND ? e->npages : AROUND;
	const struct area *area = area_of_id(e->vma);
	__u64 first = at - at % n, last = first + n;

	if (!area)
		return;
	if (first < area->start / size)
		first = area->start / size;
	if (last > area->end / size)
		last = area->end / size;
	/* Which of them it was is known if it was all. */
	if (last - first != e->npages)
		return;
	for (__u64 i = first; i < last; i++)
		is_there(book, i);
}

static void touch(struct mmscope_event *e)
{
	__u64 at = e->addr / proc_page_size();
	struct book *book = book_of(e->mm);
	__u32 gift = gift_at(block_at(book, at), at);

	if (e->flags & MMSCOPE_F_ERROR)
		return;
	if (gift && finds_nothing(e)) {
		e->flags |= MMSCOPE_F_REFAULT;
		e->pgoff = gift;
	}
	if (e->npages > 1)
		beside(book, e, at);
	is_there(book, at);
}

static bool gives_back(const struct mmscope_event *e)
{
	if (e->flags & MMSCOPE_F_ERROR)
		return false;
	switch ((int)e->aux) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_PAGEOUT:
	case GUARD_INSTALL:
		return true;
	}
	return false;
}

/* Does the running call move what is here to a place that it has made? */
static bool moves(const struct mmscope_event *e, __u64 start, __u64 end)
{
	const struct space *space = space_get(e->mm);
	const struct mmscope_event *raw = outbox_raw();
	const struct move *now = space ? &space->move : NULL;

	return now && now->end && now->tid == raw->tid && now->call == raw->aux &&
	       start >= now->start && end <= now->end;
}

/* A range is left: by pages that go, or that go on elsewhere. */
static void leave(const struct mmscope_event *e, __u64 start, __u64 end)
{
	if (moves(e, start, end))
		move(e, start, book_of(e->mm)->made + start - space_get(e->mm)->move.start,
		     end - start);
	else
		give(e, start, end);
}

/* What mremap(2) makes: a VMA, or a part of one that grows. */
static void made(const struct mmscope_event *e)
{
	bool below = e->flags & MMSCOPE_F_BELOW;

	book_of(e->mm)->made = e->type == MMSCOPE_COPY || below ? e->start : e->aux;
}

/**
 * again_observe - take note of a record; of a fault, note there that it is one again
 * @e: a record of the tracer's, in order
 */
void again_observe(struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_FAULT:
		touch(e);
		break;
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		leave(e, e->start, e->end);
		break;
	case MMSCOPE_SHRINK:
		if (e->flags & MMSCOPE_F_BELOW)
			leave(e, e->aux, e->start);
		else
			leave(e, e->end, e->aux);
		break;
	case MMSCOPE_COPY:
	case MMSCOPE_GROW:
		made(e);
		break;
	case MMSCOPE_MREMAP:
		move(e, e->aux, e->start, e->end - e->start);
		break;
	case MMSCOPE_ADVISE:
		if (gives_back(e))
			give(e, e->start, e->end);
		break;
	case MMSCOPE_FORK:
		copy_book(e->mm, e->aux);
		break;
	case MMSCOPE_END:
		close_book(e->mm);
		break;
	}
}

/**
 * again_is - is this a fault in a page that was given back?
 * @e: a record that again_observe() has seen
 */
bool again_is(const struct mmscope_event *e)
{
	const __u32 both = MMSCOPE_F_WHOLE | MMSCOPE_F_REFAULT;

	return e->type == MMSCOPE_FAULT && (e->flags & both) == both;
}

/**
 * again_by - what gave a page back: "madvise(2) DONTNEED"
 * @e: a fault that again_is()
 * @buf: for the text
 * @size: of @buf
 */
void again_by(const struct mmscope_event *e, char *buf, size_t size)
{
	const struct gift *gift = gift_of(e->pgoff);
	char cause[32];

	if (!gift) {
		snprintf(buf, size, "a call long ago");
		return;
	}
	cause_text(gift->cause, cause, sizeof(cause));
	if (gift->advice >= 0)
		snprintf(buf, size, "%s %s", cause, advice_name(gift->advice));
	else
		snprintf(buf, size, "%s", cause);
}

/**
 * again_ago - how long before it is touched again a page was given back
 * @e: a fault that again_is()
 *
 * Return: ns; 0 when that is not known any more
 */
__u64 again_ago(const struct mmscope_event *e)
{
	const struct gift *gift = gift_of(e->pgoff);

	/* Clocks of two CPUs differ a little. */
	return gift && e->time_ns > gift->time_ns ? e->time_ns - gift->time_ns : 0;
}

/**
 * again_words - what is to be said of a page that was given back
 * @e: a fault that again_is()
 * @buf: becomes "given back by brk(2) 3 ms ago"
 * @size: of @buf
 */
void again_words(const struct mmscope_event *e, char *buf, size_t size)
{
	static const struct {
		__u64 ns;
		const char *name;
	} units[] = {
		{ 10000000000ULL, "s" }, { 1000000ULL, "ms" }, { 0, "us" },
	};
	static const __u64 one[] = { 1000000000ULL, 1000000ULL, 1000ULL };
	__u64 ago = again_ago(e);
	char by[64];
	size_t i = 0;

	while (ago < units[i].ns)
		i++;
	again_by(e, by, sizeof(by));
	snprintf(buf, size, "given back by %s %llu %s ago", by, ago / one[i], units[i].name);
}

/**
 * again_missed - touched pages that found no room: they are not known again
 */
__u64 again_missed(void)
{
	return missed;
}
