// SPDX-License-Identifier: GPL-2.0
/*
 * Why two VMAs that touch are two: what the kernel compares before it merges.
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
 * merge_refusal_why - why two VMAs that touch are two
 * @low: the lower one
 * @high: the other
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
 * merge_refusal_words - why two VMAs are two, in words: the only ones for it
 * @why: the reason
 * @facts: what is known of them
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

/* The name that prctl(2) gave a VMA; NULL for a name that the kernel gives, as [vdso]. */
static const char *given_name(const struct vma *vma)
{
	return vma->image.named && !vma->special ? vma->name : NULL;
}

/**
 * merge_refusal_say - why two VMAs that touch are two, in words
 * @why: the reason, from merge_refusal_why() of them
 * @low: the lower one
 * @high: the other
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

/* Tell a reason once, until the neighbour or the reason changes. */
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
 * merge_refusal_tell - tell why a VMA did not merge with its neighbours, where that is news
 * @mm: in whose map
 * @vma: the VMA, just changed
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
