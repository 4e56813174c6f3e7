// SPDX-License-Identifier: GPL-2.0
/* Records of faults, and of what else touches pages */
#include "oracle.h"

static void tally_fault(struct tally *n, const struct mmscope_event *e)
{
	n->write += !!(e->flags & MMSCOPE_F_WRITE);
	n->kernel += !!(e->flags & MMSCOPE_F_KERNEL);
	n->remote += !!(e->flags & MMSCOPE_F_REMOTE);
	n->refault += !!(e->flags & MMSCOPE_F_REFAULT);
	n->vma_lock += !!(e->flags & MMSCOPE_F_VMA_LOCK);
	n->cow += !!(e->flags & MMSCOPE_F_COW);
	n->error += !!(e->flags & MMSCOPE_F_ERROR);
	if (!(e->flags & MMSCOPE_F_UNTRACKED))
		n->touched += e->npages - !!(e->flags & MMSCOPE_F_REFAULT);
}

static bool may(__u32 rights, const struct mmscope_event *e)
{
	if (e->flags & MMSCOPE_F_REMOTE)
		return true;
	if (e->flags & MMSCOPE_F_WRITE)
		return rights & MMSCOPE_F_WRITE;
	return rights & (MMSCOPE_F_READ | MMSCOPE_F_WRITE | MMSCOPE_F_EXEC);
}

/* What a fault's flags must be, whatever came before */
static const char *check_flags(const struct setup *f, const struct mmscope_event *e)
{
	__u32 who = e->flags & (MMSCOPE_F_USER | MMSCOPE_F_KERNEL | MMSCOPE_F_REMOTE);
	bool write = e->flags & MMSCOPE_F_WRITE;
	bool shared = e->flags & MMSCOPE_F_SHARED;

	if (!who || who & (who - 1))
		return "by none or several of user, kernel and another process";
	if (e->type == MMSCOPE_FAULT && write == !!(e->flags & MMSCOPE_F_READ))
		return "neither a read nor a write";
	if (e->type == MMSCOPE_FAULT && !!(e->flags & MMSCOPE_F_COW) != (write && !shared))
		return "copied, or not, against what it is";
	if (e->flags & MMSCOPE_F_VMA_LOCK && f->flags & MMSCOPE_NO_VMA_LOCK)
		return "under the lock that it cannot be under";
	if (!!(e->flags & MMSCOPE_F_UNTRACKED) !=
	    (e->type == MMSCOPE_FAULT && f->flags & MMSCOPE_GROWABLE))
		return "tracked, or not, against what it is";
	/* A growable mapping can grow there */
	if (e->pgoff >= STORE_PAGES)
		return e->flags & MMSCOPE_F_ERROR ? NULL : "no error behind the end of the store";
	if (e->flags & MMSCOPE_F_ERROR && !f->error_nth)
		return "an error that nobody asked for";
	if (e->ns && !(f->flags & MMSCOPE_LATENCY))
		return "a time that nobody asked for";
	return NULL;
}

/* May it run while hooks of the same VMA do? Records of mkwrite do not say under which lock. */
static bool is_unlocked(const struct mmscope_event *e)
{
	return e->flags & MMSCOPE_F_VMA_LOCK || e->type != MMSCOPE_FAULT;
}

/*
 * A fault under the VMA lock may run while the hooks of a split or an mprotect do: mm takes the
 * lock for writing behind them. Then it is the old VMA's fault, or by the old rights.
 */
static struct vma *find_touched(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = mm_find(mm, e->vma);
	size_t i;

	if (!v || m->strict || !is_unlocked(e))
		return v;
	for (i = 0; i < mm->nr; i++)
		if (mm->vma[i].root == v->root && e->addr >= mm->vma[i].start &&
		    e->addr < mm->vma[i].end)
			return mm->vma + i;
	return v;
}

static bool rights_allow(struct mm *mm, const struct mmscope_event *e)
{
	if (mm->protect.set && (e->tid == mm->protect.tid || !is_unlocked(e)))
		mm_settle_protect(mm);
	if (mm->protect.set && e->addr >= mm->protect.start && e->addr < mm->protect.end &&
	    may(mm->protect.rights, e))
		return true;
	return may(mm->rights[arena_page(e->addr)], e);
}

/* The VMA of a fault, which must hold its page */
static struct vma *get_touched(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = find_touched(m, mm, e);
	const char *why;

	if (!v) {
		model_wrong(m, e, "of a VMA that is not there");
		return NULL;
	}
	why = check_flags(vma_file(m, v), e);
	if (v->start - v->pgoff * P != e->addr - e->pgoff * P)
		why = "of another page of the store than is there";
	else if (!m->loose && (e->addr < v->start || e->addr >= v->end))
		why = "outside the VMA";
	else if (!m->loose && ((e->flags ^ mm->rights[arena_page(e->addr)]) & MMSCOPE_F_SHARED))
		why = "shared, or not, against the VMA";
	else if (!m->loose && !rights_allow(mm, e))
		why = "that the rights forbid";
	if (why)
		model_wrong(m, e, why);
	return why ? NULL : v;
}

/* With the around flag, all of the 16 pages that are in the range and were not given yet */
static unsigned int map_around(struct model *m, struct mm *mm, const struct vma *v, __u64 pgoff,
			       bool dry)
{
	__u64 at = pgoff & ~15ULL, end = at + 16;
	unsigned int n = 0;

	if (at < v->pgoff)
		at = v->pgoff;
	if (end > v->pgoff + (v->end - v->start) / P)
		end = v->pgoff + (v->end - v->start) / P;
	for (; at < end; at++) {
		__u64 addr = v->start + (at - v->pgoff) * P;

		n += dry ? !mm->mapped[arena_page(addr)] : mm_map(m, mm, v, addr);
	}
	return n;
}

/* Be one with what is beside it of the same mapping, as before a split. False: nothing is. */
static bool extend(const struct mm *mm, struct vma *whole, bool below)
{
	size_t i;

	for (i = 0; i < mm->nr; i++) {
		const struct vma *w = mm->vma + i;

		if (w->root != whole->root ||
		    w->start - w->pgoff * P != whole->start - whole->pgoff * P ||
		    (below ? w->end != whole->start : w->start != whole->end))
			continue;
		if (below) {
			whole->start = w->start;
			whole->pgoff = w->pgoff;
		} else {
			whole->end = w->end;
		}
		return true;
	}
	return false;
}

/*
 * How many pages an AROUND fault gave. One that ran beside splits may have seen none of them, or
 * only the first; but some pieces were apart before: how many pages it gave tells which were not.
 */
static unsigned int give_around(struct model *m, struct mm *mm, const struct vma *v,
				const struct mmscope_event *e)
{
	unsigned int again = !!(e->flags & MMSCOPE_F_REFAULT);
	struct vma low = *v, whole;

	if (m->strict || !is_unlocked(e))
		return map_around(m, mm, v, e->pgoff, false);
	do {
		whole = low;
		do {
			if (map_around(m, mm, &whole, e->pgoff, true) + again == e->npages)
				return map_around(m, mm, &whole, e->pgoff, false);
		} while (extend(mm, &whole, false));
	} while (extend(mm, &low, true));
	return map_around(m, mm, &whole, e->pgoff, false);
}

void replay_fault(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = get_touched(m, mm, e);
	bool again = e->flags & MMSCOPE_F_REFAULT;
	const struct setup *f;
	unsigned int fresh;

	if (!v)
		return;
	f = vma_file(m, v);
	tally_fault(&mm->n, e);
	if (f->flags & MMSCOPE_COUNT)
		return model_wrong(m, e, "a fault that was to be counted only");
	if (e->flags & MMSCOPE_F_ERROR ? e->npages : !e->npages)
		return model_wrong(m, e, "an error with pages, or a fault without");
	if (m->loose || e->flags & MMSCOPE_F_ERROR)
		return;
	if (m->strict && again != mm->mapped[arena_page(e->addr)])
		return model_wrong(m, e, again ? "refault of what was not given" :
					   "second fault that is no refault");
	if (f->flags & MMSCOPE_AROUND && !(e->flags & MMSCOPE_F_COW))
		fresh = give_around(m, mm, v, e);
	else
		fresh = mm_map(m, mm, v, e->addr);
	m->claimed += e->npages - again;
	if (m->strict && fresh + again != e->npages)
		model_wrong(m, e, "another number of pages than a fault gives");
}

void replay_mkwrite(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	bool pfn = e->type == MMSCOPE_PFN_MKWRITE;
	struct vma *v = get_touched(m, mm, e);
	const struct setup *f;

	if (!v)
		return;
	f = vma_file(m, v);
	if (pfn ? f->backing != MMSCOPE_PFN : !(f->flags & MMSCOPE_MKWRITE_NOTIFY))
		model_wrong(m, e, "that nobody asked for");
	if (!(e->flags & MMSCOPE_F_WRITE))
		model_wrong(m, e, "no write");
	if (m->strict && !m->loose && !(f->flags & MMSCOPE_COUNT) &&
	    !mm->mapped[arena_page(e->addr)])
		model_wrong(m, e, "of a page that was not given");
}

void replay_access(struct model *m, struct mm *mm, const struct mmscope_event *e)
{
	struct vma *v = mm_find(mm, e->vma);

	if (!v)
		return model_wrong(m, e, "access to a VMA that is not there");
	if (vma_file(m, v)->backing != MMSCOPE_PFN)
		model_wrong(m, e, "access to what has pages");
	if (e->addr < v->start || e->addr + e->npages > v->end)
		return model_wrong(m, e, "access outside the VMA");
	if (e->pgoff != v->pgoff + (e->addr - v->start) / P)
		return model_wrong(m, e, "access to another page of the store than is there");
	/* Nothing is mapped by it, but the store has the page now */
	m->ever[v->file][e->pgoff] = true;
}
