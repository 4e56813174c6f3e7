// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces of watched processes, and their VMAs. Knows nothing of where they come from.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/aspaces.h"
#include "base/proc.h"

#define GRAVES		4096	/* VMAs that are kept, though they went long ago */
#define LATE_NS		50000000ULL	/* a record may be so much older than one before it */

static size_t bucket(__u64 key)
{
	return key * 0x61c8864680b583ebULL >> (64 - AREA_BITS);
}

/**
 * mm_get - an address space
 * @id: its id
 *
 * Return: it, or NULL when it is not watched
 */
struct mm *mm_get(__u32 id)
{
	struct mm *mm = aspaces->mms[id % SPACE_BUCKETS];

	while (mm && mm->id != id)
		mm = mm->next;
	return mm;
}

/**
 * mm_add - begin to watch an address space
 * @id: its id
 */
struct mm *mm_add(__u32 id)
{
	struct mm *mm = calloc(1, sizeof(*mm));
	struct mm **head = &aspaces->mms[id % SPACE_BUCKETS];

	if (!mm)
		abort();
	mm->id = id;
	mm->next = *head;
	*head = mm;
	return mm;
}

/**
 * mm_each - all address spaces, in no order
 * @before: the one before, NULL for the first
 *
 * Return: the next, NULL behind the last
 */
struct mm *mm_each(struct mm *before)
{
	size_t i = before ? before->id % SPACE_BUCKETS + 1 : 0;

	if (before && before->next)
		return before->next;
	while (i < SPACE_BUCKETS && !aspaces->mms[i])
		i++;
	return i < SPACE_BUCKETS ? aspaces->mms[i] : NULL;
}

/**
 * mm_drop - forget an address space; its VMAs have been dropped before
 * @mm: from mm_add()
 */
void mm_drop(struct mm *mm)
{
	struct mm **at = &aspaces->mms[mm->id % SPACE_BUCKETS];

	while (*at != mm)
		at = &(*at)->next;
	*at = mm->next;
	mm_empty(mm);
	free(mm);
}

/**
 * mm_of_process - the address space that a process has now
 * @tgid: the process
 *
 * Return: the newest, or NULL
 */
struct mm *mm_of_process(__u32 tgid)
{
	struct mm *newest = NULL;

	for (size_t i = 0; i < SPACE_BUCKETS; i++)
		for (struct mm *mm = aspaces->mms[i]; mm; mm = mm->next)
			if (mm->tgid == tgid && (!newest || mm->id > newest->id))
				newest = mm;
	return newest;
}

/**
 * vma_of_object - the VMA behind a kernel object
 * @object: its address
 *
 * Return: it, or NULL when no such object lives as far as we know
 */
struct vma *vma_of_object(__u64 object)
{
	struct vma *vma = aspaces->objects[bucket(object)];

	while (vma && (vma->image.object != object || !vma->live))
		vma = vma->by_object;
	return vma;
}

/**
 * vma_that_had - the VMA that was behind a kernel object last, also one that went lately
 * @object: its address
 * @mm: id of its address space
 */
struct vma *vma_that_had(__u64 object, __u32 mm)
{
	struct vma *vma = aspaces->objects[bucket(object)];

	while (vma && (vma->image.object != object || vma->mm != mm))
		vma = vma->by_object;
	return vma;
}

/**
 * vma_of_id - a VMA, also one that went lately
 * @id: its id
 */
struct vma *vma_of_id(__u32 id)
{
	struct vma *vma = aspaces->ids[bucket(id)];

	while (vma && vma->id != id)
		vma = vma->by_id;
	return vma;
}

/**
 * vma_last - the number that was given to a VMA last
 */
__u32 vma_last(void)
{
	return aspaces->last_id;
}

/**
 * vma_restore - have a VMA as it was kept
 * @id: its number
 * @mm: id of its address space
 * @object: what stands for the kernel's object
 *
 * Return: it, not mapped yet
 */
struct vma *vma_restore(__u32 id, __u32 mm, __u64 object)
{
	struct vma *vma = calloc(1, sizeof(*vma));
	size_t by_object = bucket(object), by_id;

	if (!vma)
		abort();
	if (id > aspaces->last_id)
		aspaces->last_id = id;
	vma->id = id;
	vma->mm = mm;
	vma->image.object = object;
	vma->live = true;
	vma->by_object = aspaces->objects[by_object];
	aspaces->objects[by_object] = vma;
	by_id = bucket(vma->id);
	vma->by_id = aspaces->ids[by_id];
	aspaces->ids[by_id] = vma;
	return vma;
}

/**
 * vma_add - a VMA is born
 * @mm: id of its address space
 * @object: address of the kernel's object
 *
 * Return: it, with a new id, not mapped yet
 */
struct vma *vma_add(__u32 mm, __u64 object)
{
	return vma_restore(aspaces->last_id + 1, mm, object);
}

static void unlink_vma(struct vma *vma)
{
	struct vma **at;

	at = &aspaces->ids[bucket(vma->id)];
	while (*at != vma)
		at = &(*at)->by_id;
	*at = vma->by_id;
	at = &aspaces->objects[bucket(vma->image.object)];
	while (*at != vma)
		at = &(*at)->by_object;
	*at = vma->by_object;
}

/**
 * vma_drop - a VMA's object is gone; it is in no map
 * @vma: the VMA; it is kept for a while
 */
void vma_drop(struct vma *vma)
{
	vma->live = false;
	vma->dropped_ns = aspaces->kept_now ? aspaces->kept_now : time_now();
	if (aspaces->last_grave)
		aspaces->last_grave->younger = vma;
	else
		aspaces->first_grave = vma;
	aspaces->last_grave = vma;
	aspaces->nr_graves++;
}

/**
 * vma_clock - records were kept: say when they were told
 * @now: time of the one that comes next
 */
void vma_clock(__u64 now)
{
	if (now > aspaces->kept_now)
		aspaces->kept_now = now;
}

/**
 * vma_forget - forget VMAs that nobody can ask for any more: all that was told has been looked at
 * @now: time of the record that comes next. What the kernel summed up for a VMA until it was
 *	known to be gone is told by an older one.
 */
void vma_forget(__u64 now)
{
	struct vma *vma;

	while (aspaces->nr_graves > GRAVES && aspaces->first_grave->dropped_ns + LATE_NS < now) {
		vma = aspaces->first_grave;
		aspaces->first_grave = vma->younger;
		aspaces->nr_graves--;
		if (aspaces->on_forget)
			aspaces->on_forget(vma);
		unlink_vma(vma);
		free(vma->name);
		free(vma);
	}
}

/**
 * aspace_clear - know nothing any more
 */
void aspace_clear(void)
{
	struct mm *mm;

	while ((mm = mm_each(NULL)))
		mm_drop(mm);
	for (size_t i = 0; i < AREA_BUCKETS; i++)
		while (aspaces->ids[i]) {
			struct vma *vma = aspaces->ids[i];

			if (aspaces->on_forget)
				aspaces->on_forget(vma);
			unlink_vma(vma);
			free(vma->name);
			free(vma);
		}
	aspaces->first_grave = NULL;
	aspaces->last_grave = NULL;
	aspaces->nr_graves = 0;
}

/**
 * vma_each - all VMAs that live, in no order
 * @before: the one before, NULL for the first
 *
 * Return: the next, NULL behind the last
 */
struct vma *vma_each(struct vma *before)
{
	size_t i = before ? bucket(before->id) : 0;
	struct vma *vma = before ? before->by_id : aspaces->ids[0];

	for (;;) {
		while (vma && !vma->live)
			vma = vma->by_id;
		if (vma || ++i == AREA_BUCKETS)
			return vma;
		vma = aspaces->ids[i];
	}
}

/**
 * vma_on_forget - have a function called for each VMA that is forgotten
 * @forgotten: it
 */
void vma_on_forget(void (*forgotten)(struct vma *vma))
{
	aspaces->on_forget = forgotten;
}

/**
 * vma_pgoff - page of its file, or of the address space, at its start
 * @vma: the VMA
 */
__u64 vma_pgoff(const struct vma *vma)
{
	return vma->base + vma->start / proc_page_size();
}
