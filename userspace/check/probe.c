// SPDX-License-Identifier: GPL-2.0
/*
 * What is found out about a device's memory before the checks: how it can be mapped, and what it is
 * like.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"
#include "check/target.h"

/* How long a device is given to write by itself */
#define WAIT_US		120000
/* Lengths in pages: the usual ones from the greatest on, all small ones, and powers of two */
#define USUAL_MOST	16
#define USUAL		5
#define SMALL		64
#define GREAT		6

static char *try_each_way(struct target *target)
{
	static const struct {
		int prot;
		int how;
	} ways[] = {
		{ PROT_READ | PROT_WRITE, MAP_SHARED }, { PROT_READ, MAP_SHARED },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE }, { PROT_READ, MAP_PRIVATE },
	};
	char *at;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (target->read_only && ways[i].prot & PROT_WRITE)
			continue;
		at = target_try(target, target->length, ways[i].prot, ways[i].how, target->offset);
		if (!at)
			continue;
		target->kind.prot = ways[i].prot;
		target->kind.how = ways[i].how;
		return at;
	}
	return NULL;
}

static size_t usual_pages(size_t i)
{
	if (i < USUAL)
		return (size_t)USUAL_MOST >> i;
	if (i < USUAL + SMALL)
		return i - USUAL + 1;
	return (size_t)SMALL << (i - USUAL - SMALL + 1);
}

/* Without a length the greatest of some usual ones is taken, or the first that is not refused. */
static char *map_somehow(struct target *target)
{
	char *at;

	if (target->length)
		return try_each_way(target);
	for (size_t i = 0; i < USUAL + SMALL + GREAT; i++) {
		target->length = usual_pages(i) * page_bytes();
		at = try_each_way(target);
		if (at)
			return at;
	}
	return NULL;
}

static bool is_present(const char *at)
{
	__u64 entry;

	return proc_pagemap((uintptr_t)at, 1, &entry) == 1 && entry & PAGEMAP_PRESENT;
}

static void compare_pages(struct target *target, const char *at)
{
	struct target_kind *kind = &target->kind;
	uint64_t value;

	kind->steady = !(target->says & SAY_CHANGES);
	kind->distinct = true;
	/* A device may write now and then. */
	usleep(WAIT_US);
	for (size_t i = 0; i < kind->pages; i++) {
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value) ||
		    value != target->seen[i])
			kind->steady = false;
		for (size_t j = 0; j < i; j++)
			if (target->seen[i] == target->seen[j])
				kind->distinct = false;
	}
}

/* A driver that maps its pages at once, and answers no fault, cannot give a page again. */
static void try_zap(struct target *target, char *at)
{
	struct target_kind *kind = &target->kind;
	uint64_t value;

	kind->keeps = true;
	if (madvise(at, kind->pages * page_bytes(), MADV_DONTNEED)) {
		kind->zap_error = errno;
		return;
	}
	kind->refaults = !memory_read(at + MEMORY_MARK, &value);
	for (size_t i = 0; kind->refaults && kind->steady && i < kind->pages; i++)
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value) ||
		    value != target->seen[i])
			kind->keeps = false;
}

/*
 * Some drivers let some pages only be read, whatever the VMA may: perf, all but the first. Return:
 * false, where nothing can be touched at all.
 */
static bool can_be_written(struct target *target, char *at)
{
	uint64_t value;

	for (size_t i = 0; target->kind.writes && i < target->kind.pages; i++) {
		char *word = at + i * page_bytes() + MEMORY_MARK;

		if (!memory_write(word, memory_mark(i)))
			continue;
		if (memory_read(word, &value))
			return memory_learn(target, at);
		check_tell(CHECK_NOTE, "page %zu may be read, and a write to it ends in a signal: "
			   "nothing is written any more", i);
		target->kind.writes = false;
	}
	return true;
}

/**
 * target_probe - find out how it can be mapped, and what its memory is like
 * @target: its kind is filled
 */
void target_probe(struct target *target)
{
	struct target_kind *kind = &target->kind;
	char *at;

	target_open(target);
	at = map_somehow(target);
	if (!at) {
		check_lacks("mmap: %s: say --length and --offset, or write a recipe",
			    strerrorname_np(errno));
		return;
	}
	target_flags(at, kind->flags, sizeof(kind->flags));
	if (kind->prot & PROT_WRITE && !target_flag(kind->flags, "wr")) {
		check_tell(CHECK_NOTE, "mmap(2) grants PROT_WRITE, and the driver takes it back");
		kind->prot &= ~PROT_WRITE;
	}
	kind->present = is_present(at);
	kind->pages = (target->length + page_bytes() - 1) / page_bytes();
	if (kind->pages > TARGET_PAGES)
		kind->pages = TARGET_PAGES;
	kind->writes = kind->prot & PROT_WRITE && kind->how == MAP_SHARED &&
		       (!target_is_io(target) || target->write_io);
	if (!can_be_written(target, at) || !memory_learn(target, at))
		return;
	compare_pages(target, at);
	try_zap(target, at);
}
