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
 * target_room - reserve addresses, at which parts of it can be mapped
 * @length: bytes
 *
 * Return: where, of whom munmap(2) takes it, or NULL
 */
char *target_room(size_t length)
{
	char *at = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			0);

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
