/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device that is checked: how it is opened and mapped, and what is known of its memory.
 */
#ifndef MMSCOPE_CHECK_TARGET_H
#define MMSCOPE_CHECK_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/tool.h"

struct recipe;

/* So many pages of a mapping are looked at, however long it is. */
#define TARGET_PAGES	256

/* What a recipe declares with say: the contract, besides the extent. */
#define SAY_CLEARED	0x01	/* who opens it finds no old data */
#define SAY_CHANGES	0x02	/* the device writes, too */
#define SAY_GUP		0x04	/* its pages can be pinned */
#define SAY_GROW	0x08	/* it may be grown by mremap(2) */
#define SAY_INHERIT	0x10	/* a child has it, too */
#define SAY_CUT		0x20	/* a part may be unmapped */

/**
 * struct target_kind - what was found out about its memory before the checks
 * @prot: rights that it gives
 * @how: MAP_SHARED or MAP_PRIVATE
 * @flags: its VMA's, as in smaps
 * @pages: how many are looked at
 * @writes: pages are marked, to be told apart
 * @steady: what is read twice is the same
 * @distinct: no two pages read the same
 * @refaults: pages that MADV_DONTNEED took are there again when touched
 * @keeps: and hold what they held
 * @present: pages are there before they are touched
 * @zap_error: of MADV_DONTNEED, or 0
 */
struct target_kind {
	int prot;
	int how;
	char flags[160];
	size_t pages;
	bool writes;
	bool steady;
	bool distinct;
	bool refaults;
	bool keeps;
	bool present;
	int zap_error;
};

/**
 * struct target - what is checked
 * @name: as typed
 * @path: of a device, NULL where a recipe says how
 * @recipe: or NULL
 * @options: of the command line, for a check that starts the tool once more
 * @read_only: it is opened for reading
 * @write_io: the memory of a device is written, too
 * @length: bytes to map, 0 to find out
 * @offset: where
 * @extent: bytes that there are behind @offset, 0 for unknown
 * @says: SAY_*
 * @fd: of the open file
 * @until: when the check that runs is ended
 * @kind: what was found out
 * @seen: what each page reads; in a check's own process
 */
struct target {
	const char *name;
	const char *path;
	struct recipe *recipe;
	bool read_only;
	bool write_io;
	size_t length;
	uint64_t offset;
	size_t extent;
	unsigned int says;
	int fd;
	uint64_t until;
	struct target_kind kind;
	uint64_t seen[TARGET_PAGES];
};

void target_open(struct target *target);
bool target_open_too(struct target *target);
void target_close(struct target *target);
char *target_try(const struct target *target, size_t length, int prot, int how, uint64_t offset);
char *target_room(size_t length);
bool target_try_at(const struct target *target, char *at, size_t length, uint64_t offset);
char *target_map(struct target *target);
char *target_map_learnt(struct target *target);
void target_unmap(const struct target *target, char *at);

bool target_flag(const char *flags, const char *flag);
bool target_flags(const char *at, char *flags, size_t size);
bool target_is_io(const struct target *target);
bool target_pfn(const struct target *target);
bool target_fills_at_once(const struct target *target, int how);

#endif
