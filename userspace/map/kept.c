// SPDX-License-Identifier: GPL-2.0
/*
 * A snapshot of the past: the VMAs of an address space as the records told them. A recording does
 * not say which pages were present in which VMA, only how many there were in all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "map/snapshot.h"

#define MINOR_BITS	20	/* of a dev_t inside of the kernel (include/linux/kdev_t.h) */

static void *copied(const void *from, size_t size)
{
	void *to = malloc(size);

	if (!to)
		abort();
	return memcpy(to, from, size);
}

/*
 * Copy a VMA, so that the snapshot shows it as it is now even if it changes before it is printed.
 */
static const struct vma *copied_vma(const struct vma *vma)
{
	struct vma *copy = copied(vma, sizeof(*vma));

	if (copy->name)
		copy->name = copied(copy->name, strlen(copy->name) + 1);
	return copy;
}

static void take(struct snapshot *snapshot, const struct mm *mm, const struct map_range *range)
{
	const struct vma *from = range->vma;
	const struct vma_image *image = &from->image;
	const char *name = names_of(from, mm);
	__u64 size = proc_page_size(), pages = (range->end - range->start) / size;
	struct snapshot_vma *vma = snapshot_add(snapshot);

	vma->start = range->start;
	vma->end = range->end;
	vma->offset = image->file ? (from->base + range->start / size) * size : 0;
	vma->inode = image->file ? image->ino : 0;
	vma->major = image->file ? image->dev >> MINOR_BITS : 0;
	vma->minor = image->file ? image->dev & ((1U << MINOR_BITS) - 1) : 0;
	vma->rights[0] = image->flags & RAW_VM_READ ? 'r' : '-';
	vma->rights[1] = image->flags & RAW_VM_WRITE ? 'w' : '-';
	vma->rights[2] = image->flags & RAW_VM_EXEC ? 'x' : '-';
	vma->rights[3] = image->flags & RAW_VM_MAYSHARE ? 's' : 'p';
	vma->name = copied(name ? name : "?", strlen(name ? name : "?") + 1);
	vma->flags = copied("", 1);
	vma->hidden = true;
	vma->vma = copied_vma(from);
	memset(vma->strip, '?', pages < snapshot->width ? pages : snapshot->width);
}

/**
 * snapshot_of_mm - make a snapshot of an address space as the records have told it so far
 * @snapshot: @width is set; what it had before is freed
 * @mm: the address space
 * @now: time of that, in ns
 */
void snapshot_of_mm(struct snapshot *snapshot, const struct mm *mm, __u64 now)
{
	const struct map_range *range;

	snapshot_free(snapshot);
	snapshot->kept = true;
	snapshot->probed = true;
	snapshot->pid = mm->tgid;
	snapshot->top = mm->compat ? ATLAS_TOP_32 : ATLAS_TOP_64;
	snapshot->now = now;
	snprintf(snapshot->comm, sizeof(snapshot->comm), "%.15s", mm->comm);
	snapshot->rss_known = !mm->rss_unknown;
	for (int i = 0; i < RAW_NR_RSS; i++)
		snapshot->rss[i] = mm->rss[i] > 0 ? mm->rss[i] : 0;
	for (range = mm_first(mm); range; range = range_above(range))
		take(snapshot, mm, range);
}
