// SPDX-License-Identifier: GPL-2.0
/*
 * What code is where in each address space, and was before it went: what the kernel summed up by
 * instruction is looked up when it is told. It may be told a little after the end.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/name_store.h"
#include "base/proc.h"
#include "stat/context.h"
#include "stat/fault_stats.h"

#define LATE_NS	50000000ULL	/* how much later */

/**
 * struct place - code that was somewhere
 * @start: first address
 * @end: first address behind it
 * @offset: of its first byte in its file
 * @name: of its file
 */
struct place {
	__u64 start;
	__u64 end;
	__u64 offset;
	const char *name;
};

/**
 * struct places - code of an address space that is no longer in its map
 * @mm: its id
 * @nr: how much
 * @places: from the oldest to the youngest
 * @ended_ns: when the address space was known to have ended, 0 if it has not
 * @next: in the table
 * @younger: of those that have ended: the next one
 */
struct places {
	__u32 mm;
	size_t nr;
	struct place *places;
	__u64 ended_ns;
	struct places *next;
	struct places *younger;
};

static struct places *find(__u32 mm)
{
	struct places *of = fault_stats->mms[mm % PLACE_MMS];

	while (of && of->mm != mm)
		of = of->next;
	return of;
}

static struct places *find_or_add(__u32 mm)
{
	struct places *of = find(mm);

	if (of)
		return of;
	of = calloc(1, sizeof(*of));
	if (!of)
		abort();
	of->mm = mm;
	of->next = fault_stats->mms[mm % PLACE_MMS];
	fault_stats->mms[mm % PLACE_MMS] = of;
	return of;
}

static struct place place_of(const struct vma *vma, __u64 start, __u64 end)
{
	return (struct place){
		.start = start,
		.end = end,
		.offset = vma->image.file ? vma_pgoff(vma) * proc_page_size() : 0,
		.name = name_keep(names_of(vma, mm_get(vma->mm))),
	};
}

static bool known(const struct places *of, const struct place *place)
{
	for (size_t i = of->nr; i-- > 0;) {
		const struct place *other = &of->places[i];

		if (other->start >= place->end || other->end <= place->start)
			continue;
		return other->start == place->start && other->end == place->end &&
		       other->name == place->name && other->offset == place->offset;
	}
	/* Code without a name is told by its address, as if nothing were known of it. */
	return !*place->name;
}

/**
 * stat_leaves - a VMA leaves the map
 * @vma: the VMA
 * @start: its first address
 * @end: first address behind it
 */
void stat_leaves(const struct vma *vma, __u64 start, __u64 end)
{
	struct place place;
	struct places *of;

	if (!(vma->image.flags & RAW_VM_EXEC))
		return;
	place = place_of(vma, start, end);
	of = find_or_add(vma->mm);
	if (known(of, &place))
		return;
	if (!(of->nr & (of->nr - 1)))
		of->places = realloc(of->places, (of->nr ? 2 * of->nr : 1) * sizeof(place));
	if (!of->places)
		abort();
	of->places[of->nr++] = place;
}

/**
 * stat_ended - an address space has ended; all its VMAs have left
 * @mm: its id
 */
void stat_ended(__u32 mm)
{
	struct fault_stats *stats = fault_stats;
	struct places *of = find(mm);

	if (!of || of->ended_ns)
		return;
	of->ended_ns = time_now();
	if (stats->youngest)
		stats->youngest->younger = of;
	else
		stats->oldest = of;
	stats->youngest = of;
}

static void drop(struct places *of)
{
	struct places **at = &fault_stats->mms[of->mm % PLACE_MMS];

	while (*at != of)
		at = &(*at)->next;
	*at = of->next;
	free(of->places);
	free(of);
}

/**
 * stat_forget_places - forget what code was where, of address spaces that ended long ago
 * @now: time of the record that comes next
 */
void stat_forget_places(__u64 now)
{
	struct fault_stats *stats = fault_stats;
	struct places *of;

	while (stats->oldest && stats->oldest->ended_ns + LATE_NS < now) {
		of = stats->oldest;
		stats->oldest = of->younger;
		if (!stats->oldest)
			stats->youngest = NULL;
		drop(of);
	}
}

static const struct place *left(const struct places *of, __u64 ip)
{
	for (size_t i = of ? of->nr : 0; i-- > 0;)
		if (ip >= of->places[i].start && ip < of->places[i].end)
			return &of->places[i];
	return NULL;
}

/**
 * stat_place - what is or was where
 * @mm: in which address space
 * @ip: an address
 * @name: becomes the name of the program or library, "" for none
 * @offset: becomes its place in the file; the address where there is none
 */
void stat_place(__u32 id, __u64 ip, const char **name, __u64 *offset)
{
	const struct mm *mm = mm_get(id);
	const struct vma *vma = mm ? mm_at(mm, ip) : NULL;
	const struct place *place = NULL;
	struct place now;

	if (vma && vma->image.flags & RAW_VM_EXEC) {
		now = place_of(vma, vma->start, vma->end);
		place = &now;
	} else {
		place = left(find(id), ip);
	}
	*name = place ? place->name : name_keep("");
	*offset = **name ? ip - place->start + place->offset : ip;
}
