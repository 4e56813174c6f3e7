// SPDX-License-Identifier: GPL-2.0
/*
 * From when to when each VMA held what. It is read from the VMAs as they are known after each
 * record, not made of what records say: so it is what map would show.
 */
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/table.h"
#include "export/model.h"
#include "export/text.h"
#include "record/record.h"
#include "tracer/queue.h"

static void end_range(struct model *model, struct model_vma *vma, __u64 now)
{
	if (vma->open)
		model->ranges[vma->range].to = now;
	vma->open = false;
}

static void begin_range(struct model *model, struct model_vma *vma, const struct vma *from,
			__u64 now)
{
	model->ranges = table_grow(model->ranges, model->nr_ranges, sizeof(*model->ranges));
	model->ranges[model->nr_ranges] = (struct model_range){
		.vma = vma - model->vmas,
		.start = from->start,
		.end = from->end,
		.from = now,
		.rights = queue_rights(from),
		.pgoff = vma_pgoff(from),
	};
	vma->pgoff = vma_pgoff(from);
	vma->range = model->nr_ranges++;
	vma->open = true;
}

static bool is_as_before(const struct model *model, const struct model_vma *vma,
			 const struct vma *from)
{
	const struct model_range *range = &model->ranges[vma->range];

	return range->start == from->start && range->end == from->end &&
	       range->rights == queue_rights(from);
}

static void end_vma(struct model *model, struct model_vma *vma, const struct mmscope_event *e)
{
	end_range(model, vma, e->time_ns);
	if (vma->to)
		return;
	vma->to = e->time_ns;
	vma->end = e->type;
	vma->end_cause = e->cause;
	vma->end_tid = e->tid;
	if (e->type == RECORD_MERGE && e->parent == vma->id)
		vma->heir = e->vma;
}

static void name_vma(struct model_vma *vma, const struct vma *from)
{
	const char *name = names_of(from, mm_get(from->mm));

	if (name && *name)
		vma->name = text_keep(name);
}

static struct model_vma *born(struct model *model, const struct vma *from,
			      const struct mmscope_event *e)
{
	struct model_vma *vma = model_vma_add(model, from->id, from->mm, e->time_ns);

	vma->parent = from->parent;
	vma->birth = e->type;
	vma->birth_cause = e->cause;
	vma->birth_tid = e->tid;
	return vma;
}

/* A VMA may have changed. */
static void look(struct model *model, __u32 id, const struct mmscope_event *e)
{
	const struct vma *from = id ? vma_of_id(id) : NULL;
	struct model_vma *vma = id ? model_vma_find(model, id) : NULL;

	if (!vma && !from)
		return;
	if (!vma)
		vma = born(model, from, e);
	if (from)
		name_vma(vma, from);
	/* It may be gone, or be taken for gone, and be there still: after a loss. */
	if (!from || !from->mapped) {
		end_vma(model, vma, e);
		return;
	}
	vma->to = 0;
	if (vma->open && is_as_before(model, vma, from))
		return;
	end_range(model, vma, e->time_ns);
	begin_range(model, vma, from, e->time_ns);
}

/* All VMAs of an address space may have changed. */
static void look_at_all(struct model *model, const struct model_mm *mm,
			const struct mmscope_event *e)
{
	for (size_t i = mm->last; i != MODEL_NONE; i = model->vmas[i].before)
		if (!model->vmas[i].to)
			look(model, model->vmas[i].id, e);
}

/* What is known of VMAs came from elsewhere: none may be as it was. */
static void look_everywhere(struct model *model, const struct mmscope_event *e)
{
	struct mmscope_event of = *e;

	for (size_t i = 0; i < model->nr_mms; i++)
		look_at_all(model, &model->mms[i], e);
	for (struct mm *mm = mm_each(NULL); mm; mm = mm_each(mm)) {
		model_mm_get(model, mm->id, e->time_ns);
		for (struct map_range *range = mm_first(mm); range; range = range_above(range)) {
			of.mm = mm->id;
			look(model, range->vma->id, &of);
		}
	}
}

/**
 * ranges_note - take note of what a record has changed
 * @model: is told
 * @e: the record, of the tracer
 */
void ranges_note(struct model *model, const struct mmscope_event *e)
{
	if (e->type == MMSCOPE_LOST) {
		look_everywhere(model, e);
		return;
	}
	if (!record_structural(e->type))
		return;
	look(model, e->vma, e);
	if (e->type == MMSCOPE_SPLIT || e->type == RECORD_MERGE || e->type == MMSCOPE_COPY)
		look(model, e->parent, e);
	if (e->type == MMSCOPE_END || e->type == RECORD_ANEW)
		look_at_all(model, model_mm_get(model, e->mm, e->time_ns), e);
}
