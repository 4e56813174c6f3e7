// SPDX-License-Identifier: GPL-2.0
/*
 * Faults summed up by what led to them, for profiles.
 */
#include "base/proc.h"
#include "base/table.h"
#include "export/samples.h"
#include "record/record.h"

static struct sample *samples;
static size_t nr_samples;

static bool same(size_t place, const void *wanted)
{
	const struct sample *a = &samples[place], *b = wanted;

	return a->callers == b->callers && a->class == b->class && a->comm == b->comm;
}

static struct sample *sample_of(struct table *table, const struct sample *like)
{
	__u64 hash = table_hash(table_hash((__u64)(uintptr_t)like->comm, like->class),
				like->callers);
	size_t place = table_find(table, hash, same, like);

	if (place != TABLE_NONE)
		return &samples[place];
	samples = table_grow(samples, nr_samples, sizeof(*samples));
	samples[nr_samples] = *like;
	table_add(table, hash, nr_samples);
	return &samples[nr_samples++];
}

/**
 * samples_sum - sum up all faults
 * @model: where they are
 * @n: becomes the number of sums
 */
const struct sample *samples_sum(const struct model *model, size_t *n)
{
	struct table table = { 0 };

	for (size_t i = 0; i < model->nr_faults; i++) {
		const struct model_fault *fault = &model->faults[i];
		const struct model_mm *mm = model_mm_find(model, fault->mm);
		struct sample *sample = sample_of(&table, &(struct sample){
			.callers = fault->callers,
			.class = RECORD_CLASS(fault->flags),
			.comm = mm ? mm->comm : "",
		});

		sample->faults++;
		sample->bytes += (__u64)fault->pages * proc_page_size();
		sample->ns += fault->ns;
	}
	table_free(&table);
	*n = nr_samples;
	return samples;
}
