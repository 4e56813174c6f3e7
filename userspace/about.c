// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a record beside what it says: names, from where each is kept.
 */
#include <stdio.h>
#include "about.h"
#include "again.h"
#include "apart.h"
#include "mmscope.h"
#include "names.h"
#include "outbox.h"
#include "proc.h"
#include "symbol.h"
#include "vmas.h"

static void describe(char *buf, size_t size, const struct area *area, const struct space *space,
		     __u64 distance, const char *where)
{
	const char *name = names_of(area, space);

	snprintf(buf, size, "%llu KiB %s #%u%s%.40s", (distance + 1023) / 1024, where, area->id,
		 name && *name ? " " : "", name ? name : "");
}

/* An access that hit no VMA: how far is the nearest? */
static void describe_near(char *buf, size_t size, const struct mmscope_event *e)
{
	const struct space *space = space_get(e->mm);
	const struct piece *above, *below;
	size_t i;

	buf[0] = '\0';
	if (!space || space_at(space, e->addr))
		return;
	i = space_find(space, e->addr);
	above = i < space->nr ? &space->map[i] : NULL;
	below = i ? &space->map[i - 1] : NULL;
	if (below && (!above || e->addr - below->end < above->start - e->addr))
		describe(buf, size, below->area, space, e->addr - below->end, "above");
	else if (above)
		describe(buf, size, above->area, space, above->start - e->addr, "below");
}

/* They are as they were when the record was made: it is the last of what is known of them. */
static void describe_apart(char *buf, size_t size, const struct mmscope_event *e)
{
	const struct area *one = area_of_id(e->vma), *other = area_of_id(e->parent);
	bool low = e->end == e->aux;

	if (one && other)
		apart_say(e->pages, low ? one : other, low ? other : one, buf, size);
}

static bool both;

/**
 * about_both - the module and the tracer tell: say who
 */
void about_both(void)
{
	both = true;
}

/**
 * about - what is known of a record beside what it says
 * @e: the record, in the order in which records come
 *
 * Return: valid until the next call
 */
const struct event_about *about(const struct mmscope_event *e)
{
	static struct event_about about;
	const struct area *area;

	about = (struct event_about){ .at = symbol_of(e) };
	if (!(e->flags & MMSCOPE_F_WHOLE)) {
		about.device = both;
		return &about;
	}
	about.extra = outbox_extra_last();
	area = e->vma ? area_of_id(e->vma) : NULL;
	if (area) {
		about.name = names_of(area, space_get(area->mm));
		about.ops = area->image.ops;
	}
	if (e->type == MMSCOPE_FAULT && e->flags & MMSCOPE_F_ERROR)
		describe_near(about.near, sizeof(about.near), e);
	if (again_is(e)) {
		again_words(e, about.again, sizeof(about.again));
		again_by(e, about.again_by, sizeof(about.again_by));
		about.again_ns = again_ago(e);
	}
	if (e->type == MMSCOPE_APART)
		describe_apart(about.apart, sizeof(about.apart), e);
	return &about;
}
