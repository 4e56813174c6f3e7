/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ASPACE_ASPACES_H
#define MMSCOPE_ASPACE_ASPACES_H

#include <stddef.h>
#include <linux/types.h>

/* The tables are of lists, which may be as long as they are. */
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
 * @mms: address spaces by id
 * @objects: VMAs by the kernel's object
 * @ids: VMAs by id
 * @first_grave: of VMAs that went, in the order in which they went: the first that is still kept
 * @last_grave: the last of them
 * @nr_graves: how many
 * @on_forget: is called for each VMA that is forgotten, or NULL
 * @last_id: number that was given to a VMA last
 * @kept_now: time of the last record of a recording; 0 where records are told as they happen
 * @files: names of files by &vma_image.path
 * @pending: names told for the next VMA of a thread, by thread: several may tell at the same time
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
 * Those of the session that is selected. The tool has one thread, and each function of aspace/ is
 * about one session, so that they need not all be told which.
 */
extern struct aspaces *aspaces;

struct aspaces *aspaces_new(void);
void aspaces_select(struct aspaces *selected);

#endif
