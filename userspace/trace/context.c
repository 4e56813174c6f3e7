// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a record beside its struct, put together from the layers that know it.
 */
#include <stdio.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "base/tool.h"
#include "record/record.h"
#include "symbolize/symbol.h"
#include "trace/context.h"
#include "tracer/again.h"
#include "term/print.h"
#include "tracer/merge_refusal.h"
#include "tracer/queue.h"
#include "tracer/vm_ops_target.h"

static void describe(char *buf, size_t size, const struct vma *vma, const struct mm *mm,
		     __u64 distance, const char *where)
{
	const char *name = names_of(vma, mm);

	snprintf(buf, size, "%llu KiB %s #%u%s%.*s", (distance + 1023) / 1024, where, vma->id,
		 name && *name ? " " : "", report_room(40), name ? name : "");
}

/* Was the fault refused because no VMA is at its address? */
static bool was_a_hole(const struct mmscope_event *e)
{
	switch (REFUSAL_WHY(record_error(e))) {
	case REFUSAL_HOLE:
	case REFUSAL_STACK_LIMIT:
	case REFUSAL_STACK_GAP:
	case REFUSAL_STACK_MEMORY:
	case REFUSAL_STACK_LOW:
		return true;
	default:
		return false;
	}
}

/* If an access hit no VMA, write which VMA is the nearest, and how far away. */
static void describe_near(char *buf, size_t size, const struct mmscope_event *e)
{
	const struct mm *mm = mm_get(e->mm);
	const struct map_range *above, *below;

	buf[0] = '\0';
	if (!mm || mm_at(mm, e->addr))
		return;
	above = mm_find(mm, e->addr);
	below = range_below(mm, e->addr);
	if (below && (!above || e->addr - below->end < above->start - e->addr))
		describe(buf, size, below->vma, mm, e->addr - below->end, "above");
	else if (above)
		describe(buf, size, above->vma, mm, above->start - e->addr, "below");
}

/*
 * Write why two VMAs that touch are not one. No later record was decoded yet, so that both VMAs are
 * as they were then.
 */
static void describe_apart(char *buf, size_t size, const struct mmscope_event *e)
{
	const struct vma *one = vma_of_id(e->vma), *other = vma_of_id(e->parent);
	bool low = e->end == e->aux;

	if (one && other)
		merge_refusal_say(e->pages, low ? one : other, low ? other : one, buf, size);
}

static bool both;

/**
 * event_context_both - let the words of a record say whether the module or the tracer told it
 */
void event_context_both(void)
{
	both = true;
}

/**
 * event_context_note - note what cannot be found out any more when a later record is shown
 * @e: a record, even one that is not shown
 */
void event_context_note(const struct mmscope_event *e)
{
	symbol_note(e);
}

static const char *name_of(const struct vma *vma)
{
	return vma ? names_of(vma, mm_get(vma->mm)) : NULL;
}

/* The VMA of a record of the tracer. The module's records have other ids: NULL. */
static const struct vma *vma_of(const struct mmscope_event *e)
{
	return e->flags & RECORD_F_WHOLE && e->vma ? vma_of_id(e->vma) : NULL;
}

/**
 * event_context_name - the name of a record's VMA, as in &event_about.name
 * @e: the record
 *
 * Return: the name, NULL where it is not known; valid until the next call of this or of about()
 */
const char *event_context_name(const struct mmscope_event *e)
{
	return name_of(vma_of(e));
}

/*
 * Clear what was known of the previous record. Of each text only the first character is cleared: to
 * clear whole texts would take as long as all the rest.
 */
static void forget(struct event_about *about)
{
	about->at = NULL;
	about->name = NULL;
	about->ops = 0;
	about->device = false;
	about->extra = NULL;
	about->near[0] = '\0';
	about->apart[0] = '\0';
	about->again[0] = '\0';
	about->again_by[0] = '\0';
	about->again_ns = 0;
	about->cgroup = NULL;
}

/**
 * about - what is known of a record beside its struct
 * @e: the record; records have to come in their order
 *
 * Return: it is valid until the next call
 */
const struct event_about *about(const struct mmscope_event *e)
{
	static struct event_about about;
	const struct mm *mm;
	const struct vma *vma;

	forget(&about);
	about.at = symbol_of(e);
	if (!(e->flags & RECORD_F_WHOLE)) {
		about.device = both;
		/* Records of the module itself have no struct record_extra. */
		if (vm_ops_target_chosen() && record_of_page(e->type))
			about.extra = queue_extra_last();
		return &about;
	}
	about.extra = queue_extra_last();
	vma = vma_of(e);
	about.name = name_of(vma);
	about.ops = vma ? vma->image.ops : 0;
	mm = mm_get(e->mm);
	if (mm && *mm->cgroup)
		about.cgroup = mm->cgroup;
	if (e->type == MMSCOPE_FAULT && e->flags & MMSCOPE_F_ERROR && was_a_hole(e))
		describe_near(about.near, sizeof(about.near), e);
	if (again_is(e)) {
		again_words(e, about.again, sizeof(about.again));
		again_by(e, about.again_by, sizeof(about.again_by));
		about.again_ns = again_ago(e);
	}
	if (e->type == RECORD_APART)
		describe_apart(about.apart, sizeof(about.apart), e);
	return &about;
}
