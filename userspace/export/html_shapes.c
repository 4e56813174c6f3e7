// SPDX-License-Identifier: GPL-2.0
/*
 * What VMAs looked like, and from when to when; and how large address spaces were. Behind each
 * record the set is compared with what it was before: what a group of records tells together, the
 * first of them finds.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "export/html_picture.h"
#include "record/record.h"

#define MOST_SAMPLES	8192	/* of an address space */

/**
 * html_mm_of - an address space, as the page shows it
 * @picture: all
 * @mm: its number
 */
struct html_mm *html_mm_of(struct html_picture *picture, __u32 id)
{
	struct html_mm *mm;

	for (size_t i = picture->nr_mms; i-- > 0;)
		if (picture->mms[i].mm == id)
			return &picture->mms[i];
	picture->mms = html_array_room(picture->mms, picture->nr_mms, sizeof(*mm));
	mm = &picture->mms[picture->nr_mms++];
	*mm = (struct html_mm){ .mm = id, .every = 1 };
	return mm;
}

static __u32 name_of(struct html_picture *picture, const struct vma *vma,
		     const struct mm *mm)
{
	return html_word(&picture->words, vma ? names_of(vma, mm) : NULL);
}

static void end_shape(struct html_picture *picture, size_t number, __u64 now)
{
	struct html_shape *shape = &picture->shapes[number];
	const struct vma *vma = vma_of_id(shape->vma);

	shape->to = now;
	/* It may have got a name since: the heap is known when the first brk(2) is. */
	if (!shape->name && vma)
		shape->name = name_of(picture, vma, mm_get(shape->mm));
}

static size_t begin_shape(struct html_picture *picture, const struct mm *mm,
			  const struct map_range *range, __u64 now)
{
	struct html_shape *shape;

	picture->shapes = html_array_room(picture->shapes, picture->nr_shapes, sizeof(*shape));
	shape = &picture->shapes[picture->nr_shapes];
	*shape = (struct html_shape){
		.mm = mm->id, .vma = range->vma->id, .start = range->start, .end = range->end,
		.from = now, .to = ~0ULL, .flags = range->vma->image.flags,
		.name = name_of(picture, range->vma, mm),
	};
	return picture->nr_shapes++;
}

static bool goes_on(const struct html_shape *shape, const struct map_range *range)
{
	return shape->vma == range->vma->id && shape->start == range->start &&
	       shape->end == range->end && shape->flags == (__u32)range->vma->image.flags;
}

/* The shapes of now, from those of before; both are in order of address. */
static void compare(struct html_picture *picture, struct html_mm *to,
		    const struct mm *mm, __u64 now)
{
	size_t *old = to->shapes, nr_old = to->nr_shapes, i = 0, n = 0;
	size_t *shapes = malloc((mm ? mm->nr + 1 : 1) * sizeof(*shapes));
	const struct map_range *range = mm ? mm_first(mm) : NULL;

	if (!shapes)
		abort();
	for (; range; range = range_above(range)) {
		while (i < nr_old && picture->shapes[old[i]].start < range->start)
			end_shape(picture, old[i++], now);
		if (i < nr_old && goes_on(&picture->shapes[old[i]], range))
			shapes[n++] = old[i++];
		else
			shapes[n++] = begin_shape(picture, mm, range, now);
	}
	while (i < nr_old)
		end_shape(picture, old[i++], now);
	free(old);
	to->shapes = shapes;
	to->nr_shapes = n;
}

/* Every second one goes when there are too many; the last one always stays. */
static void thin(struct html_mm *to)
{
	size_t n = 0;

	for (size_t i = 0; i < to->nr_samples; i += 2)
		to->samples[n++] = to->samples[i];
	if (!(to->nr_samples & 1))
		to->samples[n++] = to->samples[to->nr_samples - 1];
	to->nr_samples = n;
	to->every *= 2;
}

static void add_sample(struct html_mm *to, const struct html_sample *sample)
{
	struct html_sample *last = to->nr_samples ? &to->samples[to->nr_samples - 1] : NULL;
	bool same = last && !memcmp(last->rss, sample->rss, sizeof(last->rss)) &&
		    last->vmas == sample->vmas;

	if (same)
		return;
	/* Between two that are kept the last one is what there is now. */
	if (last && to->turn && to->nr_samples > 1) {
		*last = *sample;
		to->turn = (to->turn + 1) % to->every;
		return;
	}
	if (to->nr_samples == MOST_SAMPLES)
		thin(to);
	to->samples = html_array_room(to->samples, to->nr_samples, sizeof(*sample));
	to->samples[to->nr_samples++] = *sample;
	to->turn = 1 % to->every;
}

static void measure(struct html_picture *picture, struct html_mm *to,
		    const struct mm *mm, __u64 now)
{
	struct html_sample sample = { .time = now };
	__u64 all = 0;

	for (size_t i = 0; mm && i < RAW_NR_RSS; i++) {
		sample.rss[i] = mm->rss[i] > 0 ? mm->rss[i] : 0;
		/* What is in swap is not resident. */
		if (i != RAW_RSS_SWAP)
			all += sample.rss[i];
	}
	sample.vmas = mm ? mm->nr : 0;
	if (all > to->peak)
		to->peak = all;
	if (sample.vmas > to->most_vmas)
		to->most_vmas = sample.vmas;
	add_sample(to, &sample);
	if (!mm)
		return;
	to->unknown |= mm->rss_unknown;
	to->parent = mm->parent;
	if (mm->tgid)
		to->tgid = mm->tgid;
	if (*mm->comm)
		to->comm = html_word(&picture->words, mm->comm);
}

/**
 * html_shapes_note - look at an address space
 * @picture: all
 * @e: a record of the tracer's about it
 */
void html_shapes_note(struct html_picture *picture, const struct mmscope_event *e)
{
	struct html_mm *to = html_mm_of(picture, e->mm);
	const struct mm *mm = mm_get(e->mm);
	__u64 now = html_since(picture, e->time_ns);

	if (record_structural(e->type))
		compare(picture, to, e->type == MMSCOPE_END ? NULL : mm, now);
	measure(picture, to, e->type == MMSCOPE_END ? NULL : mm, now);
}

/**
 * html_shapes_end - no more records come: what is there now has the names that it has
 * @picture: all
 */
void html_shapes_end(struct html_picture *picture)
{
	for (size_t i = 0; i < picture->nr_shapes; i++)
		if (picture->shapes[i].to == ~0ULL)
			end_shape(picture, i, ~0ULL);
}
