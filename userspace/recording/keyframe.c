// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a keyframe of all that userspace/aspace knows of VMAs at one moment, and loads it again.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "recording/keyframe.h"
#include "recording/number.h"

#define PATH_MOST	8192
#define PAGES_MOST	(1LL << 44)
#define TOLD		1U
#define SPECIAL		2U

_Static_assert(sizeof(struct vma_image) == sizeof(((struct recording_vma *)0)->image),
	       "the image of a VMA has changed: see recording/FORMAT");

/*
 * These structs are in files, so the numbers of their types may not change, and the structs may
 * only grow at their end: see recording/FORMAT.
 */
_Static_assert(RAW_MM == 128 && RAW_FAILED == 154 && RAW_GONE == 155 && RAW_TYPES <= 256,
	       "numbers of raw records");
_Static_assert(sizeof(struct mmscope_event) == 64, "struct mmscope_event");
_Static_assert(offsetof(struct raw_vma, args) == 176, "struct raw_vma");
_Static_assert(offsetof(struct raw_pages, by) == 160, "struct raw_pages");
_Static_assert(offsetof(struct raw_file, parts) == 88, "struct raw_file");
_Static_assert(offsetof(struct raw_name, text) == 72, "struct raw_name");
_Static_assert(offsetof(struct raw_task, comm) == 72, "struct raw_task");
_Static_assert(offsetof(struct raw_failed, seals) == 224, "struct raw_failed");
_Static_assert(offsetof(struct raw_stack, bytes) == 240, "struct raw_stack");
_Static_assert(RAW_NR_RSS == 5, "kinds of pages have changed: see recording/FORMAT");

static void add_head(struct bytes *to, unsigned int type, size_t size)
{
	bytes_add_number(to, type);
	bytes_add_number(to, size);
}

static void add(struct bytes *to, unsigned int type, const void *data, size_t size)
{
	add_head(to, type, size);
	bytes_add(to, data, size);
}

static void add_mm(struct bytes *to, const struct mm *mm)
{
	struct recording_mm kept = {
		.id = mm->id,
		.parent = mm->parent,
		.tgid = mm->tgid,
		.seq = mm->seq,
		.compat = mm->compat,
		.threaded = mm->threaded,
		.shifts = mm->shifts,
		.move_tid = mm->move.tid,
		.stack_was = mm->stack_was,
		.brk_start = mm->brk_start,
		.brk = mm->brk,
		.stack = mm->stack,
		.move_call = mm->move.call,
		.move_start = mm->move.start,
		.move_end = mm->move.end,
	};

	memcpy(kept.comm, mm->comm, sizeof(kept.comm));
	memcpy(kept.cgroup, mm->cgroup, sizeof(kept.cgroup));
	add(to, RECORDING_SPACE, &kept, sizeof(kept));
}

/*
 * Add the name of a file behind the first VMA that maps it; @to is NULL to begin a keyframe. The
 * table of names that were added is small: a name that it has lost is only added again.
 */
static void add_path(struct bytes *to, __u64 key, __u64 hidden)
{
	static __u64 told[1024];
	const char *path = names_path(key);

	if (!to) {
		memset(told, 0, sizeof(told));
		return;
	}
	if (!path || told[key % 1024] == key)
		return;
	told[key % 1024] = key;
	add_head(to, RECORDING_PATH, sizeof(hidden) + strlen(path));
	bytes_add(to, &hidden, sizeof(hidden));
	bytes_add(to, path, strlen(path));
}

static void add_vma(struct bytes *to, const struct vma *vma,
		    void (*hide)(struct vma_image *image))
{
	size_t name = vma->name ? strlen(vma->name) : 0;
	struct vma_image image = vma->image;
	struct recording_vma kept = {
		.id = vma->id,
		.mm = vma->mm,
		.parent = vma->parent,
		.birth = vma->birth,
		.born_by = vma->born_by,
		.flags = (vma->told ? TOLD : 0) | (vma->special ? SPECIAL : 0),
		.start = vma->start,
		.end = vma->end,
		.base = vma->base,
		.born_ns = vma->born_ns,
		.apart_flags = vma->apart.flags,
		.apart_from = vma->apart.from,
		.merge_refusal_why = vma->apart.why,
	};

	if (hide)
		hide(&image);
	memcpy(kept.image, &image, sizeof(image));
	memcpy(kept.zapped, vma->zapped, sizeof(kept.zapped));
	add_head(to, RECORDING_AREA, sizeof(kept) + name);
	bytes_add(to, &kept, sizeof(kept));
	bytes_add(to, vma->name, name);
	if (image.file)
		add_path(to, vma->image.path, image.path);
}

/**
 * keyframe_make - make a keyframe of all that is known now
 * @to: is set to the keyframe; its former content is dropped
 * @hide: replaces the kernel's addresses in an image; NULL where the images have none
 */
void keyframe_make(struct bytes *to, void (*hide)(struct vma_image *image))
{
	__u32 last = vma_last();

	to->size = 0;
	add_path(NULL, 0, 0);
	add(to, RECORDING_LAST, &last, sizeof(last));
	for (const struct mm *mm = mm_each(NULL); mm;
	     mm = mm_each((struct mm *)mm))
		add_mm(to, mm);
	for (struct vma *vma = vma_each(NULL); vma; vma = vma_each(vma))
		add_vma(to, vma, hide);
	for (struct mm *mm = mm_each(NULL); mm; mm = mm_each(mm))
		for (struct map_range *range = mm_first(mm); range; range = range_above(range)) {
			const struct recording_range kept = {
				mm->id, range->vma->id, range->start, range->end,
			};

			add(to, RECORDING_PIECE, &kept, sizeof(kept));
		}
}

/**
 * keyframe_add_ops - add the name of operations that VMAs have
 * @to: the keyframe of keyframe_make()
 * @ops: the operations
 */
void keyframe_add_ops(struct bytes *to, const struct recording_ops *ops)
{
	add(to, RECORDING_KNOWN_OPS, ops, sizeof(*ops));
}

static void load_mm(const void *data, size_t size)
{
	struct recording_mm kept = { 0 };
	struct mm *mm;

	memcpy(&kept, data, size < sizeof(kept) ? size : sizeof(kept));
	if (!kept.id || mm_get(kept.id))
		return;
	mm = mm_add(kept.id);
	mm->parent = kept.parent;
	mm->tgid = kept.tgid;
	mm->seq = kept.seq;
	mm->compat = kept.compat;
	mm->threaded = kept.threaded;
	mm->shifts = kept.shifts;
	mm->stack_was = kept.stack_was;
	mm->brk_start = kept.brk_start;
	mm->brk = kept.brk;
	mm->stack = kept.stack;
	mm->move = (struct move){ kept.move_tid, kept.move_call, kept.move_start,
				     kept.move_end };
	mm->rss_unknown = true;
	snprintf(mm->comm, sizeof(mm->comm), "%.15s", kept.comm);
	snprintf(mm->cgroup, sizeof(mm->cgroup), "%.63s", kept.cgroup);
}

/* A damaged file may have any number here: 0 for one that no count of pages can reach. */
static __s64 counted(__s64 pages)
{
	return pages > PAGES_MOST || pages < -PAGES_MOST ? 0 : pages;
}

static void load_vma(const __u8 *data, size_t size)
{
	struct recording_vma kept = { 0 };
	struct vma_image image;
	struct vma *vma;

	memcpy(&kept, data, size < sizeof(kept) ? size : sizeof(kept));
	memcpy(&image, kept.image, sizeof(image));
	if (!kept.id || vma_of_id(kept.id))
		return;
	vma = vma_restore(kept.id, kept.mm, image.object);
	vma->image = image;
	vma->parent = kept.parent;
	vma->birth = kept.birth;
	vma->born_by = kept.born_by;
	vma->told = kept.flags & TOLD;
	vma->special = kept.flags & SPECIAL;
	vma->start = kept.start;
	vma->end = kept.end;
	vma->base = kept.base;
	vma->born_ns = kept.born_ns;
	vma->apart.flags = kept.apart_flags;
	vma->apart.from = kept.apart_from;
	vma->apart.why = kept.merge_refusal_why;
	for (int i = 0; i < RAW_NR_RSS; i++)
		vma->zapped[i] = counted(kept.zapped[i]);
	if (size <= sizeof(kept))
		return;
	vma->name = strndup((const char *)data + sizeof(kept), size - sizeof(kept));
	if (!vma->name)
		abort();
}

static void load_range(const void *data, size_t size)
{
	struct recording_range kept = { 0 };
	struct mm *mm;
	struct vma *vma;

	memcpy(&kept, data, size < sizeof(kept) ? size : sizeof(kept));
	mm = mm_get(kept.mm);
	vma = vma_of_id(kept.vma);
	if (mm && vma && vma->mm == mm->id && kept.start < kept.end)
		mm_assign(mm, kept.start, kept.end, vma);
}

static void load_path(const __u8 *data, size_t size)
{
	static char path[PATH_MOST];
	__u64 key;

	if (size < sizeof(key))
		return;
	memcpy(&key, data, sizeof(key));
	snprintf(path, sizeof(path), "%.*s", (int)(size - sizeof(key) < PATH_MOST ?
		 size - sizeof(key) : PATH_MOST - 1), (const char *)data + sizeof(key));
	names_restore(key, path);
}

static void load_last(const void *data, size_t size)
{
	__u32 last = 0;

	memcpy(&last, data, size < sizeof(last) ? size : sizeof(last));
	/* VMAs get their numbers in rising order: the next one gets the number behind @last. */
	if (last > vma_last())
		vma_drop(vma_restore(last, 0, 0));
}

/**
 * keyframe_load - make userspace/aspace know what the keyframe says, and forget all else
 * @data: the content of a keyframe, as keyframe_make() made it
 * @size: bytes of the keyframe
 * @ops: is called with each struct recording_ops of the keyframe and its bytes; or NULL
 *
 * Return: false where an item is cut off; the items before it are loaded
 */
bool keyframe_load(const void *data, size_t size, void (*ops)(const void *data, size_t size))
{
	const __u8 *at = data, *end = at + size;
	__u64 type, bytes;

	aspace_clear();
	while (at < end) {
		if (!number_get(&at, end, &type) || !number_get(&at, end, &bytes) ||
		    bytes > (__u64)(end - at))
			return false;
		if (type == RECORDING_SPACE)
			load_mm(at, bytes);
		else if (type == RECORDING_AREA)
			load_vma(at, bytes);
		else if (type == RECORDING_PIECE)
			load_range(at, bytes);
		else if (type == RECORDING_PATH)
			load_path(at, bytes);
		else if (type == RECORDING_LAST)
			load_last(at, bytes);
		else if (type == RECORDING_KNOWN_OPS && ops)
			ops(at, bytes);
		at += bytes;
	}
	return true;
}
