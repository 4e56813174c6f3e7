/* SPDX-License-Identifier: GPL-2.0 */
/* Mappings, and the identities of their VMAs: map.c */
#ifndef MMSCOPE_MAP_H
#define MMSCOPE_MAP_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "mm.h"

struct mmscope_store;

/**
 * struct mmscope_map - one mmap() in one mm, or fork's copy of it
 * @mm: whose; every VMA of the map holds it
 * @pgoff: first page of the store it covers
 * @pages: how many; 0 when no account of pages is kept (growable)
 * @nr_vmas: VMAs left of it; under mm->lock
 * @orphans: there were VMAs of it that lost their identity
 * @doubled: two VMAs may have the same pages, since an mremap could not close its source, or its
 *	destination when it failed: nothing is taken back before the last VMA goes. Under mmap_lock
 *	held for write, as @orphans and those below up to @mapped.
 * @fork_mm: id of the child @fork_map belongs to
 * @fork_map: the copy being made of this map by a running fork
 * @mapped: a bit per page that was given and not taken back as far as hooks tell: an upper bound of
 *	what is present (a zap no hook saw, a private page that was copied). Set once the page was
 *	given, under locks that ->close and fork wait for.
 */
struct mmscope_map {
	struct mmscope_mm *mm;
	unsigned long pgoff;
	unsigned long pages;
	unsigned int nr_vmas;
	bool orphans;
	bool doubled;
	u32 fork_mm;
	struct mmscope_map *fork_map;
	unsigned long mapped[];
};

/**
 * struct mmscope_vma - identity of one VMA
 * @id: its number
 * @parent: number of the VMA it was made from, or 0
 * @flags: what faults on it have in common: MMSCOPE_F_USER, which most are, and MMSCOPE_F_SHARED
 * @born: MMSCOPE_MMAP, MMSCOPE_SPLIT, MMSCOPE_COPY or MMSCOPE_DUP
 * @map: what it is a piece of
 * @mm: whose, as @map's
 * @node: in mm->vmas
 * @start: range when a hook was last called; exact, except for growable mappings, which change
 *	without a hook. Under mmap_lock held for write and mm->lock.
 * @end: see @start
 * @bias: vm_start - vm_pgoff in bytes: the same for the life of a VMA however it is trimmed
 */
struct mmscope_vma {
	u32 id;
	u32 parent;
	u32 flags;
	u32 born;
	struct mmscope_map *map;
	struct mmscope_mm *mm;
	struct rb_node node;
	unsigned long start;
	unsigned long end;
	unsigned long bias;
};

extern struct mmscope_vma mmscope_orphan;
extern atomic64_t mmscope_unrecorded;

/**
 * mmscope_map_mark() - a page was given to the map, of a store without the drop flag
 * @map: keeps account of pages; its mmap_lock or VMA lock is held; faults on the same word run
 *	concurrently
 * @pgoff: page of the store, inside the map
 *
 * Return: true if the map had it already.
 */
static inline bool mmscope_map_mark(struct mmscope_map *map, unsigned long pgoff)
{
	return test_and_set_bit(pgoff - map->pgoff, map->mapped);
}

/* Was the page given to the map? It may be, at this moment. */
static inline bool mmscope_map_has(const struct mmscope_map *map, unsigned long pgoff)
{
	return test_bit(pgoff - map->pgoff, map->mapped);
}

struct mmscope_map *mmscope_map_create(struct mmscope_mm *mm, unsigned long pgoff,
				       unsigned long pages);
struct mmscope_map *mmscope_map_fork(struct mmscope_map *map, struct mmscope_mm *child);
void mmscope_map_put(struct mmscope_map *map);
bool mmscope_map_give(struct mmscope_map *map, unsigned long pgoff, struct mmscope_store *drop);
u32 mmscope_map_weigh(struct mmscope_map *map, unsigned long pgoff, unsigned long pages);
u32 mmscope_map_take(struct mmscope_map *map, unsigned long pgoff, unsigned long pages,
		     struct mmscope_store *drop);
u32 mmscope_map_keep(struct mmscope_map *map, unsigned long pgoff, unsigned long pages,
		     struct mmscope_store *drop);
u32 mmscope_map_inherit(struct mmscope_map *map, struct mmscope_map *from, unsigned long pgoff,
			unsigned long pages, struct mmscope_store *share);
struct mmscope_vma *mmscope_vma_from(struct mmscope_mm *m, u32 id);
struct mmscope_vma *mmscope_vma_create(struct mmscope_map *map, const struct vm_area_struct *vma,
				       u32 born, u32 parent);
void mmscope_vma_resize(struct mmscope_vma *v, unsigned long start, unsigned long end);
void mmscope_vma_unsplit(struct mmscope_vma *v);
void mmscope_vma_unlink(struct mmscope_vma *v);
void mmscope_vma_free(struct mmscope_vma *v);

#endif
