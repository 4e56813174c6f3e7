// SPDX-License-Identifier: GPL-2.0
/*
 * An address space at one moment of the past: its VMAs as the records told them. Which pages were
 * present in which VMA nobody has kept; how many there were in all is known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "map/snapshot.h"

#define MINOR_BITS	20	/* of a device's number, as the kernel keeps it inside */

static void *copied(const void *from, size_t size)
{
	void *to = malloc(size);

	if (!to)
		abort();
	return memcpy(to, from, size);
}

/* What is drawn later is to be as it is now. */
static const struct area *copied_area(const struct area *area)
{
	struct area *copy = copied(area, sizeof(*area));

	if (copy->name)
		copy->name = copied(copy->name, strlen(copy->name) + 1);
	return copy;
}

static void take(struct snapshot *snapshot, const struct space *space, const struct piece *piece)
{
	const struct area *area = piece->area;
	const struct vma_image *image = &area->image;
	const char *name = names_of(area, space);
	__u64 size = proc_page_size(), pages = (piece->end - piece->start) / size;
	struct snapshot_vma *vma = snapshot_add(snapshot);

	vma->start = piece->start;
	vma->end = piece->end;
	vma->offset = image->file ? (area->base + piece->start / size) * size : 0;
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
	vma->area = copied_area(area);
	memset(vma->strip, '?', pages < snapshot->width ? pages : snapshot->width);
}

/**
 * snapshot_of_space - draw an address space as it is known now
 * @snapshot: width is set; what was there is forgotten
 * @space: the address space
 * @now: which time that is
 */
void snapshot_of_space(struct snapshot *snapshot, const struct space *space, __u64 now)
{
	const struct piece *piece;

	snapshot_free(snapshot);
	snapshot->kept = true;
	snapshot->probed = true;
	snapshot->pid = space->tgid;
	snapshot->top = space->compat ? ATLAS_TOP_32 : ATLAS_TOP_64;
	snapshot->now = now;
	snprintf(snapshot->comm, sizeof(snapshot->comm), "%.15s", space->comm);
	snapshot->rss_known = !space->rss_unknown;
	for (int i = 0; i < RAW_NR_RSS; i++)
		snapshot->rss[i] = space->rss[i] > 0 ? space->rss[i] : 0;
	for (piece = space_first(space); piece; piece = piece_above(piece))
		take(snapshot, space, piece);
}
