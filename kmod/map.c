// SPDX-License-Identifier: GPL-2.0
/*
 * A map is one mmap() call as one mm sees it; a vma is the identity of one VMA of it. mm makes
 * and ends VMAs under mmap_lock; mm->lock is for those who look from outside.
 */
#include <linux/bitops.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

#include "internal.h"

/* Stands for every VMA whose own record found no memory. Never written. */
struct mmscope_vma mmscope_orphan;

/* How often a hook could record nothing: its VMA was an orphan, and its mm had no record. */
atomic64_t mmscope_unrecorded;

static atomic_t last_vma_id;

/**
 * mmscope_map_create() - a map without VMAs yet
 * @mm: whose, held by the caller; the map takes a hold of its own
 * @pgoff: first page of the store
 * @pages: how many, 0 to keep no account of pages
 *
 * Return: the map, or NULL without memory. Ends with its last VMA, or by mmscope_map_put().
 */
struct mmscope_map *mmscope_map_create(struct mmscope_mm *mm, unsigned long pgoff,
				       unsigned long pages)
{
	struct mmscope_map *map = kvzalloc(struct_size(map, mapped, BITS_TO_LONGS(pages)),
					   GFP_KERNEL_ACCOUNT);

	if (!map)
		return NULL;
	map->mm = mm;
	map->pgoff = pgoff;
	map->pages = pages;
	mmscope_mm_hold(mm);
	mutex_lock(&mm->lock);
	mm->nr_maps++;
	mutex_unlock(&mm->lock);
	return map;
}

/**
 * mmscope_map_fork() - the child's copy of a map; the same for all VMAs of it that a fork copies
 * @map: the parent's; its mmap_lock is held for write, so that one fork uses @map at a time
 * @child: held by the caller; it does not run yet
 *
 * Return: the map, or NULL without memory.
 */
struct mmscope_map *mmscope_map_fork(struct mmscope_map *map, struct mmscope_mm *child)
{
	struct mmscope_map *copy;

	if (map->fork_mm == child->id)
		return map->fork_map;
	copy = mmscope_map_create(child, map->pgoff, map->pages);
	if (copy) {
		map->fork_mm = child->id;
		map->fork_map = copy;
	}
	return copy;
}

/**
 * mmscope_map_put() - end a map that has no VMA
 * @map: none of its VMAs is left; may end the hold that kept its mm live
 */
void mmscope_map_put(struct mmscope_map *map)
{
	struct mmscope_mm *mm = map->mm;

	mutex_lock(&mm->lock);
	mm->nr_maps--;
	mutex_unlock(&mm->lock);
	kvfree(map);
	mmscope_mm_release(mm);
}

/**
 * mmscope_map_give() - a page was given to the map, also where the store counts who has it
 * @map: as for mmscope_map_mark()
 * @pgoff: page of the store, got by mmscope_store_get() for this
 * @drop: store that counts who has a page, or NULL
 *
 * The store counts each map once, and each fault that is under way: a page that this map has does
 * not leave the store, whatever other faults for it do.
 *
 * Return: true if the map had it already.
 */
bool mmscope_map_give(struct mmscope_map *map, unsigned long pgoff, struct mmscope_store *drop)
{
	bool had = mmscope_map_mark(map, pgoff);

	if (had && drop)
		mmscope_store_put(drop, pgoff);
	return had;
}

/* The bits of [bit, end) that are in bit's word; moves bit behind them. */
static unsigned long next_mask(unsigned long *bit, unsigned long end)
{
	unsigned long first = *bit;
	unsigned long last = min(end, (BIT_WORD(first) + 1) * BITS_PER_LONG) - 1;

	*bit = last + 1;
	return GENMASK(last % BITS_PER_LONG, first % BITS_PER_LONG);
}

/**
 * mmscope_map_weigh() - how many pages of a range the map has
 * @map: any
 * @pgoff: first page
 * @pages: how many, inside the map
 *
 * Return: pages, or MMSCOPE_PAGES_UNKNOWN if the map keeps no account.
 */
u32 mmscope_map_weigh(struct mmscope_map *map, unsigned long pgoff, unsigned long pages)
{
	unsigned long bit = pgoff - map->pgoff;
	unsigned long end = bit + pages;
	u32 n = 0;

	if (!map->pages)
		return MMSCOPE_PAGES_UNKNOWN;
	while (bit < end) {
		unsigned long word = BIT_WORD(bit);

		n += hweight_long(READ_ONCE(map->mapped[word]) & next_mask(&bit, end));
	}
	return n;
}

/**
 * mmscope_map_take() - a range was unmapped: take its pages back
 * @map: any; faults on neighbours in the same word may run
 * @pgoff: first page
 * @pages: how many, inside the map
 * @drop: store that counts who has a page, or NULL
 *
 * Return: pages taken, or MMSCOPE_PAGES_UNKNOWN.
 */
u32 mmscope_map_take(struct mmscope_map *map, unsigned long pgoff, unsigned long pages,
		     struct mmscope_store *drop)
{
	unsigned long bit = pgoff - map->pgoff;
	unsigned long end = bit + pages;
	u32 n = 0;

	if (!map->pages)
		return MMSCOPE_PAGES_UNKNOWN;
	while (bit < end) {
		unsigned long word = BIT_WORD(bit);
		unsigned long mask = next_mask(&bit, end);
		unsigned long had = atomic_long_fetch_andnot(mask,
							     (atomic_long_t *)&map->mapped[word]);
		unsigned int i;

		had &= mask;
		n += hweight_long(had);
		if (drop)
			for_each_set_bit(i, &had, BITS_PER_LONG)
				mmscope_store_put(drop, map->pgoff + word * BITS_PER_LONG + i);
		cond_resched();
	}
	return n;
}

/**
 * mmscope_map_keep() - somebody whom no map counts has the pages of a range too: they stay
 * @map: any; no fault runs on it
 * @pgoff: first page
 * @pages: how many, inside the map
 * @drop: store that counts who has a page, or NULL
 *
 * Return: pages that the map has, or MMSCOPE_PAGES_UNKNOWN.
 */
u32 mmscope_map_keep(struct mmscope_map *map, unsigned long pgoff, unsigned long pages,
		     struct mmscope_store *drop)
{
	unsigned long i;

	for (i = 0; drop && i < pages; i++) {
		if (mmscope_map_has(map, pgoff + i))
			mmscope_store_keep(drop, pgoff + i);
		cond_resched();
	}
	return mmscope_map_weigh(map, pgoff, pages);
}

/**
 * mmscope_map_inherit() - a fork copied the page-table entries of a range
 * @map: the child's; nobody else uses it yet
 * @from: the parent's, of the same pages; no fault runs on it
 * @pgoff: first page
 * @pages: how many, inside the maps
 * @share: store that counts who has a page, or NULL
 *
 * Return: pages the child has now, or MMSCOPE_PAGES_UNKNOWN.
 */
u32 mmscope_map_inherit(struct mmscope_map *map, struct mmscope_map *from, unsigned long pgoff,
			unsigned long pages, struct mmscope_store *share)
{
	unsigned long bit = pgoff - map->pgoff;
	unsigned long end = bit + pages;
	u32 n = 0;

	if (!map->pages)
		return MMSCOPE_PAGES_UNKNOWN;
	while (bit < end) {
		unsigned long word = BIT_WORD(bit);
		unsigned long has = READ_ONCE(from->mapped[word]) & next_mask(&bit, end);
		unsigned int i;

		map->mapped[word] |= has;
		n += hweight_long(has);
		if (share)
			for_each_set_bit(i, &has, BITS_PER_LONG)
				mmscope_store_share(share, map->pgoff + word * BITS_PER_LONG + i);
		cond_resched();
	}
	return n;
}

static bool is_id_less(struct rb_node *node, const struct rb_node *than)
{
	return rb_entry(node, struct mmscope_vma, node)->id <
	       rb_entry(than, struct mmscope_vma, node)->id;
}

/**
 * mmscope_vma_from() - an mm's first known VMA from an id on
 * @m: m->lock is held
 * @id: any
 *
 * Return: the VMA's identity, or NULL.
 */
struct mmscope_vma *mmscope_vma_from(struct mmscope_mm *m, u32 id)
{
	struct rb_node *node = m->vmas.rb_node;
	struct mmscope_vma *found = NULL;

	lockdep_assert_held(&m->lock);
	while (node) {
		struct mmscope_vma *v = rb_entry(node, struct mmscope_vma, node);

		if (v->id >= id)
			found = v;
		node = v->id >= id ? node->rb_left : node->rb_right;
	}
	return found;
}

/**
 * mmscope_vma_create() - identity for a new VMA
 * @map: what it is a piece of
 * @vma: mm's, for its range; mmap_lock held for write
 * @born: MMSCOPE_MMAP, MMSCOPE_SPLIT, MMSCOPE_COPY or MMSCOPE_DUP
 * @parent: id of the VMA it came from, or 0
 *
 * Return: the object, to be put into vm_private_data, or NULL without memory.
 */
struct mmscope_vma *mmscope_vma_create(struct mmscope_map *map, const struct vm_area_struct *vma,
				       u32 born, u32 parent)
{
	struct mmscope_vma *v = kzalloc(sizeof(*v), GFP_KERNEL_ACCOUNT);

	if (!v)
		return NULL;
	v->id = atomic_inc_return(&last_vma_id);
	v->parent = parent;
	v->flags = MMSCOPE_F_USER | (vma->vm_flags & VM_SHARED ? MMSCOPE_F_SHARED : 0);
	v->born = born;
	v->map = map;
	v->mm = map->mm;
	v->start = vma->vm_start;
	v->end = vma->vm_end;
	v->bias = vma->vm_start - (vma->vm_pgoff << PAGE_SHIFT);
	mutex_lock(&v->mm->lock);
	map->nr_vmas++;
	v->mm->nr_vmas++;
	rb_add(&v->node, &v->mm->vmas, is_id_less);
	mutex_unlock(&v->mm->lock);
	return v;
}

/**
 * mmscope_vma_resize() - a hook told the range
 * @v: mmap_lock held for write
 * @start: first address
 * @end: first address behind
 */
void mmscope_vma_resize(struct mmscope_vma *v, unsigned long start, unsigned long end)
{
	mutex_lock(&v->mm->lock);
	v->start = start;
	v->end = end;
	mutex_unlock(&v->mm->lock);
}

/**
 * mmscope_vma_unsplit() - the split that made a VMA failed behind ->open: its range goes back
 * @v: made by that split; mmap_lock held for write
 *
 * 6.1 only: __split_vma() in mm/mmap.c closes the new VMA again, as an empty one.
 */
void mmscope_vma_unsplit(struct mmscope_vma *v)
{
	struct mmscope_mm *mm = v->mm;
	struct mmscope_vma *old;

	mutex_lock(&mm->lock);
	old = mmscope_vma_from(mm, v->parent);
	if (old && old->id == v->parent) {
		old->start = min(old->start, v->start);
		old->end = max(old->end, v->end);
	}
	mutex_unlock(&mm->lock);
}

/**
 * mmscope_vma_unlink() - a VMA is closed: it counts no more
 * @v: stays valid until mmscope_vma_free()
 */
void mmscope_vma_unlink(struct mmscope_vma *v)
{
	mutex_lock(&v->mm->lock);
	v->map->nr_vmas--;
	v->mm->nr_vmas--;
	rb_erase(&v->node, &v->mm->vmas);
	mutex_unlock(&v->mm->lock);
}

/**
 * mmscope_vma_free() - end of a VMA's identity, and of its map if it was the last
 * @v: unlinked
 */
void mmscope_vma_free(struct mmscope_vma *v)
{
	struct mmscope_map *map = v->map;

	kfree(v);
	if (!map->nr_vmas)
		mmscope_map_put(map);
}
