// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces of watched processes, and their VMAs. This file knows nothing of who tells of
 * them: tracer/ does, or a keyframe of a recording.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/aspaces.h"
#include "base/proc.h"

#define GRAVES		4096	/* so many VMAs are kept although their objects are gone */
#define LATE_NS		50000000ULL	/* a record may be that much older than the one before it */

static size_t bucket(__u64 key)
{
	return key * 0x61c8864680b583ebULL >> (64 - AREA_BITS);
}

/**
 * mm_get - find a watched address space by its id
 * @id: of the address space
 *
 * Return: the address space, or NULL when none with this id is watched
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
 * @id: of the address space; none has it yet
 *
 * Return: the address space, without VMAs; mm_drop() frees it
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
 * mm_each - walk all address spaces, in no order
 * @before: what the previous call returned, NULL for the first address space
 *
 * Return: the next address space, NULL behind the last
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
 * Return: the address space of @tgid with the highest id, for execve(2) gives a process a new one;
 *	NULL when the process is not watched
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
 * vma_of_object - the VMA that a living object of the kernel stands for
 * @object: address of the kernel's struct vm_area_struct
 *
 * Return: the VMA, or NULL when no record has told of such an object, or that one was freed
 */
struct vma *vma_of_object(__u64 object)
{
	struct vma *vma = aspaces->objects[bucket(object)];

	while (vma && (vma->image.object != object || !vma->live))
		vma = vma->by_object;
	return vma;
}

/**
 * vma_that_had - the VMA that an object of the kernel stood for last, even if the object is gone
 * @object: address of the kernel's struct vm_area_struct
 * @mm: id of the address space
 *
 * Return: the VMA, or NULL when it was forgotten or never known
 */
struct vma *vma_that_had(__u64 object, __u32 mm)
{
	struct vma *vma = aspaces->objects[bucket(object)];

	while (vma && (vma->image.object != object || vma->mm != mm))
		vma = vma->by_object;
	return vma;
}

/**
 * vma_of_id - find a VMA by its id, even if its object is gone
 * @id: of the VMA
 *
 * Return: the VMA, or NULL when it was forgotten or never known
 */
struct vma *vma_of_id(__u32 id)
{
	struct vma *vma = aspaces->ids[bucket(id)];

	while (vma && vma->id != id)
		vma = vma->by_id;
	return vma;
}

/**
 * vma_last - the id that was given to a VMA last
 *
 * Return: the id, 0 when there was no VMA yet
 */
__u32 vma_last(void)
{
	return aspaces->last_id;
}

/**
 * vma_restore - make a VMA with the id that a recording has for it
 * @id: of the VMA
 * @mm: id of its address space
 * @object: address of the kernel's object, or the number that stands for it in a recording
 *
 * Return: the VMA, which is in no map yet; vma_forget() frees it after vma_drop()
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
 * vma_add - make a VMA for an object that the kernel has made
 * @mm: id of its address space
 * @object: address of the kernel's object
 *
 * Return: the VMA, with a new id, which is in no map yet; vma_forget() frees it after vma_drop()
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
 * vma_drop - note that the object of a VMA is gone
 * @vma: the VMA, which is in no map; it is kept until vma_forget(), since records may still name it
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
 * vma_clock - set the time by which vma_drop() says when an object went
 * @now: time of the record of a recording that is read next, in ns
 */
void vma_clock(__u64 now)
{
	if (now > aspaces->kept_now)
		aspaces->kept_now = now;
}

/**
 * vma_forget - free VMAs for which no record can ask any more
 * @now: time of the record that is handed out next, in ns. Sums of faults that the kernel kept for
 *	a VMA may come in a record that is up to LATE_NS older.
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
 * aspace_clear - forget all address spaces and VMAs of the selected set
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
 * vma_each - walk all VMAs whose objects live, in no order
 * @before: what the previous call returned, NULL for the first VMA
 *
 * Return: the next VMA, NULL behind the last
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
 * vma_on_forget - set the function that is called for each VMA before it is freed
 * @forgotten: the function, or NULL for none
 */
void vma_on_forget(void (*forgotten)(struct vma *vma))
{
	aspaces->on_forget = forgotten;
}

/**
 * vma_pgoff - the page number of a VMA's first page
 * @vma: the VMA
 *
 * Return: page of the file, or of the address space, as vm_pgoff of struct vm_area_struct
 */
__u64 vma_pgoff(const struct vma *vma)
{
	return vma->base + vma->start / proc_page_size();
}
