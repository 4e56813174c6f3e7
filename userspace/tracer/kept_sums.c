// SPDX-License-Identifier: GPL-2.0
/*
 * Sums of the faults of a recording, as bpf/sums.bpf.h makes them where faults are not recorded one
 * by one.
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

/*
 * The kernel's own mappings are told apart by their names. What finds no room stays unnamed: it is
 * in the sum of its class.
 */
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

/*
 * Count a fault of a VMA. The sum is handed on when the VMA goes, or when another VMA needs its
 * place: only then is the VMA's name asked for, which may have changed.
 */
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
 * kept_goes - hand on the faults of a VMA that is about to go
 * @to: functions that take the sums
 * @object: number that stands for the VMA's object
 */
void kept_goes(const struct raw_sums *to, __u64 object)
{
	struct fault_vma *set = set_of(object);

	for (int i = 0; object && i < SUM_WAYS; i++)
		if (set[i].object == object)
			tell(to, &set[i]);
}

/**
 * kept_add - sum up a fault
 * @to: functions that take the sums by VMA and by instruction
 * @vma: the VMA of the fault, NULL for none
 * @e: raw record of the fault
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
 * kept_sums - tracer_sums() for a recording
 * @n: becomes 1, the number of elements that are returned
 */
struct fault_sums *kept_sums(size_t *n)
{
	*n = 1;
	return &tracer->sums.all;
}

/**
 * kept_driver - tracer_driver() for a recording
 * @driver: the previous driver; becomes the next one
 * @before: there was a previous driver
 * @total: becomes the sum of the driver's faults
 *
 * Return: false when there is no further driver
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
 * kept_refusal - tracer_refusal() for a recording
 * @error: record_error() of the previous refusal; becomes that of the next one
 * @before: there was a previous refusal
 * @total: becomes the sum of the faults that were refused so
 *
 * Return: false when there is no further refusal
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
