// SPDX-License-Identifier: GPL-2.0
/*
 * Address mms and VMAs of a recording, by their numbers.
 */
#include "base/table.h"
#include "export/model.h"

static struct table mms, vmas;

/**
 * struct numbered - what is looked for
 * @model: where
 * @id: its number
 */
struct numbered {
	const struct model *model;
	__u32 id;
};

static bool same_mm(size_t place, const void *wanted)
{
	const struct numbered *of = wanted;

	return of->model->mms[place].id == of->id;
}

static bool same_vma(size_t place, const void *wanted)
{
	const struct numbered *of = wanted;

	return of->model->vmas[place].id == of->id;
}

/**
 * model_mm_find - an address space
 * @model: of this recording
 * @id: its number
 *
 * Return: valid until the next one is made, or NULL
 */
struct model_mm *model_mm_find(const struct model *model, __u32 id)
{
	const struct numbered of = { model, id };
	size_t place = table_find(&mms, table_hash(0, id), same_mm, &of);

	return place == TABLE_NONE ? NULL : &model->mms[place];
}

/**
 * model_mm_get - an address space, which is made if it is new
 * @model: of this recording
 * @id: its number
 * @now: time of the record that names it
 *
 * Return: valid until the next one is made
 */
struct model_mm *model_mm_get(struct model *model, __u32 id, __u64 now)
{
	struct model_mm *mm = model_mm_find(model, id);

	if (mm)
		return mm;
	model->mms = table_grow(model->mms, model->nr_mms, sizeof(*model->mms));
	mm = &model->mms[model->nr_mms];
	*mm = (struct model_mm){ .id = id, .from = now, .comm = "", .last = MODEL_NONE };
	table_add(&mms, table_hash(0, id), model->nr_mms++);
	return mm;
}

/**
 * model_vma_find - a VMA
 * @model: of this recording
 * @id: its number
 *
 * Return: valid until the next one is made, or NULL
 */
struct model_vma *model_vma_find(const struct model *model, __u32 id)
{
	const struct numbered of = { model, id };
	size_t place = table_find(&vmas, table_hash(0, id), same_vma, &of);

	return place == TABLE_NONE ? NULL : &model->vmas[place];
}

/**
 * model_vma_add - a new VMA
 * @model: of this recording
 * @id: its number
 * @mm: of the address space
 * @now: time of the record that names it
 *
 * Return: valid until the next one is made
 */
struct model_vma *model_vma_add(struct model *model, __u32 id, __u32 mm, __u64 now)
{
	struct model_mm *of = model_mm_get(model, mm, now);
	struct model_vma *vma;

	model->vmas = table_grow(model->vmas, model->nr_vmas, sizeof(*model->vmas));
	vma = &model->vmas[model->nr_vmas];
	*vma = (struct model_vma){
		.id = id, .mm = mm, .from = now, .name = "", .range = MODEL_NONE,
		.before = of->last,
	};
	of->last = model->nr_vmas;
	table_add(&vmas, table_hash(0, id), model->nr_vmas++);
	return vma;
}
