// SPDX-License-Identifier: GPL-2.0
/*
 * Sums of faults that somebody has kept a record of, each: what bpf/sums.bpf.h makes of them where
 * they happen.
 */
#include <stdio.h>
#include <string.h>
#include "aspace/aspace.h"
#include "record/record.h"
#include "tracer/context.h"
#include "tracer/kept_sums.h"

static void add(struct fault_total *total, __u32 pages, __u32 ns)
{
	total->count++;
	total->pages += pages;
	total->ns += ns;
}

/* The kernel's own have a name; what finds no room stays unnamed. */
static void add_driver(const struct vma *vma, __u32 pages, __u32 ns)
{
	struct sums_kept *kept = &tracer->sums;
	struct fault_driver driver = { .ops = vma->image.ops };
	size_t i = 0;

	if (vma->special && vma->name)
		snprintf(driver.name, sizeof(driver.name), "%s", vma->name);
	while (i < kept->nr_drivers && memcmp(&kept->drivers[i], &driver, sizeof(driver)))
		i++;
	if (i == MAX_DRIVERS)
		return;
	if (i == kept->nr_drivers)
		kept->drivers[kept->nr_drivers++] = driver;
	add(&kept->of_drivers[i], pages, ns);
}

static void add_refusal(__u32 error, __u32 ns)
{
	struct sums_kept *kept = &tracer->sums;
	size_t i = 0;

	while (i < kept->nr_refusals && kept->refusals[i] != error)
		i++;
	if (i == MAX_REFUSALS)
		return;
	if (i == kept->nr_refusals)
		kept->refusals[kept->nr_refusals++] = error;
	add(&kept->of_refusals[i], 0, ns);
}

static struct fault_vma *set_of(__u64 object)
{
	size_t set = object * 0x61c8864680b583ebULL >> (64 - VMA_SET_BITS);

	return &tracer->sums.all.vmas[set * SUM_WAYS];
}

static void tell(const struct raw_sums *to, struct fault_vma *way)
{
	const struct mmscope_event raw = {
		.type = RAW_FAULTS,
		.mm = VMA_MM(way->who),
		.start = way->object,
		.end = way->count,
	};

	to->vma(&raw);
	memset(way, 0, sizeof(*way));
}

/* A VMA's name may change: its faults are told when it goes, or when another has their place. */
static void add_vma(const struct raw_sums *to, const struct vma *vma)
{
	__u64 object = vma->image.object, who = VMA_WHO(vma->mm, vma->image.ops);
	struct fault_vma *set = set_of(object), *way = NULL;

	for (int i = 0; i < SUM_WAYS && (!way || way->object != object); i++)
		if ((set[i].object == object && set[i].who == who) || (!set[i].object && !way))
			way = &set[i];
	if (!way) {
		way = &set[object % SUM_WAYS];
		tell(to, way);
	}
	way->object = object;
	way->who = who;
	way->count++;
}

/**
 * kept_goes - a VMA is about to go: tell the faults that it had
 * @to: whom
 * @object: what stands for it
 */
void kept_goes(const struct raw_sums *to, __u64 object)
{
	struct fault_vma *set = set_of(object);

	for (int i = 0; object && i < SUM_WAYS; i++)
		if (set[i].object == object)
			tell(to, &set[i]);
}

/**
 * kept_add - sum a fault up
 * @to: who keeps sums by VMA and by instruction
 * @vma: the VMA, NULL for none
 * @e: the fault
 */
void kept_add(const struct raw_sums *to, const struct vma *vma, const struct mmscope_event *e)
{
	struct sums_kept *kept = &tracer->sums;
	__u32 class = RECORD_CLASS(e->flags) & 31;
	__u32 pages = e->flags & MMSCOPE_F_ERROR ? 0 : e->npages;
	struct raw_site raw = {
		.e.mm = e->mm,
		.site.who = SITE_WHO(e->mm, class),
		.site.ip = e->ip,
		.site.total = { 1, pages, e->ns },
	};

	if (class >= RECORD_NR_CLASSES)
		return;
	if (e->ns)
		kept->all.times[class][time_bucket(e->ns) & (TIME_BUCKETS - 1)]++;
	to->site(&raw);
	if (vma)
		add_vma(to, vma);
	else
		kept->all.no_vma++;
	if (vma && class == RECORD_CLASS_DRIVER)
		add_driver(vma, pages, e->ns);
	if (class == RECORD_CLASS_REFUSED)
		add_refusal(e->npages, e->ns);
}

/**
 * kept_sums - tracer_sums() of faults that were kept
 * @n: becomes 1
 */
struct fault_sums *kept_sums(size_t *n)
{
	*n = 1;
	return &tracer->sums.all;
}

/**
 * kept_driver - tracer_driver() of faults that were kept
 * @driver: the one before; becomes the next
 * @before: there was one before
 * @total: becomes its faults
 */
bool kept_driver(struct fault_driver *driver, bool before, struct fault_total *total)
{
	struct sums_kept *kept = &tracer->sums;
	size_t i = 0;

	while (before && i < kept->nr_drivers && memcmp(&kept->drivers[i], driver, sizeof(*driver)))
		i++;
	i += before;
	if (i >= kept->nr_drivers)
		return false;
	*driver = kept->drivers[i];
	*total = kept->of_drivers[i];
	return true;
}

/**
 * kept_refusal - tracer_refusal() of faults that were kept
 * @error: of the one before; becomes that of the next
 * @before: there was one before
 * @total: becomes its faults
 */
bool kept_refusal(__u32 *error, bool before, struct fault_total *total)
{
	struct sums_kept *kept = &tracer->sums;
	size_t i = 0;

	while (before && i < kept->nr_refusals && kept->refusals[i] != *error)
		i++;
	i += before;
	if (i >= kept->nr_refusals)
		return false;
	*error = kept->refusals[i];
	*total = kept->of_refusals[i];
	return true;
}
