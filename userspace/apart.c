// SPDX-License-Identifier: GPL-2.0
/*
 * Why two VMAs that touch are two: what the kernel compares before it merges.
 */
#include <stddef.h>
#include <stdio.h>
#include "apart.h"
#include "event.h"
#include "hooks.h"
#include "names.h"
#include "outbox.h"
#include "proc.h"
#include "vmas.h"
#include "vmflags.h"

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

static void say_names(const struct apart_facts *facts, char *buf, size_t size)
{
	const char *low = facts->low_name, *high = facts->high_name;

	if (low || high)
		snprintf(buf, size, "%s: %.40s, %.40s", why_name(MMSCOPE_WHY_NAME),
			 low ? low : "none", high ? high : "none");
	else
		snprintf(buf, size, "%s", why_name(MMSCOPE_WHY_NAME));
}

/**
 * apart_words - why two VMAs are two, in words: the only ones for it
 * @why: the reason
 * @facts: what is known of them
 * @buf: for the words
 * @size: of @buf
 */
void apart_words(enum mmscope_why why, const struct apart_facts *facts, char *buf, size_t size)
{
	char flags[160];

	if (why == MMSCOPE_WHY_FLAGS &&
	    vmflags_differing(facts->low_flags, facts->high_flags, flags, sizeof(flags)))
		snprintf(buf, size, "%s: %s", why_name(why), flags);
	else if (why == MMSCOPE_WHY_FILE && facts->file && facts->same_file)
		snprintf(buf, size, "the file was opened twice");
	else if (why == MMSCOPE_WHY_OFFSET && facts->file)
		snprintf(buf, size, "%s: page %llu follows page %llu", why_name(why), facts->next,
			 facts->last);
	else if (why == MMSCOPE_WHY_NAME)
		say_names(facts, buf, size);
	else
		snprintf(buf, size, "%s", why_name(why));
}

/* None where it is the kernel's, as that of the vdso. */
static const char *given_name(const struct area *area)
{
	return area->image.named && !area->special ? area->name : NULL;
}

/**
 * apart_say - why two VMAs that touch are two, in words
 * @why: the reason, from apart_why() of them
 * @low: the lower one
 * @high: the other
 * @buf: for the words
 * @size: of @buf
 */
void apart_say(enum mmscope_why why, const struct area *low, const struct area *high, char *buf,
	       size_t size)
{
	const struct vma_image *a = &low->image, *b = &high->image;
	const struct apart_facts facts = {
		.low_flags = a->flags,
		.high_flags = b->flags,
		.file = a->file,
		.same_file = b->file && a->ino == b->ino && a->dev == b->dev,
		.last = low->base + low->end / proc_page_size() - 1,
		.next = area_pgoff(high),
		.low_name = given_name(low),
		.high_name = given_name(high),
	};

	apart_words(why, &facts, buf, size);
}

/* Once, until the neighbour or the reason is another. */
static void tell(struct space *space, const struct area *area, const struct area *low,
		 struct area *high)
{
	enum mmscope_why why = apart_why(low, high);
	__u64 flags = low->image.flags ^ high->image.flags;
	struct mmscope_event *e;

	if (high->apart.from == low->id && high->apart.why == why &&
	    (why != MMSCOPE_WHY_FLAGS || high->apart.flags == flags))
		return;
	high->apart.flags = flags;
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
