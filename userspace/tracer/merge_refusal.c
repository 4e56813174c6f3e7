// SPDX-License-Identifier: GPL-2.0
/*
 * Why the kernel has not merged two VMAs that touch: what it compares before it merges, in its
 * order.
 */
#include <stddef.h>
#include <stdio.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "aspace/vmflags.h"
#include "base/proc.h"
#include "record/record.h"
#include "record/text.h"
#include "tracer/merge_refusal.h"
#include "tracer/queue.h"
#include "tracer/vm_ops.h"

/**
 * merge_refusal_why - why two VMAs that touch are not merged
 * @low: the VMA with the lower addresses
 * @high: the VMA with the higher addresses
 *
 * Return: the first reason that holds
 */
enum record_why merge_refusal_why(const struct vma *low, const struct vma *high)
{
	const struct vma_image *a = &low->image, *b = &high->image;
	__u64 flags = (a->flags ^ b->flags) & ~(__u64)RAW_VM_NO_MATTER;

	if (a->file != b->file)
		return RECORD_WHY_FILE;
	if (flags && (a->uffd == b->uffd || flags & ~RAW_VM_UFFD))
		return RECORD_WHY_FLAGS;
	if (a->flags & RAW_VM_SPECIAL)
		return RECORD_WHY_SPECIAL;
	if (hooks_has(a->ops, RAW_HOOK_CLOSE))
		return RECORD_WHY_CLOSE;
	if (a->uffd != b->uffd)
		return RECORD_WHY_UFFD;
	if (!names_same(low, high))
		return RECORD_WHY_NAME;
	if (a->policy != b->policy)
		return RECORD_WHY_POLICY;
	if (a->anon_vma != b->anon_vma && ((a->anon_vma && b->anon_vma) || a->forked || b->forked))
		return RECORD_WHY_ANON_VMA;
	if (low->base != high->base)
		return RECORD_WHY_OFFSET;
	return RECORD_WHY_NOT_TRIED;
}

static void say_names(const struct apart_facts *facts, char *buf, size_t size)
{
	const char *low = facts->low_name, *high = facts->high_name;

	if (low || high)
		snprintf(buf, size, "%s: %.40s, %.40s", why_name(RECORD_WHY_NAME),
			 low ? low : "none", high ? high : "none");
	else
		snprintf(buf, size, "%s", why_name(RECORD_WHY_NAME));
}

/**
 * merge_refusal_words - write why two VMAs are not merged; all verbs use these words
 * @why: the reason
 * @facts: what the words may name
 * @buf: for the words
 * @size: of @buf
 */
void merge_refusal_words(enum record_why why, const struct apart_facts *facts, char *buf,
			 size_t size)
{
	char flags[160];

	if (why == RECORD_WHY_FLAGS &&
	    vmflags_differing(facts->low_flags, facts->high_flags, flags, sizeof(flags)))
		snprintf(buf, size, "%s: %s", why_name(why), flags);
	else if (why == RECORD_WHY_FILE && facts->file && facts->same_file)
		snprintf(buf, size, "the file was opened twice");
	else if (why == RECORD_WHY_OFFSET && facts->file)
		snprintf(buf, size, "%s: page %llu follows page %llu", why_name(why), facts->next,
			 facts->last);
	else if (why == RECORD_WHY_NAME)
		say_names(facts, buf, size);
	else
		snprintf(buf, size, "%s", why_name(why));
}

/* The name that a VMA was given with prctl(2); NULL for a name that the kernel gives, as [vdso]. */
static const char *given_name(const struct vma *vma)
{
	return vma->image.named && !vma->special ? vma->name : NULL;
}

/**
 * merge_refusal_say - write why two VMAs that touch are not merged
 * @why: the reason, from merge_refusal_why() of the same VMAs
 * @low: the VMA with the lower addresses
 * @high: the VMA with the higher addresses
 * @buf: for the words
 * @size: of @buf
 */
void merge_refusal_say(enum record_why why, const struct vma *low, const struct vma *high,
		       char *buf, size_t size)
{
	const struct vma_image *a = &low->image, *b = &high->image;
	const struct apart_facts facts = {
		.low_flags = a->flags,
		.high_flags = b->flags,
		.file = a->file,
		.same_file = b->file && a->ino == b->ino && a->dev == b->dev,
		.last = low->base + low->end / proc_page_size() - 1,
		.next = vma_pgoff(high),
		.low_name = given_name(low),
		.high_name = given_name(high),
	};

	merge_refusal_words(why, &facts, buf, size);
}

/* Add a record RECORD_APART, unless the last one of these two VMAs had the same reason. */
static void tell(struct mm *mm, const struct vma *vma, const struct vma *low,
		 struct vma *high)
{
	enum record_why why = merge_refusal_why(low, high);
	__u64 flags = low->image.flags ^ high->image.flags;
	struct mmscope_event *e;

	if (high->apart.from == low->id && high->apart.why == why &&
	    (why != RECORD_WHY_FLAGS || high->apart.flags == flags))
		return;
	high->apart.flags = flags;
	high->apart.from = low->id;
	high->apart.why = why;
	e = queue_add(RECORD_APART, mm, vma);
	e->parent = (vma == low ? high : low)->id;
	e->aux = low->end;
	e->pages = why;
}

/**
 * merge_refusal_tell - tell why a VMA has not merged with its neighbours, where that is new
 * @mm: address space of the VMA
 * @vma: the VMA, which has just changed
 */
void merge_refusal_tell(struct mm *mm, struct vma *vma)
{
	struct vma *below = vma->start ? mm_at(mm, vma->start - 1) : NULL;
	struct vma *above = mm_at(mm, vma->end);

	if (below)
		tell(mm, vma, below, vma);
	if (above)
		tell(mm, vma, vma, above);
}
