// SPDX-License-Identifier: GPL-2.0
/*
 * The last part of partial-munmap: all ways to give back a quarter of an array, side by side. What
 * comes back, what it costs in VMAs and time, and what a later touch of it does.
 */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/give_back.h"
#include "lab/step.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define PAGES	256
#define PART	64	/* of them */

/* Where an array comes from */
enum source { PRIVATE, SHARED_FILE, MALLOC, HEAP };

/**
 * struct way - one of them
 * @title: of it
 * @source: of the array
 * @first: page of the part
 * @give: does it, to the part in the array
 * @back: pages that come back
 * @vmas: how many more there are then
 * @touch: what is found there later: "zero", "old", SIGSEGV
 * @faults: of reading the whole part
 * @rule: where it holds, else EINVAL and nothing changes
 */
struct way {
	const char *title;
	enum source source;
	size_t first;
	long (*give)(char *array, char *part);
	long back;
	long vmas;
	const char *touch;
	long faults;
	const struct rule *rule;
};

static int file = -1;
static char *block;	/* in the heap */

static long give_munmap(__unused char *array, char *part)
{
	return munmap(part, len(PART));
}

static long give_dontneed(__unused char *array, char *part)
{
	return madvise(part, len(PART), MADV_DONTNEED);
}

static long give_free(__unused char *array, char *part)
{
	return madvise(part, len(PART), MADV_FREE);
}

static long give_guard(__unused char *array, char *part)
{
	return madvise(part, len(PART), MADV_GUARD_INSTALL);
}

static long give_shrunk(char *array, __unused char *part)
{
	return (long)mremap(array, len(PAGES), len(PAGES - PART), 0);
}

static long give_fixed(__unused char *array, char *part)
{
	return (long)mmap(part, len(PART), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static long give_hole(char *array, char *part)
{
	return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, part - array, len(PART));
}

static long give_remove(__unused char *array, char *part)
{
	return madvise(part, len(PART), MADV_REMOVE);
}

static long give_realloc(char *array, __unused char *part)
{
	return (long)realloc(array, len(PAGES - PART) - 32);
}

/* free() alone gives nothing back: others' blocks are above this one. */
static long give_trim(__unused char *array, __unused char *part)
{
	free(block);
	return malloc_trim(0) ? 0 : -1;
}

static const struct way ways[] = {
	{ "munmap, the head", PRIVATE, 0, give_munmap, PART, 0, "SIGSEGV", 0, NULL },
	{ "munmap, the middle", PRIVATE, PART, give_munmap, PART, 1, "SIGSEGV", 0, NULL },
	{ "munmap, the tail", PRIVATE, PAGES - PART, give_munmap, PART, 0, "SIGSEGV", 0, NULL },
	{ "mremap, shrink", PRIVATE, PAGES - PART, give_shrunk, PART, 0, "SIGSEGV", 0, NULL },
	{ "MAP_FIXED over it", PRIVATE, PART, give_fixed, PART, 0, "zero", PART, NULL },
	{ "MADV_DONTNEED", PRIVATE, PART, give_dontneed, PART, 0, "zero", PART, NULL },
	{ "MADV_FREE", PRIVATE, PART, give_free, 0, 0, "old", 0, NULL },
	{ "MADV_GUARD_INSTALL", PRIVATE, PART, give_guard, PART, 0, "SIGSEGV", 0, &rule_guard },
	{ "fallocate, a hole", SHARED_FILE, PART, give_hole, PART, 0, "zero", PART, NULL },
	{ "MADV_REMOVE", SHARED_FILE, PART, give_remove, PART, 0, "zero", PART, NULL },
	{ "realloc, shrink", MALLOC, PAGES - PART, give_realloc, PART, 0, "SIGSEGV", 0, NULL },
	{ "free, malloc_trim", HEAP, 0, give_trim, PART, 0, "zero", PART, NULL },
};

static char *allocate(size_t size)
{
	char *array = malloc(size);

	if (!array)
		skip("malloc: %s", strerror(errno));
	memset(array, 1, size);
	return array;
}

/* Of a free chunk malloc_trim() gives back whole pages behind its links: one less than are here. */
static char *make_in_heap(void)
{
	mallopt(M_MMAP_THRESHOLD, MIB(16));
	allocate(len(PAGES - PART));
	block = allocate(len(PART + 1) - 2 * sizeof(long));
	allocate(len(PART));		/* or the block would become one with the top */
	return (char *)(((size_t)block + 4 * sizeof(long) + len(1) - 1) & -len(1));
}

static char *make(const struct way *way)
{
	struct region *m;

	mallopt(M_MMAP_THRESHOLD, KIB(128));	/* or the first free() raises it */
	if (way->source == MALLOC)
		return allocate(len(PAGES) - 32);
	if (way->source == HEAP)
		return make_in_heap();
	m = reserve(PAGES, NULL);
	file = way->source == SHARED_FILE ? memfd_create("array", MFD_CLOEXEC) : -1;
	if (file >= 0 && ftruncate(file, len(PAGES)))
		skip("memfd: %s", strerror(errno));
	mmap(at(m, 0), len(PAGES), PROT_READ | PROT_WRITE, MAP_FIXED |
	     (file >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS), file, 0);
	memset(at(m, 0), 1, len(PAGES));
	return at(m, 0);
}

/* Reads each page of the part; as the part of a chunk begins inside a page, of its pages. */
static const char *touch(char *part)
{
	outcome->minor = 0;
	for (size_t i = 0; i < PART && !outcome->sig; i++)
		read_at(part + len(i));
	return outcome->sig == SIGSEGV ? "SIGSEGV" : outcome->byte ? "old" : "zero";
}

static void expect_way(const struct way *way)
{
	bool works = rule_holds(way->rule);
	char now[80], before[80];

	snprintf(now, sizeof(now), "back %ld, more VMAs %ld, later touch %s", way->back, way->vmas,
		 way->touch);
	snprintf(before, sizeof(before), "back 0, more VMAs 0, later touch old");
	expect_since(way->rule, now, before);
	expect("errno %s, faults then %ld", works ? "none" : "EINVAL", works ? way->faults : 0);
	if (works && !strcmp(way->touch, "SIGSEGV"))
		expect("signal SIGSEGV MAPERR");
}

/* Pages that are present: of malloc()'s by all that is anonymous, else by their addresses. */
static long present(const struct way *way)
{
	if (way->source >= MALLOC)
		return proc_field("/proc/self/smaps_rollup", "Anonymous:") * 1024 / (long)len(1);
	return figures_find("rss ")->number() / (long)len(1);
}

static void forget(void)
{
	drop_all();
	if (file >= 0)
		close(file);
}

/* Code that runs for the first time has to be read, too: that is not the way's cost. */
static void rehearse(const struct way *way)
{
	char *array = make(way);

	way->give(array, array + len(way->first));
	if (way->source == MALLOC)
		free(array);
	forget();
}

static void one(const struct way *way, char *row, size_t size)
{
	char *array, *part;
	const char *found;
	long pages, vmas;
	long long ns;

	rehearse(way);
	array = make(way);
	part = array + len(way->first);
	pages = present(way);
	vmas = proc_count(NULL);
	STEP("%s", way->title) {
		long result;

		expect_way(way);
		syscall_begin();
		ns = time_now();
		result = way->give(array, part);
		ns = time_now() - ns;
		syscall_end(result == -1 ? -1 : 0);
		pages -= present(way);
		vmas = proc_count(NULL) - vmas;
		see("back", pages);
		see("more VMAs", vmas);
		found = touch(part);
		see_text("later touch", "%s", found);
		see("faults then", outcome->minor);
		snprintf(row, size, "%-20s %4ld of %d %6ld %6lld us   %-8s %4ld", way->title,
			 pages, PART, vmas, ns / 1000, found, outcome->minor);
	}
	forget();
}

/**
 * ways_all - each way to give back, and the table of all
 */
void ways_all(void)
{
	static char rows[ARRAY_SIZE(ways)][80];

	/* The first signal faults in its own stack. */
	read_at(at(reserve(1, NULL), 0));
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		one(&ways[i], rows[i], sizeof(rows[i]));
	STEP("all of them side by side") {
		expect("process vmas +0");
		note("time: of one call for %d pages, on this machine now.", PART);
		syscall_begin();
		syscall_end(0);
		draw("%-20s %-11s %4s  %9s   %-8s %s", "way", "pages back", "VMAs", "time",
		     "touched", "faults");
		for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
			draw("%s", rows[i]);
	}
}
