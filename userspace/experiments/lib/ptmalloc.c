// SPDX-License-Identifier: GPL-2.0
/*
 * glibc's malloc: what it will do, computed by the rules of malloc/malloc.c from its settings, for
 * a heap where only the top chunk matters; and a picture of the heap as it is, read from the sizes
 * that are in front of the chunks.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define HEADER		sizeof(size_t)
#define ALIGNMENT	(2 * sizeof(size_t))
#define MINSIZE		(4 * sizeof(size_t))
#define FLAGS		7UL		/* PREV_INUSE, IS_MMAPPED, NON_MAIN_ARENA in a size */
#define PREV_INUSE	1UL
#define CONSOLIDATE	KIB(64)		/* FASTBIN_CONSOLIDATION_THRESHOLD */
#define MMAP_MAX	MIB(32)		/* DEFAULT_MMAP_THRESHOLD_MAX */
#define WIDTH		62		/* characters */
#define SCALE		KIB(5)		/* a character, where that is enough */

const struct rule rule_tcache_large = {
	.glibc = GLIBC(2, 42),
	.now = "the tcache has bins for large blocks, too",
	.before = "the tcache has bins for blocks of up to 1032 bytes",
	.where = "struct tcache_perthread_struct, malloc/malloc.c of glibc",
};

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* The first malloc() of a thread allocates the lists of its tcache before anything else. */
static size_t tcache(void)
{
	size_t bins = rule_holds(&rule_tcache_large) ? 76 : 64;

	return ptmalloc_chunk(bins * (sizeof(unsigned short) + sizeof(void *)));
}

/**
 * ptmalloc_today - a heap before the first malloc(), with glibc's defaults
 */
struct ptmalloc ptmalloc_today(void)
{
	return (struct ptmalloc){
		.top_pad = KIB(128),
		.trim_threshold = KIB(128),
		.mmap_threshold = KIB(128),
		.dynamic = true,
	};
}

/**
 * ptmalloc_set - mallopt() was called
 * @p: the heap
 * @top_pad: M_TOP_PAD
 * @trim_threshold: M_TRIM_THRESHOLD
 */
void ptmalloc_set(struct ptmalloc *p, size_t top_pad, size_t trim_threshold)
{
	p->top_pad = top_pad;
	p->trim_threshold = trim_threshold;
	p->dynamic = false;
}

/**
 * ptmalloc_chunk - the size of the chunk for a request
 * @request: bytes
 */
size_t ptmalloc_chunk(size_t request)
{
	size_t size = round_up(request + HEADER, ALIGNMENT);

	return size < MINSIZE ? MINSIZE : size;
}

static enum ptmalloc_way take(struct ptmalloc *p, size_t size)
{
	size_t more;

	if (p->top >= size + MINSIZE) {
		p->top -= size;
		return PTMALLOC_TOP;
	}
	if (size >= p->mmap_threshold) {
		more = round_up(size + HEADER, len(1));
		p->mapped += more;
		p->mapped_change += more;
		return PTMALLOC_MMAP;
	}
	more = round_up(size + p->top_pad + MINSIZE - p->top, len(1));
	p->brk_change += more;
	p->top += more - size;
	return PTMALLOC_BRK;
}

/**
 * ptmalloc_malloc - a call of malloc() that finds no free chunk below the top
 * @p: the heap, which is changed
 * @request: bytes
 */
enum ptmalloc_way ptmalloc_malloc(struct ptmalloc *p, size_t request)
{
	enum ptmalloc_way way;

	p->brk_change = 0;
	p->mapped_change = 0;
	if (!p->begun)
		take(p, tcache());
	p->begun = true;
	way = take(p, ptmalloc_chunk(request));
	return p->brk_change ? PTMALLOC_BRK : way;
}

/**
 * ptmalloc_free_mapped - free() of the one chunk that has a mapping
 * @p: the heap, which is changed
 */
void ptmalloc_free_mapped(struct ptmalloc *p)
{
	if (p->dynamic && p->mapped > p->mmap_threshold && p->mapped <= MMAP_MAX) {
		p->mmap_threshold = p->mapped;
		p->trim_threshold = 2 * p->mapped;
	}
	p->mapped = 0;
}

/**
 * ptmalloc_free_top - free() of a chunk below the top, which becomes part of it
 * @p: the heap, which is changed
 * @below: its size, with that of a free chunk below it
 *
 * Return: by how much brk goes down
 */
size_t ptmalloc_free_top(struct ptmalloc *p, size_t below)
{
	size_t extra;

	p->top += below;
	if (below < CONSOLIDATE || p->top < p->trim_threshold ||
	    p->top - MINSIZE - 1 <= p->top_pad)
		return 0;
	extra = (p->top - MINSIZE - 1 - p->top_pad) / len(1) * len(1);
	p->top -= extra;
	return extra;
}

/* --- the picture ------------------------------------------------------------------------- */

static struct {
	char letter;
	const void *chunk;
} names[8];

/**
 * ptmalloc_name - the letter for an allocated chunk
 * @name: the letter
 * @chunk: as malloc() returned it; NULL when it was freed
 */
void ptmalloc_name(const char *name, const void *chunk)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].letter && names[i].letter != *name)
			continue;
		names[i].letter = *name;
		names[i].chunk = chunk;
		return;
	}
}

static char letter_of(const char *chunk, bool used)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].letter && names[i].chunk == chunk + 2 * HEADER)
			return names[i].letter;
	return used ? '?' : '=';
}

static size_t size_at(const char *chunk)
{
	size_t size;

	memcpy(&size, chunk + HEADER, sizeof(size));
	return size;
}

static void draw_heap(char *row, const char *heap, const char *end)
{
	size_t size, per = (size_t)(end - heap) / WIDTH + 1;
	const char *next;
	char letter;

	per = per < SCALE ? SCALE : per;
	for (const char *chunk = heap; chunk + MINSIZE <= end; chunk = next) {
		size = size_at(chunk) & ~FLAGS;
		next = chunk + size;
		if (size < MINSIZE || next > end)
			break;
		letter = next == end ? '.' : letter_of(chunk, size_at(next) & PREV_INUSE);
		if (chunk == heap)
			letter = 't';
		for (size_t i = (chunk - heap) / per; i <= (size_t)(next - 1 - heap) / per; i++)
			row[i] = row[i] ? row[i] : letter;
	}
}

/**
 * ptmalloc_draw - draw the heap and what is mapped beside it, below the step
 */
void ptmalloc_draw(void)
{
	const char *heap = (const char *)proc_named("[heap]").start;
	const char *end = sbrk(0);
	char row[WIDTH + 1] = "";

	if (!heap)
		return;
	draw_heap(row, heap, end);
	draw("[%s] %td KiB", row, (end - heap) >> 10);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].chunk && ((const char *)names[i].chunk < heap ||
				       (const char *)names[i].chunk >= end))
			draw("[%c] in a mapping of %zu KiB", names[i].letter,
			     (size_at((const char *)names[i].chunk - 2 * HEADER) & ~FLAGS) >> 10);
}
