// SPDX-License-Identifier: GPL-2.0
/*
 * What is looked up when somebody asks: how many VMAs there are, how many there may be, and what
 * was lost.
 */
#include <string.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "base/tool.h"
#include "scrape/exposition.h"
#include "scrape/families.h"
#include "scrape/gauges.h"
#include "scrape/slices.h"
#include "tracer/again.h"
#include "tracer/parts.h"
#include "tracer/tracer.h"

/**
 * struct slice_now - the address spaces of a slice that are there
 * @mms: how many
 * @most: VMAs of the one that has most
 */
struct slice_now {
	__u64 mms;
	__u64 most;
};

/* What has no VMAs has ended, or has not begun. */
static void look(struct slice_now now[SLICES_MOST])
{
	struct mm *mm = NULL;

	memset(now, 0, SLICES_MOST * sizeof(*now));
	while ((mm = mm_each(mm))) {
		struct slice_now *of;

		if (!mm->nr)
			continue;
		of = &now[slice_of(mm->id)];
		of->mms++;
		if (mm->nr > of->most)
			of->most = mm->nr;
	}
}

static void write_one(struct exposition *out, size_t slice, __u64 value)
{
	const struct sample_label labels[SAMPLE_LABELS] = {
		{ "slice", slices_all()->rows[slice].values[0] },
	};

	exposition_count(out, "", labels, value);
}

/* Of what was recorded it is not known how many VMAs there could be. */
static void write_headroom(struct exposition *out, const struct slice_now *now)
{
	long limit = proc_field("/proc/sys/vm/max_map_count", "");

	if (limit <= 0)
		return;
	exposition_metric(out, "mmscope_max_map_count", "gauge",
			  "How many VMAs a process may have (vm.max_map_count).");
	exposition_count(out, "", NULL, limit);
	exposition_metric(out, "mmscope_vma_headroom", "gauge",
			  "How many VMAs the process of a slice that has most of them may still "
			  "get.");
	for (size_t i = 0; i < slices_all()->nr; i++)
		if (now[i].mms)
			write_one(out, i, now[i].most < (__u64)limit ? limit - now[i].most : 0);
}

/**
 * gauges_write - write what there is now
 * @out: where to
 * @of: what metrics are of
 */
void gauges_write(struct exposition *out, const struct scraped *of)
{
	struct slice_now now[SLICES_MOST];
	const struct label_rows *slices = slices_all();

	look(now);
	exposition_metric(out, "mmscope_address_spaces", "gauge",
			  "Address spaces that are watched, by cgroup slice.");
	for (size_t i = 0; i < slices->nr; i++)
		write_one(out, i, now[i].mms);
	exposition_metric(out, "mmscope_vmas", "gauge",
			  "VMAs of the process of a slice that has most of them.");
	for (size_t i = 0; i < slices->nr; i++)
		if (now[i].mms)
			write_one(out, i, now[i].most);
	if (of->live)
		write_headroom(out, now);
}

static __u64 missing;

static void count_missing(const char *what, bool minor)
{
	missing += !minor;
}

/* It does not change while they run, and takes as long as all else together. */
static __u64 programs_missing(void)
{
	static bool counted;

	if (!counted)
		parts_missing(count_missing);
	counted = true;
	return missing;
}

static void write_loss(struct exposition *out, const char *reason, __u64 count)
{
	const struct sample_label labels[SAMPLE_LABELS] = { { "reason", reason } };

	exposition_count(out, "", labels, count);
}

/**
 * losses_write - write what was lost
 * @out: where to
 * @of: what metrics are of
 */
void losses_write(struct exposition *out, const struct scraped *of)
{
	exposition_metric(out, "mmscope_records_lost_total", "counter",
			  "Records that found no room: what they told of is in no counter.");
	exposition_count(out, "", NULL, tracer_lost());
	exposition_metric(out, "mmscope_losses_total", "counter",
			  "What else was not seen, by the names that mmscope has for it.");
	write_loss(out, "skipped", tracer_skipped());
	write_loss(out, "processes", tracer_refused());
	write_loss(out, "again", again_missed());
	if (of->over)
		write_loss(out, "faults", tracer_unseen(0));
	if (!of->live)
		return;
	exposition_metric(out, "mmscope_programs_missing", "gauge",
			  "BPF programs that this kernel has no place for, without which something "
			  "is not told.");
	exposition_count(out, "", NULL, programs_missing());
}
