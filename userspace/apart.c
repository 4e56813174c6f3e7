// SPDX-License-Identifier: GPL-2.0
/*
 * Why two VMAs that touch are two: what the kernel compares before it merges.
 */
#include <stddef.h>
#include "apart.h"
#include "hooks.h"
#include "names.h"
#include "outbox.h"
#include "vmas.h"

/**
 * apart_why - why two VMAs that touch are two
 * @low: the lower one
 * @high: the other
 */
enum mmscope_why apart_why(const struct area *low, const struct area *high)
{
	const struct vma_image *a = &low->image, *b = &high->image;
	__u64 flags = (a->flags ^ b->flags) & ~(__u64)RAW_VM_NO_MATTER;

	if (a->file != b->file)
		return MMSCOPE_WHY_FILE;
	if (flags && (a->uffd == b->uffd || flags & ~RAW_VM_UFFD))
		return MMSCOPE_WHY_FLAGS;
	if (a->flags & RAW_VM_SPECIAL)
		return MMSCOPE_WHY_SPECIAL;
	if (hooks_has(a->ops, RAW_HOOK_CLOSE))
		return MMSCOPE_WHY_CLOSE;
	if (a->uffd != b->uffd)
		return MMSCOPE_WHY_UFFD;
	if (!names_same(low, high))
		return MMSCOPE_WHY_NAME;
	if (a->policy != b->policy)
		return MMSCOPE_WHY_POLICY;
	if (a->anon_vma != b->anon_vma && ((a->anon_vma && b->anon_vma) || a->forked || b->forked))
		return MMSCOPE_WHY_ANON_VMA;
	if (low->base != high->base)
		return MMSCOPE_WHY_OFFSET;
	return MMSCOPE_WHY_NOT_TRIED;
}

/* Once, until the neighbour or the reason is another. */
static void tell(struct space *space, const struct area *area, const struct area *low,
		 struct area *high)
{
	enum mmscope_why why = apart_why(low, high);
	struct mmscope_event *e;

	if (high->apart.from == low->id && high->apart.why == why)
		return;
	high->apart.from = low->id;
	high->apart.why = why;
	e = outbox_add(MMSCOPE_APART, space, area);
	e->parent = (area == low ? high : low)->id;
	e->aux = low->end;
	e->pages = why;
}

/**
 * apart_tell - tell why a VMA did not merge with its neighbours, where that is news
 * @space: in whose map
 * @area: the VMA, just changed
 */
void apart_tell(struct space *space, struct area *area)
{
	struct area *below = area->start ? space_at(space, area->start - 1) : NULL;
	struct area *above = space_at(space, area->end);

	if (below)
		tell(space, area, below, area);
	if (above)
		tell(space, area, area, above);
}
