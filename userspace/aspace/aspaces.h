/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ASPACE_ASPACES_H
#define MMSCOPE_ASPACE_ASPACES_H

#include <stddef.h>
#include <linux/types.h>

/* Sizes of the hash tables. Each bucket is a list without a limit, so the sizes limit nothing. */
#define SPACE_BUCKETS	4096
#define AREA_BITS	17
#define AREA_BUCKETS	(1 << AREA_BITS)
#define FILE_BITS	10
#define FILE_BUCKETS	(1 << FILE_BITS)
#define PENDING_BUCKETS	64

struct vma;
struct pending;
struct mm;
struct text;

/**
 * struct aspaces - the address spaces and VMAs that one session knows
 * @mms: hash table of the address spaces, by their ids
 * @objects: hash table of the VMAs, by the address of the kernel's object
 * @ids: hash table of the VMAs, by their ids
 * @first_grave: VMAs whose object is gone are kept in a list, the one that went first in front;
 *	this is its first element, NULL when the list is empty
 * @last_grave: last element of that list
 * @nr_graves: number of VMAs in that list
 * @on_forget: function that is called for each VMA before it is freed, or NULL
 * @last_id: id that was given to a VMA last
 * @kept_now: time of the last record of a recording; 0 where records are told as they happen
 * @files: hash table of the names of files, by &vma_image.path
 * @pending: hash table of the names that were told for the next VMA of a thread, by thread:
 *	several threads may tell names at the same time
 */
struct aspaces {
	struct mm *mms[SPACE_BUCKETS];
	struct vma *objects[AREA_BUCKETS];
	struct vma *ids[AREA_BUCKETS];
	struct vma *first_grave;
	struct vma *last_grave;
	size_t nr_graves;
	void (*on_forget)(struct vma *vma);
	__u32 last_id;
	__u64 kept_now;
	struct text *files[FILE_BUCKETS];
	struct pending *pending[PENDING_BUCKETS];
};

/*
 * The set of the session that is selected. The tool has one thread, and each function of aspace/
 * is about one session, so that a global pointer saves each caller an argument.
 */
extern struct aspaces *aspaces;

struct aspaces *aspaces_new(void);
void aspaces_select(struct aspaces *selected);

#endif
