// SPDX-License-Identifier: GPL-2.0
/*
 * The device that is checked: how it is opened and mapped, and what is known of its memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"
#include "check/recipe.h"
#include "check/target.h"

/* How long a device is given to write by itself */
#define WAIT_US		120000
/* Lengths in pages: the usual ones from the greatest on, all small ones, and powers of two */
#define USUAL_MOST	16
#define USUAL		5
#define SMALL		64
#define GREAT		6

static void give_up(const char *what, const char *why)
{
	check_lacks("%s: %s", what, why);
	_exit(1);
}

/* What a recipe says goes before nothing but the command line. */
static bool open_by_recipe(struct target *target, char *error)
{
	struct recipe_result result;

	if (!recipe_run(target->recipe, &result, error))
		return false;
	target->fd = result.fd;
	target->says = result.says;
	if (!target->length)
		target->length = result.length;
	if (!target->offset)
		target->offset = result.offset;
	if (!target->extent)
		target->extent = result.extent;
	return true;
}

static bool open_somehow(struct target *target, char *error)
{
	if (target->recipe)
		return open_by_recipe(target, error);
	target->fd = open(target->path, O_CLOEXEC | (target->read_only ? O_RDONLY : O_RDWR));
	if (target->fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS))
		target->fd = open(target->path, O_CLOEXEC | O_RDONLY);
	if (target->fd >= 0)
		return true;
	snprintf(error, RECIPE_ERROR, "%s", strerror(errno));
	return false;
}

/**
 * target_open_too - open it once more, where that is allowed
 * @target: its fd is the new one
 */
bool target_open_too(struct target *target)
{
	char error[RECIPE_ERROR];

	return open_somehow(target, error);
}

/**
 * target_open - open it once more; a check ends where that fails
 * @target: its fd is the new one
 */
void target_open(struct target *target)
{
	char error[RECIPE_ERROR];

	if (!open_somehow(target, error))
		give_up(target->name, error);
}

/**
 * target_close - close all that it has open, also what a recipe opened on the way
 * @target: it
 */
void target_close(struct target *target)
{
	if (target->recipe)
		recipe_close();
	else
		close(target->fd);
	target->fd = -1;
}

/**
 * target_try - map it in some other way than the usual
 * @target: an open one
 * @length: bytes
 * @prot: PROT_*
 * @how: MAP_*
 * @offset: in the file
 *
 * Return: where, or NULL with errno
 */
char *target_try(const struct target *target, size_t length, int prot, int how, uint64_t offset)
{
	char *at = mmap(NULL, length, prot, how, target->fd, offset);

	return at == MAP_FAILED ? NULL : at;
}

/**
 * target_try_at - map a part of it as usual, where something else may be
 * @target: an open one
 * @at: there
 * @length: bytes
 * @offset: in the file
 */
bool target_try_at(const struct target *target, char *at, size_t length, uint64_t offset)
{
	return mmap(at, length, target->kind.prot, target->kind.how | MAP_FIXED, target->fd,
		    offset) == at;
}

/**
 * target_map - map it as before
 * @target: an open one
 *
 * Return: where, or NULL: then it was said
 */
char *target_map(struct target *target)
{
	char *at = target_try(target, target->length, target->kind.prot, target->kind.how,
			      target->offset);

	if (!at)
		check_tell(CHECK_NOTE, "it cannot be mapped once more: %s",
			   strerrorname_np(errno));
	return at;
}

/**
 * target_map_learnt - open it, map it, and learn what its pages hold
 * @target: it
 *
 * Return: where, or NULL: then it was said
 */
char *target_map_learnt(struct target *target)
{
	char *at;

	target_open(target);
	at = target_map(target);
	return at && memory_learn(target, at) ? at : NULL;
}

/**
 * target_unmap - unmap it
 * @target: it
 * @at: where
 */
void target_unmap(const struct target *target, char *at)
{
	munmap(at, target->length);
}

struct at_flags {
	uint64_t at;
	char *flags;
	size_t size;
	bool found;
};

static void take_flags(const struct proc_vma *vma, void *arg)
{
	struct at_flags *want = arg;

	if (vma->map.start > want->at || vma->map.end <= want->at)
		return;
	snprintf(want->flags, want->size, "%s", vma->flags);
	want->found = true;
}

/**
 * target_flags - the flags of a VMA
 * @at: an address in it
 * @flags: as in smaps, two letters and a blank each
 * @size: of @flags
 */
bool target_flags(const char *at, char *flags, size_t size)
{
	struct at_flags want = { .at = (uintptr_t)at, .flags = flags, .size = size };

	return !proc_vmas(getpid(), take_flags, &want) && want.found;
}

/**
 * target_flag - is a flag among others?
 * @flags: as in smaps
 * @flag: its two letters
 */
bool target_flag(const char *flags, const char *flag)
{
	for (; *flags; flags += strcspn(flags, " "), flags += *flags == ' ')
		if (!strncmp(flags, flag, 2))
			return true;
	return false;
}

/**
 * target_is_io - is its memory that of a device, where a touch may do something?
 * @target: it
 */
bool target_is_io(const struct target *target)
{
	return target_flag(target->kind.flags, "io");
}

/**
 * target_pfn - has its VMA page frames without struct page, which nobody can pin?
 * @target: it
 */
bool target_pfn(const struct target *target)
{
	return target_is_io(target) || target_flag(target->kind.flags, "pf");
}

/* Bytes of page tables that this process has */
static unsigned long page_tables(void)
{
	struct proc_lines lines;
	unsigned long kib = 0;
	const char *line;

	if (!proc_open(&lines, "/proc/self/status"))
		return 0;
	while ((line = proc_line(&lines)))
		if (sscanf(line, "VmPTE: %lu", &kib) == 1)
			break;
	proc_close(&lines);
	return kib * 1024;
}

/**
 * target_fills_at_once - are page tables filled by mmap(2) itself? /proc/PID/pagemap shows nothing
 *	of VM_PFNMAP: but where nothing else is, a page table comes into being
 * @target: an open one
 * @how: MAP_SHARED or MAP_PRIVATE
 */
bool target_fills_at_once(const struct target *target, int how)
{
	size_t alone = 4 << 20, around = target->length + 3 * alone;
	char *room = mmap(NULL, around, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			  0);
	char *at = (char *)(((uintptr_t)room + 2 * alone - 1) & -alone);
	unsigned long before;
	bool filled;

	if (room == MAP_FAILED)
		return false;
	page_tables();
	before = page_tables();
	if (mmap(at, target->length, PROT_READ, how | MAP_FIXED, target->fd, target->offset) == at)
		filled = page_tables() > before;
	else
		filled = false;
	munmap(room, around);
	return filled;
}

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
	kind->present = is_present(at);
	kind->pages = (target->length + page_bytes() - 1) / page_bytes();
	if (kind->pages > TARGET_PAGES)
		kind->pages = TARGET_PAGES;
	kind->writes = kind->prot & PROT_WRITE && kind->how == MAP_SHARED &&
		       (!target_is_io(target) || target->write_io);
	if (!memory_learn(target, at))
		return;
	compare_pages(target, at);
	try_zap(target, at);
}
