// SPDX-License-Identifier: GPL-2.0
/*
 * Why two VMAs that touch are not merged, in words. If the tracer did not tell of them, as far as
 * /proc says it.
 */
#include <stdio.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vmflags.h"
#include "base/proc.h"
#include "base/tool.h"
#include "map/snapshot.h"
#include "record/record.h"
#include "tracer/merge_refusal.h"

static bool same_file(const struct snapshot_vma *low, const struct snapshot_vma *high)
{
	return low->inode == high->inode && low->major == high->major && low->minor == high->minor;
}

static bool special(const struct snapshot_vma *vma)
{
	return strstr(vma->flags, "io ") || strstr(vma->flags, "pf ") ||
	       strstr(vma->flags, "mm ") || strstr(vma->flags, "de ");
}

/* An enum record_why by what /proc says of two VMAs; -1 if that is not enough. */
static int guess(const struct snapshot_vma *low, const struct snapshot_vma *high)
{
	char flags[160];

	if (!same_file(low, high))
		return RECORD_WHY_FILE;
	if (vmflags_differing(vmflags_of_smaps(low->flags), vmflags_of_smaps(high->flags), flags,
			      sizeof(flags)))
		return RECORD_WHY_FLAGS;
	if (special(low))
		return RECORD_WHY_SPECIAL;
	if (!low->inode && strcmp(low->name, high->name))
		return RECORD_WHY_NAME;
	if (low->inode && low->offset + low->end - low->start != high->offset)
		return RECORD_WHY_OFFSET;
	return -1;
}

/* Write why two VMAs are not merged, as far as /proc says it. */
static void say(int why, const struct snapshot_vma *low, const struct snapshot_vma *high, char *buf,
		size_t size)
{
	const struct apart_facts facts = {
		.low_flags = vmflags_of_smaps(low->flags),
		.high_flags = vmflags_of_smaps(high->flags),
		.file = low->inode,
		.same_file = same_file(low, high),
		.last = (low->offset + low->end - low->start) / proc_page_size() - 1,
		.next = high->offset / proc_page_size(),
		.low_name = *low->name ? low->name : NULL,
		.high_name = *high->name ? high->name : NULL,
	};

	if (why < 0)
		snprintf(buf, size, "only root learns why");
	else
		merge_refusal_words(why, &facts, buf, size);
}

/**
 * snapshot_apart - say why a VMA and the one before it are not merged
 * @snapshot: the snapshot
 * @i: number of the VMA
 * @buf: for the reason in words
 * @size: of @buf
 *
 * Return: enum record_why; -1 when it is not known, -2 when the VMAs do not touch
 */
int snapshot_apart(const struct snapshot *snapshot, size_t i, char *buf, size_t size)
{
	const struct snapshot_vma *high = &snapshot->vmas[i], *low = high - 1;
	int why;

	if (!i || low->end != high->start)
		return -2;
	if (low->vma && high->vma) {
		why = merge_refusal_why(low->vma, high->vma);
		merge_refusal_say(why, low->vma, high->vma, buf, size);
	} else {
		why = guess(low, high);
		say(why, low, high, buf, size);
	}
	return why;
}
