// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that the BPF programs summed up: by class; by VMA, which is told when one goes; by
 * instruction, which is looked up when its address space ends and all its VMAs are known.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "again.h"
#include "mmscope.h"
#include "names.h"
#include "probe.h"
#include "proc.h"
#include "stacks.h"
#include "tally.h"
#include "vmas.h"

static struct tally_vma *vmas;	/* by id */
static size_t nr_vmas;
static struct tally_site *sites;
static size_t nr_sites, room_sites;
static __u32 last_mm;

/**
 * tally_name - keep a name: they are few, and outlive who had them
 * @name: it may be NULL
 *
 * Return: the same for the same
 */
const char *tally_name(const char *name)
{
	static const char **names;
	static size_t n, last;

	name = name ? name : "";
	if (last < n && !strcmp(names[last], name))
		return names[last];
	for (last = 0; last < n; last++)
		if (!strcmp(names[last], name))
			return names[last];
	names = realloc(names, (n + 1) * sizeof(*names));
	if (!names)
		abort();
	names[n] = strdup(name);
	if (!names[n])
		abort();
	return names[n++];
}

static struct tally_vma *vma_of(__u32 id)
{
	size_t room = nr_vmas;

	while (id >= room)
		room = 2 * room + 64;
	if (room != nr_vmas) {
		vmas = realloc(vmas, room * sizeof(*vmas));
		if (!vmas)
			abort();
		memset(vmas + nr_vmas, 0, (room - nr_vmas) * sizeof(*vmas));
		nr_vmas = room;
	}
	return &vmas[id];
}

/* What the programs still have of a VMA. */
static __u64 take_vma(__u64 object, __u32 mm)
{
	size_t set = (object * 0x61c8864680b583ebULL >> (64 - VMA_SET_BITS)) * SUM_WAYS, n;
	struct fault_sums *sums = probe_sums(&n);
	__u64 count = 0;

	for (struct fault_sums *part = sums; part < sums + n; part++)
		for (struct fault_vma *vma = &part->vmas[set]; vma < &part->vmas[set + SUM_WAYS];
		     vma++) {
			if (vma->object != object || VMA_MM(vma->who) != mm)
				continue;
			count += __atomic_exchange_n(&vma->count, 0, __ATOMIC_RELAXED);
			__atomic_store_n(&vma->object, 0, __ATOMIC_RELEASE);
		}
	return count;
}

static struct tally_vma *describe(const struct area *area, __u64 start, __u64 end)
{
	struct tally_vma *vma = vma_of(area->id);

	vma->id = area->id;
	vma->mm = area->mm;
	vma->exec = area->image.flags & RAW_VM_EXEC;
	vma->start = start;
	vma->end = end;
	vma->offset = area->image.file ? area_pgoff(area) * proc_page_size() : 0;
	vma->name = tally_name(names_of(area, space_get(area->mm)));
	return vma;
}

static struct tally_vma *vma_at(__u32 mm, __u64 ip)
{
	/* Rather a younger one: an older may have made room for it. */
	for (size_t i = nr_vmas; i-- > 0;)
		if (vmas[i].mm == mm && vmas[i].exec && ip >= vmas[i].start && ip < vmas[i].end)
			return &vmas[i];
	return NULL;
}

/**
 * tally_place - what was where, in an address space whose VMAs are known
 * @mm: its id
 * @ip: an address
 * @name: becomes the name of the program or library, "" for none
 * @offset: becomes its place in the file; the address where there is none
 */
void tally_place(__u32 mm, __u64 ip, const char **name, __u64 *offset)
{
	const struct tally_vma *vma = vma_at(mm, ip);

	*name = vma ? vma->name : tally_name("");
	*offset = **name ? ip - vma->start + vma->offset : ip;
}

static void add_site(const struct fault_site *from)
{
	struct tally_site *site;

	if (nr_sites == room_sites) {
		room_sites = 2 * room_sites + 256;
		sites = realloc(sites, room_sites * sizeof(*sites));
		if (!sites)
			abort();
	}
	site = &sites[nr_sites++];
	site->class = SITE_CLASS(from->who);
	site->total = from->total;
	tally_place(SITE_MM(from->who), from->ip, &site->name, &site->offset);
}

/* An address space ends: nobody else adds to what it has. Or all are to be taken: @mm is 0. */
static void take_sites(__u32 mm)
{
	size_t n;
	struct fault_sums *sums = probe_sums(&n);

	for (struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t i = 0; i < ARRAY_SIZE(part->sites); i++) {
			struct fault_site *site = &part->sites[i];

			if (!site->who || (mm && SITE_MM(site->who) != mm))
				continue;
			add_site(site);
			if (probe_stack_way() == STACKS_FP)
				stacks_add(site);
			memset(&site->total, 0, sizeof(site->total));
			__atomic_store_n(&site->who, 0, __ATOMIC_RELEASE);
		}
}

/* It went: when its address space ended, its object may not have been freed as others are. */
static void took_leave(const struct mmscope_event *e)
{
	const struct area *area = area_of_id(e->vma);
	struct tally_vma *vma;

	if (!area)
		return;
	vma = describe(area, e->start, e->end);
	vma->gone = true;
	vma->present = e->type == MMSCOPE_UNMAP ? e->pages : 0;
	if (e->cause == MMSCOPE_CAUSE_TEARDOWN)
		vma->faults += take_vma(area->image.object, e->mm);
}

static struct tally_again *refaults;
static size_t nr_agains;

/* What takes pages is of few kinds. */
static void took_again(const struct mmscope_event *e)
{
	const char *name;
	char by[64];
	size_t i = 0;

	if (!again_is(e))
		return;
	again_by(e, by, sizeof(by));
	name = tally_name(by);
	while (i < nr_agains && refaults[i].by != name)
		i++;
	if (i == nr_agains) {
		refaults = realloc(refaults, ++nr_agains * sizeof(*refaults));
		if (!refaults)
			abort();
		refaults[i] = (struct tally_again){ .by = name };
	}
	refaults[i].faults++;
}

/**
 * tally_agains - faults in pages that were given back, by what took them
 * @n: becomes the number of rows
 */
const struct tally_again *tally_agains(size_t *n)
{
	*n = nr_agains;
	return refaults;
}

/**
 * tally_event - take note of a record
 * @e: a record of the tracer's, in order
 */
void tally_event(const struct mmscope_event *e)
{
	if (e->mm > last_mm)
		last_mm = e->mm;
	switch (e->type) {
	case MMSCOPE_FAULT:
		took_again(e);
		break;
	case RAW_FAULTS:
		vma_of(e->vma)->faults += e->pages;
		break;
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		took_leave(e);
		break;
	case MMSCOPE_MERGE:
		vma_of(e->parent)->heir = e->vma;
		break;
	case MMSCOPE_END:
		take_sites(e->mm);
		break;
	}
}

/* Pages that are there now. */
static __u64 present_now(__u32 tgid, __u64 from, __u64 to)
{
	__u64 entries[512], present = 0, at = from / proc_page_size(), end = to / proc_page_size();
	char path[64];
	ssize_t n = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/pagemap", tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (; at < end && n > 0; at += n / 8) {
		size_t most = end - at < 512 ? end - at : 512;

		n = pread(fd, entries, most * 8, at * 8);
		for (ssize_t i = 0; i < n / 8; i++)
			present += !!(entries[i] & PAGEMAP_PRESENT);
	}
	close(fd);
	return present;
}

static void take_living(const struct space *space)
{
	for (size_t i = 0; i < space->nr; i++) {
		const struct area *area = space->map[i].area;
		struct tally_vma *vma = describe(area, space->map[i].start, space->map[i].end);

		vma->faults += take_vma(area->image.object, space->id);
		vma->present = present_now(space->tgid, vma->start, vma->end);
	}
}

static int compare_sites(const void *a, const void *b)
{
	const struct tally_site *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (int)x->class - (int)y->class;
}

/**
 * tally_add - be all faults of two sums
 * @to: one of them, becomes their sum
 * @from: the other
 */
void tally_add(struct fault_total *to, const struct fault_total *from)
{
	to->count += from->count;
	to->pages += from->pages;
	to->ns += from->ns;
}

/* The same instruction, in another address space or on another CPU. */
static void unite_sites(void)
{
	size_t n = 0;

	qsort(sites, nr_sites, sizeof(*sites), compare_sites);
	for (size_t i = 0; i < nr_sites; i++)
		if (n && !compare_sites(&sites[n - 1], &sites[i]))
			tally_add(&sites[n - 1].total, &sites[i].total);
		else
			sites[n++] = sites[i];
	nr_sites = n;
}

/**
 * tally_finish - nothing more is going to be told: take what is left
 */
void tally_finish(void)
{
	for (__u32 mm = 1; mm <= last_mm; mm++)
		if (space_get(mm))
			take_living(space_get(mm));
	take_sites(0);
	unite_sites();
	/* Heirs may have heirs; they are younger, or stay. */
	for (size_t i = 0; i < nr_vmas; i++) {
		__u32 heir = vmas[i].heir;

		for (int far = 0; heir && vmas[heir].heir && far < 100; far++)
			heir = vmas[heir].heir;
		if (!heir || heir >= nr_vmas || heir == i)
			continue;
		vmas[heir].faults += vmas[i].faults;
		vmas[i].faults = 0;
	}
}

/**
 * tally_classes - faults by class
 * @classes: to be filled
 */
void tally_classes(struct tally_class classes[MMSCOPE_NR_CLASSES])
{
	size_t n;
	const struct fault_sums *sums = probe_sums(&n);

	memset(classes, 0, MMSCOPE_NR_CLASSES * sizeof(*classes));
	for (size_t i = 0; i < nr_sites; i++)
		tally_add(&classes[sites[i].class].total, &sites[i].total);
	for (const struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t class = 0; class < MMSCOPE_NR_CLASSES; class++) {
			tally_add(&classes[class].total, &part->missed[class]);
			for (size_t i = 0; i < TIME_BUCKETS; i++)
				classes[class].times[i] += part->times[class][i];
		}
}

/**
 * tally_vmas - faults by VMA
 * @n: becomes the number of rows, of which those without an id are none
 */
struct tally_vma *tally_vmas(size_t *n)
{
	*n = nr_vmas;
	return vmas;
}

/**
 * tally_sites - faults by instruction
 * @n: becomes their number
 */
struct tally_site *tally_sites(size_t *n)
{
	*n = nr_sites;
	return sites;
}

/* First time that no longer belongs to a bucket. */
static __u64 bucket_end(unsigned int bucket)
{
	unsigned int power = bucket / 4;

	if (bucket < 8)
		return bucket + 1;
	return (4ULL + bucket % 4 + 1) << (power - 2);
}

/**
 * tally_time - a time that so many percent of the faults did not exceed
 * @class: the faults
 * @percent: how many
 *
 * Return: ns, at most a quarter too much; 0 when no time is known
 */
__u64 tally_time(const struct tally_class *class, unsigned int percent)
{
	__u64 all = 0, seen = 0;

	for (size_t i = 0; i < TIME_BUCKETS; i++)
		all += class->times[i];
	for (size_t i = 0; i < TIME_BUCKETS && all; i++) {
		seen += class->times[i];
		if (seen * 100 >= all * percent)
			return bucket_end(i);
	}
	return 0;
}

/**
 * tally_missed - faults whose instruction found no room
 */
__u64 tally_missed(void)
{
	size_t n;
	const struct fault_sums *sums = probe_sums(&n);
	__u64 missed = 0;

	for (const struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t class = 0; class < MMSCOPE_NR_CLASSES; class++)
			missed += part->missed[class].count;
	return missed;
}
