// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks that tell how VMAs come, are cut, move and go. mm calls them with mmap_lock held for
 * write (->close: at least so that no other of them runs on this mm); they may sleep.
 *
 * What was unmapped is what ->close is given, exactly, on every kernel. Which half of a split is
 * the new VMA differs: SPLIT carries both. What no hook sees (zaps by madvise, merges and growth
 * of growable mappings, copies on write after the first fault) is not recorded.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "internal.h"

static u64 flags_of(const struct vm_area_struct *vma)
{
	struct mmscope_file *f = vma->vm_file->private_data;

	return f->flags;
}

static struct mmscope_store *dropping_store(const struct vm_area_struct *vma)
{
	return mmscope_dropping(vma->vm_file->private_data);
}

/**
 * mmscope_record_vma() - record what happened to a VMA, also if it is an orphan
 * @vma: not a quiet file's
 * @e: as for mmscope_record()
 */
void mmscope_record_vma(const struct vm_area_struct *vma, struct mmscope_event *e)
{
	const struct mmscope_vma *v = vma->vm_private_data;
	struct mmscope_mm *m;

	if (likely(v != &mmscope_orphan)) {
		mmscope_record(v->mm, e, flags_of(vma));
		return;
	}
	m = mmscope_mm_find(vma->vm_mm);
	if (!m) {
		atomic64_inc(&mmscope_unrecorded);
		return;
	}
	mmscope_record(m, e, flags_of(vma));
	mmscope_mm_release(m);
}

/* ->open had no memory for the VMA's record, so the VMA becomes an orphan, which m counts. */
static void make_orphan(struct vm_area_struct *vma, struct mmscope_mm *m)
{
	vma->vm_private_data = &mmscope_orphan;
	mutex_lock(&m->lock);
	m->orphans++;
	mutex_unlock(&m->lock);
}

static struct mmscope_vma *adopt(struct vm_area_struct *vma, struct mmscope_map *map,
				 u32 born, const struct mmscope_vma *from)
{
	struct mmscope_vma *v = mmscope_vma_create(map, vma, born, from->id);

	if (v) {
		vma->vm_private_data = v;
	} else {
		map->orphans = true;
		make_orphan(vma, map->mm);
	}
	return v;
}

/*
 * __split_vma(): whole is still [start, end) in the tree, vma will be one half of it. old is what
 * both point to.
 */
static void open_split(struct vm_area_struct *vma, const struct vm_area_struct *whole,
		       struct mmscope_vma *old)
{
	bool below = vma->vm_start == whole->vm_start;
	unsigned long at = below ? vma->vm_end : vma->vm_start;
	struct mmscope_event e;

	adopt(vma, old->map, MMSCOPE_SPLIT, old);
	e = mmscope_range_event(MMSCOPE_SPLIT, vma);
	e.start = whole->vm_start;
	e.end = whole->vm_end;
	e.aux = at;
	e.parent = old->id;
	e.flags |= below ? MMSCOPE_F_BELOW : 0;
	mmscope_vma_resize(old, below ? at : e.start, below ? e.end : at);
	mmscope_record(old->mm, &e, flags_of(vma));
}

/* copy_vma(): the destination of an mremap. */
static void open_copy(struct vm_area_struct *vma, struct mmscope_vma *old)
{
	struct mmscope_mm *m = old->mm;
	struct mmscope_event e;

	mmscope_begin_move(m, vma, old);
	adopt(vma, old->map, MMSCOPE_COPY, old);
	e = mmscope_range_event(MMSCOPE_COPY, vma);
	e.parent = old->id;
	mmscope_record(m, &e, flags_of(vma));
}

static struct mmscope_mm *get_child(struct mm_struct *mm, struct mmscope_mm *parent)
{
	struct mmscope_event e = { .type = MMSCOPE_FORK };
	struct mmscope_mm *child = mmscope_mm_find(mm);

	if (child)
		return child;
	child = mmscope_mm_get(mm, current, parent);
	if (!child)
		return NULL;
	e.cause = mmscope_cause(mm);
	e.aux = child->id;
	mmscope_record(parent, &e, 0);
	return child;
}

static struct mmscope_vma *adopt_child(struct vm_area_struct *vma, struct mmscope_mm *child,
				       struct mmscope_vma *old)
{
	struct mmscope_map *map = mmscope_map_fork(old->map, child);
	struct mmscope_vma *v;

	if (!map) {
		make_orphan(vma, child);
		return NULL;
	}
	v = adopt(vma, map, MMSCOPE_DUP, old);
	if (!map->nr_vmas) {
		old->map->fork_mm = 0;
		mmscope_map_put(map);
	}
	return v;
}

/* dup_mmap() copies the page-table entries of these only: vma_needs_copy() in mm/memory.c. */
static bool entries_copied(const struct vm_area_struct *vma)
{
	return vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP) || vma->anon_vma;
}

/* The pages that a child has by the fork: its map counts them, or for an orphan they stay. */
static u32 inherit(struct vm_area_struct *vma, struct mmscope_vma *v, struct mmscope_vma *old)
{
	struct mmscope_store *drop = dropping_store(vma);

	if (!entries_copied(vma))
		return 0;
	if (!v)
		return mmscope_map_keep(old->map, vma->vm_pgoff, vma_pages(vma), drop);
	return mmscope_map_inherit(v->map, old->map, vma->vm_pgoff, vma_pages(vma), drop);
}

/* dup_mmap(): a fork's copy. The child has no thread and no pid yet. */
static void open_dup(struct vm_area_struct *vma, struct mmscope_vma *old)
{
	struct mmscope_mm *parent = old->mm;
	struct mmscope_mm *child = get_child(vma->vm_mm, parent);
	struct mmscope_vma *v;
	struct mmscope_event e;

	mmscope_end_move(parent);
	if (!child) {
		make_orphan(vma, parent);
		inherit(vma, NULL, old);
		atomic64_inc(&mmscope_unrecorded);
		return;
	}
	v = adopt_child(vma, child, old);
	e = mmscope_range_event(MMSCOPE_DUP, vma);
	e.parent = old->id;
	e.pages = inherit(vma, v, old);
	mmscope_record(child, &e, flags_of(vma));
	mmscope_mm_release(child);
}

/* The VMA comes from an orphan: its parent is not known. The record tells that it exists. */
static void open_orphan(struct vm_area_struct *vma, u32 type)
{
	struct mmscope_mm *m = mmscope_mm_find(vma->vm_mm);
	struct mmscope_event e;

	if (!m) {
		atomic64_inc(&mmscope_unrecorded);
		return;
	}
	make_orphan(vma, m);
	e = mmscope_range_event(type, vma);
	if (type != MMSCOPE_SPLIT)
		mmscope_record(m, &e, flags_of(vma));
	mmscope_mm_release(m);
}

/* The VMA whose range a new one is cut from; NULL if the range was free. */
static struct vm_area_struct *find_whole(const struct vm_area_struct *vma)
{
	struct vm_area_struct *whole = find_vma(vma->vm_mm, vma->vm_start);

	return whole && whole != vma && whole->vm_start <= vma->vm_start ? whole : NULL;
}

/**
 * mmscope_vm_open() - a VMA was made from one of ours: by a split, an mremap, or a fork
 * @vma: the new one, which points to the old one's identity
 *
 * In a split and an mremap the old VMA is still whole in the tree. Without memory the new one is an
 * orphan: it works, and its lineage is lost, which is counted.
 */
void mmscope_vm_open(struct vm_area_struct *vma)
{
	struct mmscope_vma *old = vma->vm_private_data;
	struct vm_area_struct *whole;
	bool forked;

	if (!old)
		return;
	forked = vma->vm_mm != (old->mm ? old->mm->mm : current->mm);
	whole = forked ? NULL : find_whole(vma);
	if (old == &mmscope_orphan)
		open_orphan(vma, forked ? MMSCOPE_DUP : whole ? MMSCOPE_SPLIT : MMSCOPE_COPY);
	else if (forked)
		open_dup(vma, old);
	else if (whole)
		open_split(vma, whole, old);
	else
		open_copy(vma, old);
}

/*
 * How many pages are unmapped with a VMA. Where two VMAs of a map may have the same pages, all of
 * them are counted with the last VMA.
 */
static u32 take_back(struct vm_area_struct *vma, struct mmscope_map *map)
{
	struct mmscope_store *drop = dropping_store(vma);

	if (likely(!map->doubled))
		return mmscope_map_take(map, vma->vm_pgoff, vma_pages(vma), drop);
	if (map->nr_vmas > 1 || map->orphans)
		return 0;
	return mmscope_map_take(map, map->pgoff, map->pages, drop);
}

/* A VMA with an identity is closed. An empty one is the undoing of a split. */
static void close_known(struct vm_area_struct *vma, struct mmscope_vma *v)
{
	struct mmscope_mm *m = v->mm;
	struct mmscope_event e = mmscope_range_event(MMSCOPE_UNMAP, vma);
	bool ends = mmscope_ends_move(m, vma);

	mmscope_end_move(m);
	if (vma->vm_start == vma->vm_end) {
		mmscope_vma_unsplit(v);
	} else if (ends && vma->vm_start == m->move.to) {
		e.flags |= MMSCOPE_F_ERROR;
	} else if (ends) {
		e.type = MMSCOPE_MOVE;
		e.pages = mmscope_map_weigh(v->map, vma->vm_pgoff, vma_pages(vma));
	} else {
		e.pages = take_back(vma, v->map);
	}
	mmscope_vma_unlink(v);
	e.flags |= v->map->nr_vmas ? MMSCOPE_F_PARTIAL : 0;
	mmscope_record(m, &e, flags_of(vma));
	if (!m->nr_vmas && e.cause == MMSCOPE_CAUSE_TEARDOWN) {
		e = (struct mmscope_event) { .type = MMSCOPE_END, .cause = e.cause };
		mmscope_record(m, &e, 0);
	}
	mmscope_vma_free(v);
}

/* The pages of an orphan are not known, unless it is the destination of a failed mremap. */
static void close_orphan(struct vm_area_struct *vma)
{
	struct mmscope_event e = mmscope_range_event(MMSCOPE_UNMAP, vma);
	struct mmscope_mm *m = mmscope_mm_find(vma->vm_mm);

	if (!m) {
		atomic64_inc(&mmscope_unrecorded);
		return;
	}
	if (mmscope_ends_move(m, vma))
		e.flags |= MMSCOPE_F_ERROR;
	else
		e.pages = MMSCOPE_PAGES_UNKNOWN;
	mmscope_end_move(m);
	mmscope_record(m, &e, flags_of(vma));
	mmscope_mm_release(m);
}

/**
 * mmscope_vm_close() - a VMA is gone, its pages unmapped or elsewhere
 * @vma: exactly what was removed
 */
void mmscope_vm_close(struct vm_area_struct *vma)
{
	struct mmscope_vma *v = vma->vm_private_data;

	if (v == &mmscope_orphan)
		close_orphan(vma);
	else if (v)
		close_known(vma, v);
}

/**
 * mmscope_vm_may_split() - may a VMA be cut?
 * @vma: whole
 * @addr: where; mremap also asks without cutting, and even for the VMA's own start
 *
 * Return: 0, or -EINVAL with MMSCOPE_VETO
 */
int mmscope_vm_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	bool veto = flags_of(vma) & MMSCOPE_VETO;
	struct mmscope_event e;

	if (!vma->vm_private_data)
		return 0;
	e = mmscope_range_event(MMSCOPE_MAY_SPLIT, vma);
	e.aux = addr;
	e.flags |= veto ? MMSCOPE_F_ERROR : 0;
	mmscope_record_vma(vma, &e);
	return veto ? -EINVAL : 0;
}

/**
 * mmscope_vm_mprotect() - a range is about to get other rights
 * @vma: whole; any splits come later
 * @start: first address
 * @end: first address behind
 * @newflags: vm_flags it gets
 *
 * Return: 0
 */
int mmscope_vm_mprotect(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			unsigned long newflags)
{
	struct mmscope_vma *v = vma->vm_private_data;
	struct mmscope_event e;

	if (!v)
		return 0;
	if (v != &mmscope_orphan)
		mmscope_end_move(v->mm);
	e = mmscope_range_event(MMSCOPE_MPROTECT, vma);
	e.aux += (start - vma->vm_start) >> PAGE_SHIFT;
	e.start = start;
	e.end = end;
	e.flags = mmscope_rights(newflags);
	mmscope_record_vma(vma, &e);
	return 0;
}
