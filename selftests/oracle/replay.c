// SPDX-License-Identifier: GPL-2.0
/* Records that change the set of VMAs, or what they allow */
#include "oracle.h"

/* The VMA a record is about, which must be as it says; in growable mappings, only known */
static struct vma *get_exact(struct model *m, struct mm *mm, const struct mmscope_event *e,
			     __u32 id)
{
	struct vma *v = mm_find(mm, id);

	if (!v)
		model_wrong(m, e, "of a VMA that is not there");
	else if (!m->loose && (v->start != e->start || v->end != e->end))
		model_wrong(m, e, "of another range than the VMA has");
	else
		return v;
	return NULL;
}

/* The same for a record that also tells the VMA's parent, offset and rights */
static struct vma *get_whole(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = get_exact(m, mm, e, e->vma);

	if (!v)
		return NULL;
	if (v->parent != e->parent)
		model_wrong(m, e, "of another parent than the VMA has");
	else if (!m->loose && v->pgoff != e->aux)
		model_wrong(m, e, "of another page of the store than the VMA has");
	else if (!m->loose && !mm_has_rights(mm, v->start, v->end, e->flags))
		model_wrong(m, e, "with other rights than the VMA has");
	else
		return v;
	return NULL;
}

void replay_mmap(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma new = { e->vma, e->parent, e->vma, e->start, e->end, e->aux, e->aux / PAGES };
	size_t pages = (e->end - e->start) / P;
	struct vma *v;
	__u64 at;

	if (e->aux + pages > STORE_PAGES)
		return model_wrong(m, e, "mmap behind the end of the store");
	v = model_add_vma(m, mm, e, &new);
	if (!v)
		return;
	if (e->parent)
		model_wrong(m, e, "mmap with a parent");
	if (e->pages != (vma_file(m, v)->flags & MMSCOPE_EAGER ? pages : 0))
		model_wrong(m, e, "mmap with another number of pages than it maps");
	mm_set_rights(mm, e->start, e->end, e->flags);
	mm->n.touched += e->pages;
	if (m->loose || !e->pages)
		return;
	for (at = e->start; at < e->end; at += P)
		m->claimed += mm_map(m, mm, v, at);
}

void replay_may_split(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = get_exact(m, mm, e, e->vma);
	bool veto;

	if (!v)
		return;
	veto = vma_file(m, v)->flags & MMSCOPE_VETO;
	if (veto != !!(e->flags & MMSCOPE_F_ERROR))
		model_wrong(m, e, "a veto too many or too few");
	if (e->aux < e->start || e->aux > e->end)
		model_wrong(m, e, "may_split at an address outside");
	mm->cut.vma = e->vma;
	mm->cut.at = e->aux;
	/* The mprotect that asks fails */
	if (veto)
		mm->protect.set = false;
}

void replay_split(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	bool below = e->flags & MMSCOPE_F_BELOW;
	struct vma *v = get_exact(m, mm, e, e->parent);
	struct vma new, rest;

	if (!v)
		return;
	if (e->aux <= e->start || e->aux >= e->end)
		return model_wrong(m, e, "split at an address outside");
	if (mm->cut.vma != v->id || mm->cut.at != e->aux)
		return model_wrong(m, e, "split that may_split was not asked for");
	if (!m->loose && !mm_has_rights(mm, v->start, v->end, e->flags))
		return model_wrong(m, e, "split with other rights than the VMA has");
	rest = *v;
	rest.pgoff += (e->start - (__s64)v->start) / (__s64)P;
	rest.start = e->start;
	rest.end = e->end;
	new = rest;
	new.id = e->vma;
	new.parent = v->id;
	*(below ? &rest.start : &rest.end) = e->aux;
	*(below ? &new.end : &new.start) = e->aux;
	(below ? &rest : &new)->pgoff += (e->aux - e->start) / P;
	*v = rest;
	model_add_vma(m, mm, e, &new);
}

void replay_copy(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = mm_find(mm, e->parent);
	struct vma new = { e->vma, e->parent, 0, e->start, e->end, e->aux, 0 };
	__u64 from, size = e->end - e->start;

	if (!v)
		return model_wrong(m, e, "copy of a VMA that is not there");
	new.root = v->root;
	new.file = v->file;
	from = v->start + (e->aux - v->pgoff) * P;
	if (!m->loose && (from < v->start || from + size > v->end))
		return model_wrong(m, e, "copy of more than the VMA");
	if (!m->loose && !mm_has_rights(mm, from, from + size, e->flags))
		return model_wrong(m, e, "copy with other rights than the VMA has");
	if (model_add_vma(m, mm, e, &new))
		mm_set_rights(mm, e->start, e->end, e->flags);
}

void replay_mremap(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *to = get_exact(m, mm, e, e->vma);
	__u64 size = e->end - e->start;
	struct vma *from;

	if (!to || m->loose)
		return;
	from = mm_find(mm, e->parent);
	if (!from || e->parent != to->parent)
		return model_wrong(m, e, "mremap from a VMA that the copy is not of");
	if (e->aux < from->start || e->aux + size > from->end ||
	    from->pgoff + (e->aux - from->start) / P != to->pgoff)
		return model_wrong(m, e, "mremap from another place than the copy's");
	memcpy(mm->mapped + arena_page(e->start), mm->mapped + arena_page(e->aux),
	       size / P * sizeof(mm->mapped[0]));
	mm->move.start = e->aux;
	mm->move.end = e->aux + size;
}

void replay_mprotect(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = mm_find(mm, e->vma);

	if (!v)
		return model_wrong(m, e, "mprotect of a VMA that is not there");
	if (v->parent != e->parent)
		return model_wrong(m, e, "mprotect of another parent than the VMA has");
	if (m->loose)
		return;
	if (e->start < v->start || e->end > v->end || e->start >= e->end)
		return model_wrong(m, e, "mprotect of more than the VMA");
	if (e->aux != v->pgoff + (e->start - v->start) / P)
		return model_wrong(m, e, "mprotect of another page of the store than is there");
	if ((e->flags ^ mm->rights[arena_page(e->start)]) & MMSCOPE_F_SHARED)
		return model_wrong(m, e, "mprotect that changes shared or private");
	mm->protect.set = true;
	mm->protect.tid = e->tid;
	mm->protect.cause = e->cause;
	mm->protect.start = e->start;
	mm->protect.end = e->end;
	mm->protect.rights = e->flags & SCOPE_RWX;
}

static void check_pages(struct model *m, struct mm *mm, const struct vma *v,
			const struct mmscope_event *e)
{
	bool unknown = e->pages == MMSCOPE_PAGES_UNKNOWN;

	if (m->loose != unknown)
		model_wrong(m, e, "an account of pages too many or too few");
	/* Faults that are only counted are not known here */
	if (m->loose || vma_file(m, v)->flags & MMSCOPE_COUNT)
		return;
	if (mm_weigh(mm, v->start, v->end) != e->pages)
		model_wrong(m, e, "another number of pages than were given");
}

void replay_gone(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = get_whole(m, mm, e);
	bool says_moved = e->type == MMSCOPE_MOVE, moved;

	if (!v)
		return;
	check_pages(m, mm, v, e);
	moved = e->start == mm->move.start && e->end == mm->move.end;
	if (!m->loose && moved != says_moved)
		model_wrong(m, e, moved ? "unmap of what was moved" : "move of what was not moved");
	if (!m->loose)
		mm_unmap(mm, v->start, v->end);
	if (e->type == MMSCOPE_UNMAP && e->pages != MMSCOPE_PAGES_UNKNOWN)
		mm->n.given_back += e->pages;
	if (!!(e->flags & MMSCOPE_F_PARTIAL) != (mm_pieces(mm, v->root) > 1))
		model_wrong(m, e, "partial, or not, against the pieces that are left");
	*v = mm->vma[--mm->nr];
	mm->ending = !mm->nr && e->cause == MMSCOPE_CAUSE_TEARDOWN;
}

void replay_fork(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	if (model_add_mm(m, e, e->aux, mm->id))
		m->forked = e->aux;
}

/* What a fork must have copied, of so many pages; -1: it depends on whether there are copies */
static long copied(const struct setup *f, bool shared, size_t mapped)
{
	if (f->backing == MMSCOPE_PFN || f->flags & (MMSCOPE_EAGER | MMSCOPE_AROUND))
		return mapped;
	return shared ? 0 : -1;
}

static void inherit(struct model *m, struct mm *mm, struct vma *v, const struct mm *parent,
		    const struct mmscope_event *e)
{
	const struct setup *f = vma_file(m, v);
	size_t mapped = mm_weigh(parent, v->start, v->end);
	long must = copied(f, e->flags & MMSCOPE_F_SHARED, mapped);

	mm->n.touched += e->pages;
	if (f->flags & MMSCOPE_COUNT)
		return;
	if ((must >= 0 && e->pages != must) || (e->pages && e->pages != mapped))
		model_wrong(m, e, "dup with another number of pages than fork copies");
	if (!e->pages)
		return;
	memcpy(mm->mapped + arena_page(v->start), parent->mapped + arena_page(v->start),
	       (v->end - v->start) / P * sizeof(mm->mapped[0]));
	m->claimed += e->pages;
	m->marked += mapped;
}

void replay_dup(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma new = { e->vma, e->parent, 0, e->start, e->end, e->aux, 0 };
	struct mm *parent = model_mm(m, mm->parent);
	struct vma *of = parent ? mm_find(parent, e->parent) : NULL;
	struct vma *v;

	if (!of)
		return model_wrong(m, e, "dup of a VMA that is not there");
	mm_settle_protect(parent);
	if (!m->loose && (of->start != e->start || of->end != e->end || of->pgoff != e->aux))
		return model_wrong(m, e, "dup of another range than the VMA has");
	if (!m->loose && !mm_has_rights(parent, of->start, of->end, e->flags))
		return model_wrong(m, e, "dup with other rights than the VMA has");
	new.root = of->root;
	new.file = of->file;
	v = model_add_vma(m, mm, e, &new);
	if (!v)
		return;
	mm_set_rights(mm, e->start, e->end, e->flags);
	if (!m->loose)
		inherit(m, mm, v, parent, e);
	else if (e->pages && e->pages != MMSCOPE_PAGES_UNKNOWN)
		model_wrong(m, e, "dup with an account of pages");
}

void replay_end(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	if (!mm->ending || e->cause != MMSCOPE_CAUSE_TEARDOWN)
		model_wrong(m, e, "end of an mm that does not end");
	mm->ending = false;
	mm->ended = true;
}
