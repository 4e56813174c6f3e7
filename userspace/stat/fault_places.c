// SPDX-License-Identifier: GPL-2.0
/*
 * Which code is where in each address space, and which was there before it went. A sum of faults at
 * an instruction is looked up when the kernel tells it, which may be a little after the address
 * space has ended.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/name_store.h"
#include "base/proc.h"
#include "stat/context.h"
#include "stat/fault_stats.h"

#define LATE_NS	50000000ULL	/* by how much a sum may be told after the end */

/**
 * struct place - code that was mapped
 * @start: first address
 * @end: first address behind the code
 * @offset: of the code in its file
 * @name: name of its file, from name_keep()
 */
struct place {
	__u64 start;
	__u64 end;
	__u64 offset;
	const char *name;
};

/**
 * struct places - code that has left the map of an address space
 * @mm: id of the address space
 * @nr: number of elements of @places
 * @places: the code, in the order in which it left
 * @ended_ns: when the end of the address space was told, 0 if it has not ended
 * @next: next in the same bucket of &fault_stats.mms
 * @younger: next address space in the list of those that have ended
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
	/*
	 * Faults in code without a name are told by their addresses, for which nothing need be
	 * kept.
	 */
	return !*place->name;
}

/**
 * stat_leaves - keep where the code of a VMA was, which leaves the map
 * @vma: the VMA
 * @start: first address that it had
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
 * stat_ended - note that an address space has ended; all its VMAs have left the map
 * @mm: id of the address space
 * @now: time of the record that tells it, in ns
 */
void stat_ended(__u32 mm, __u64 now)
{
	struct fault_stats *stats = fault_stats;
	struct places *of = find(mm);

	if (!of || of->ended_ns)
		return;
	of->ended_ns = now;
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
 * stat_forget_places - free the code of address spaces that ended so long ago that no sum will come
 * @now: time of the record that is handed out next, in ns
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
 * stat_place - find the program that has, or had, code at an address
 * @id: id of the address space
 * @ip: the address
 * @name: becomes the name of the program or library, "" for none
 * @offset: becomes the offset in its file; the address if there is no name
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
