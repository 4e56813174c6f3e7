// SPDX-License-Identifier: GPL-2.0
/*
 * H: which page frame is behind an index, as /proc/PID/pagemap shows it to root. Pages that read
 * alike can be told apart only so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

/* Return: has each page one? If not, it was said why. */
static bool frames_of(const struct target *target, const char *at, __u64 *frames)
{
	size_t n = target->kind.pages;

	if (proc_pagemap((uintptr_t)at, n, frames) != n) {
		check_lacks("/proc/PID/pagemap: %s", strerrorname_np(errno));
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (!(frames[i] & PAGEMAP_PRESENT)) {
			check_tell(CHECK_SKIP, "/proc/PID/pagemap does not show its pages");
			return false;
		}
		frames[i] = PAGEMAP_PFN(frames[i]);
		if (frames[i])
			continue;
		check_lacks("/proc/PID/pagemap tells page frames to root alone");
		return false;
	}
	return true;
}

/* Return: an index of that frame, or one that there is not */
static size_t find(const __u64 *frames, size_t n, __u64 frame)
{
	size_t i = 0;

	while (i < n && frames[i] != frame)
		i++;
	return i;
}

/* Memory that is mirrored on purpose is rare: a ring, for what crosses its end. */
static void look_for_twins(const __u64 *frames, size_t n)
{
	if (n > 1 && n % 2 == 0 && !memcmp(frames, frames + n / 2, n / 2 * sizeof(*frames))) {
		check_tell(CHECK_NOTE, "its second half is its first once more: a ring that is "
			   "mapped twice?");
		return;
	}
	for (size_t i = 1; i < n; i++) {
		size_t j = find(frames, i, frames[i]);

		if (j == i)
			continue;
		check_tell(CHECK_WARN, "page %zu is the same page frame as page %zu: is ->fault "
			   "right about the index (vmf->pgoff)?", i, j);
		return;
	}
}

/* mm may put a page elsewhere, but only one that is in a list of its own, and not all at once. */
static void compare(const __u64 *before, const __u64 *after, size_t n)
{
	size_t changed = 0, j;

	for (size_t i = 0; i < n; i++) {
		if (after[i] == before[i])
			continue;
		changed++;
		j = find(before, n, after[i]);
		if (j == n)
			continue;
		check_tell(CHECK_FAIL, "faulted in again, page %zu is the page frame that page %zu "
			   "was", i, j);
		return;
	}
	if (changed)
		check_tell(changed == n && n > 1 ? CHECK_WARN : CHECK_NOTE,
			   "faulted in again, %zu of %zu pages are other page frames than before",
			   changed, n);
}

/* The order of the second time is another, for a driver that goes by it. */
static bool fault_again(const struct target *target, char *at)
{
	size_t n = target->kind.pages;
	uint64_t value;

	if (!target->kind.refaults || madvise(at, n * page_bytes(), MADV_DONTNEED))
		return false;
	for (size_t i = n; i-- > 0;)
		if (memory_read(at + i * page_bytes() + MEMORY_MARK, &value))
			return false;
	return true;
}

void check_frames(struct target *target)
{
	static __u64 before[TARGET_PAGES], after[TARGET_PAGES];
	size_t n = target->kind.pages;
	char *at;

	if (target->kind.how != MAP_SHARED) {
		check_tell(CHECK_SKIP, "private pages are mm's");
		return;
	}
	if (!target->kind.keeps && target->kind.writes) {
		check_tell(CHECK_FAIL, "what was written is not there any more, faulted in again "
			   "after MADV_DONTNEED: ->fault does not keep what it gives");
		return;
	}
	at = target_map_learnt(target);
	if (!at || !frames_of(target, at, before))
		return;
	look_for_twins(before, n);
	if (fault_again(target, at) && frames_of(target, at, after))
		compare(before, after, n);
}
