// SPDX-License-Identifier: GPL-2.0
/*
 * The second part of buddy: how much in pieces is free memory? By the rules of mm/vmstat.c from
 * /proc/buddyinfo, and as the kernel says itself in debugfs, where it can move memory together
 * (CONFIG_COMPACTION).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "experiments/pages/buddy.h"
#include "lab/experiment.h"

#define EXTFRAG	"/sys/kernel/debug/extfrag/"
#define NAME	8	/* columns of it, behind "zone " */
#define SLACK	20	/* thousandths of free memory that others may take meanwhile */
#define FEW	4	/* blocks that others may take */

/**
 * struct fragments - how much in pieces the memory of a zone is
 * @zone: its name, as in /proc/buddyinfo, with its node
 * @blocks: free ones of each order
 * @unusable: thousandths of what is free that are in blocks smaller than this order
 * @index: as the kernel says why a request of this order would fail; -1000: it would not
 */
struct fragments {
	char zone[40];
	long blocks[BUDDY_ORDERS];
	long unusable[BUDDY_ORDERS];
	long index[BUDDY_ORDERS];
};

/* Columns of "Node 0, zone   Normal"; 0 for another line. */
static size_t name_length(const char *line)
{
	const char *zone = strstr(line, "zone ");
	size_t length = zone ? zone - line + strlen("zone ") + NAME : 0;

	return length < sizeof(((struct fragments *)0)->zone) && length < strlen(line) ? length : 0;
}

static void read_blocks(const char *line, long *blocks)
{
	char *p = (char *)line;

	for (int i = 0; i < BUDDY_ORDERS; i++)
		blocks[i] = strtol(p, &p, 10);
}

/* In blocks of this order and larger ones. */
static long pages_from(const long *blocks, int order)
{
	long pages = 0;

	for (int i = order; i < BUDDY_ORDERS; i++)
		pages += blocks[i] << i;
	return pages;
}

/* Of the zone with the most free pages: all, and the index as far as it is known then. */
static bool compute(struct fragments *f)
{
	long free = 0, blocks[BUDDY_ORDERS];
	struct proc_lines lines;
	const char *line;

	if (!proc_open(&lines, "/proc/buddyinfo"))
		return false;
	while ((line = proc_line(&lines))) {
		size_t name = name_length(line);

		read_blocks(line + name, blocks);
		if (!name || pages_from(blocks, 0) <= free)
			continue;
		free = pages_from(blocks, 0);
		snprintf(f->zone, sizeof(f->zone), "%.*s", (int)name, line);
		memcpy(f->blocks, blocks, sizeof(blocks));
	}
	for (int i = 0; i < BUDDY_ORDERS && free; i++) {
		f->unusable[i] = (free - pages_from(f->blocks, i)) * 1000 / free;
		f->index[i] = pages_from(f->blocks, i) ? -1000 : 0;
	}
	return free > 0;
}

static bool read_index(const char *path, const char *zone, long *thousandths)
{
	struct proc_lines lines;
	const char *line;
	char *p = NULL;

	if (!proc_open(&lines, path))
		return false;
	while (!p && (line = proc_line(&lines)))
		if (!strncmp(line, zone, strlen(zone)))
			p = (char *)line + strlen(zone);
	for (int i = 0; p && i < BUDDY_ORDERS; i++) {
		double value = strtod(p, &p) * 1000;

		thousandths[i] = value < 0 ? value - 0.5 : value + 0.5;
	}
	proc_close(&lines);
	return p;
}

static bool ask_kernel(struct fragments *f)
{
	return read_index(EXTFRAG "unusable_index", f->zone, f->unusable) &&
	       read_index(EXTFRAG "extfrag_index", f->zone, f->index);
}

SEE_ALL("unusable for order ", "index of order ");

static const int wanted[] = { 3, BUDDY_HUGE, BUDDY_ORDERS - 1 };

static void expect_fragments(const struct fragments *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		long of = f->unusable[wanted[i]];
		char index[40] = "";

		if (f->blocks[wanted[i]] > FEW)
			snprintf(index, sizeof(index), ", index of order %d -1000", wanted[i]);
		expect("unusable for order %d %ld..%ld%s", wanted[i], of < SLACK ? 0 : of - SLACK,
		       of + SLACK, index);
	}
}

static void see_fragments(const struct fragments *f)
{
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		snprintf(name, sizeof(name), "unusable for order %d", wanted[i]);
		see(name, f->unusable[wanted[i]]);
		snprintf(name, sizeof(name), "index of order %d", wanted[i]);
		see(name, f->index[wanted[i]]);
	}
	draw("%s: order  blocks  unusable   index", f->zone);
	for (int i = 0; i < BUDDY_ORDERS; i++)
		draw("%28d  %6ld    %2ld.%ld %%  %6.3f", i, f->blocks[i], f->unusable[i] / 10,
		     f->unusable[i] % 10, f->index[i] / 1000.0);
}

/* What is free is of no use to who wants more in a row. */
static void in_pieces(const char *title)
{
	struct fragments f = { .zone = "" };

	if (!compute(&f) || !ask_kernel(&f)) {
		leave_out("how much in pieces: root may look into /sys/kernel/debug/extfrag");
		return;
	}
	STEP("%s", title) {
		compute(&f);
		expect_fragments(&f);
		syscall_begin();
		syscall_end(0);
		ask_kernel(&f);
		see_fragments(&f);
	}
}

/**
 * buddy_fragments - give back every second page, and see what that is worth
 * @size: of the memory
 */
void buddy_fragments(size_t size)
{
	size_t pages = size / len(1);
	struct buddy_lists before, after;
	char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	in_pieces("free memory: is it in pieces?");
	memset(m, 1, size);
	STEP("of %zu MiB, give back every second page", size >> 20) {
		expect("single or in stores %zu..%zu", pages / 4, pages * 3 / 4);
		note("No two of them are buddies, for what lies between is in use: half of the "
		     "memory is free, and no block of two.");
		before = buddy_look();
		syscall_begin();
		for (size_t i = 0; i < size; i += len(2))
			madvise(m + i, len(1), MADV_DONTNEED);
		syscall_end(0);
		after = buddy_look();
		see("single or in stores", after.blocks[0] + after.stores -
		    before.blocks[0] - before.stores);
	}
	in_pieces("and now?");
	munmap(m, size);
}
