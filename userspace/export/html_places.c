// SPDX-License-Identifier: GPL-2.0
/*
 * Which instruction of which file it was that faulted, while it is known what is where.
 */
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "export/html_picture.h"

/**
 * html_place_of - where the instruction of a fault is
 * @picture: all
 * @e: the fault
 *
 * Return: its number
 */
__u32 html_place_of(struct html_picture *picture, const struct mmscope_event *e)
{
	const struct mm *mm = mm_get(e->mm);
	const struct vma *vma = mm ? mm_at(mm, e->ip) : NULL;
	struct html_place place = { .offset = e->ip };
	const char *name = NULL;

	if (vma && vma->image.flags & RAW_VM_EXEC)
		name = names_of(vma, mm);
	place.program = html_word(&picture->words, name);
	if (name && *name) {
		place.offset -= vma->start;
		if (vma->image.file)
			place.offset += vma_pgoff(vma) * proc_page_size();
	}
	return html_set_add(&picture->places, &place, sizeof(place));
}
