// SPDX-License-Identifier: GPL-2.0
/*
 * All that is known of VMAs at one moment, as bytes, and back.
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

_Static_assert(sizeof(struct vma_image) == sizeof(((struct recording_area *)0)->image),
	       "the image of a VMA has changed: see recording/FORMAT");

/* What is in files: numbers stay, and structs only grow at their end. */
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

static void add_space(struct bytes *to, const struct space *space)
{
	struct recording_space kept = {
		.id = space->id,
		.parent = space->parent,
		.tgid = space->tgid,
		.seq = space->seq,
		.compat = space->compat,
		.threaded = space->threaded,
		.shifts = space->shifts,
		.move_tid = space->move.tid,
		.stack_was = space->stack_was,
		.brk_start = space->brk_start,
		.brk = space->brk,
		.stack = space->stack,
		.move_call = space->move.call,
		.move_start = space->move.start,
		.move_end = space->move.end,
	};

	memcpy(kept.comm, space->comm, sizeof(kept.comm));
	memcpy(kept.cgroup, space->cgroup, sizeof(kept.cgroup));
	add(to, RECORDING_SPACE, &kept, sizeof(kept));
}

/* A path is told once: behind the first VMA that has it. */
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

static void add_area(struct bytes *to, const struct area *area,
		     void (*hide)(struct vma_image *image))
{
	size_t name = area->name ? strlen(area->name) : 0;
	struct vma_image image = area->image;
	struct recording_area kept = {
		.id = area->id,
		.mm = area->mm,
		.parent = area->parent,
		.birth = area->birth,
		.born_by = area->born_by,
		.flags = (area->told ? TOLD : 0) | (area->special ? SPECIAL : 0),
		.start = area->start,
		.end = area->end,
		.base = area->base,
		.born_ns = area->born_ns,
		.apart_flags = area->apart.flags,
		.apart_from = area->apart.from,
		.merge_refusal_why = area->apart.why,
	};

	if (hide)
		hide(&image);
	memcpy(kept.image, &image, sizeof(image));
	memcpy(kept.zapped, area->zapped, sizeof(kept.zapped));
	add_head(to, RECORDING_AREA, sizeof(kept) + name);
	bytes_add(to, &kept, sizeof(kept));
	bytes_add(to, area->name, name);
	if (image.file)
		add_path(to, area->image.path, image.path);
}

/**
 * keyframe_make - what is known now
 * @to: becomes it; what was in it is forgotten
 * @hide: replaces the kernel's addresses; NULL where there are none
 */
void keyframe_make(struct bytes *to, void (*hide)(struct vma_image *image))
{
	__u32 last = area_last();

	to->size = 0;
	add_path(NULL, 0, 0);
	add(to, RECORDING_LAST, &last, sizeof(last));
	for (const struct space *space = space_each(NULL); space;
	     space = space_each((struct space *)space))
		add_space(to, space);
	for (struct area *area = area_each(NULL); area; area = area_each(area))
		add_area(to, area, hide);
	for (struct space *space = space_each(NULL); space; space = space_each(space))
		for (struct piece *piece = space_first(space); piece; piece = piece_above(piece)) {
			const struct recording_piece kept = {
				space->id, piece->area->id, piece->start, piece->end,
			};

			add(to, RECORDING_PIECE, &kept, sizeof(kept));
		}
}

/**
 * keyframe_add_ops - say what operations are called that VMAs have
 * @to: from keyframe_make()
 * @ops: them
 */
void keyframe_add_ops(struct bytes *to, const struct recording_ops *ops)
{
	add(to, RECORDING_KNOWN_OPS, ops, sizeof(*ops));
}

static void load_space(const void *data, size_t size)
{
	struct recording_space kept = { 0 };
	struct space *space;

	memcpy(&kept, data, size < sizeof(kept) ? size : sizeof(kept));
	if (!kept.id || space_get(kept.id))
		return;
	space = space_add(kept.id);
	space->parent = kept.parent;
	space->tgid = kept.tgid;
	space->seq = kept.seq;
	space->compat = kept.compat;
	space->threaded = kept.threaded;
	space->shifts = kept.shifts;
	space->stack_was = kept.stack_was;
	space->brk_start = kept.brk_start;
	space->brk = kept.brk;
	space->stack = kept.stack;
	space->move = (struct move){ kept.move_tid, kept.move_call, kept.move_start,
				     kept.move_end };
	space->rss_unknown = true;
	snprintf(space->comm, sizeof(space->comm), "%.15s", kept.comm);
	snprintf(space->cgroup, sizeof(space->cgroup), "%.63s", kept.cgroup);
}

/* What is in a file may be no count at all. */
static __s64 counted(__s64 pages)
{
	return pages > PAGES_MOST || pages < -PAGES_MOST ? 0 : pages;
}

static void load_area(const __u8 *data, size_t size)
{
	struct recording_area kept = { 0 };
	struct vma_image image;
	struct area *area;

	memcpy(&kept, data, size < sizeof(kept) ? size : sizeof(kept));
	memcpy(&image, kept.image, sizeof(image));
	if (!kept.id || area_of_id(kept.id))
		return;
	area = area_restore(kept.id, kept.mm, image.object);
	area->image = image;
	area->parent = kept.parent;
	area->birth = kept.birth;
	area->born_by = kept.born_by;
	area->told = kept.flags & TOLD;
	area->special = kept.flags & SPECIAL;
	area->start = kept.start;
	area->end = kept.end;
	area->base = kept.base;
	area->born_ns = kept.born_ns;
	area->apart.flags = kept.apart_flags;
	area->apart.from = kept.apart_from;
	area->apart.why = kept.merge_refusal_why;
	for (int i = 0; i < RAW_NR_RSS; i++)
		area->zapped[i] = counted(kept.zapped[i]);
	if (size <= sizeof(kept))
		return;
	area->name = strndup((const char *)data + sizeof(kept), size - sizeof(kept));
	if (!area->name)
		abort();
}

static void load_piece(const void *data, size_t size)
{
	struct recording_piece kept = { 0 };
	struct space *space;
	struct area *area;

	memcpy(&kept, data, size < sizeof(kept) ? size : sizeof(kept));
	space = space_get(kept.mm);
	area = area_of_id(kept.area);
	if (space && area && area->mm == space->id && kept.start < kept.end)
		space_assign(space, kept.start, kept.end, area);
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
	/* Numbers go on behind it. */
	if (last > area_last())
		area_drop(area_restore(last, 0, 0));
}

/**
 * keyframe_load - know what was known then, and nothing else
 * @data: from keyframe_make()
 * @size: its bytes
 * @ops: is given each struct recording_ops; or NULL
 *
 * Return: false where it is not whole
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
			load_space(at, bytes);
		else if (type == RECORDING_AREA)
			load_area(at, bytes);
		else if (type == RECORDING_PIECE)
			load_piece(at, bytes);
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
