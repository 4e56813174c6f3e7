// SPDX-License-Identifier: GPL-2.0
/*
 * Sorts the faults of an address space by what they tell: refaults, copies, waits for mmap_lock.
 */
#include "record/extra.h"
#include "tracer/again.h"
#include "tracer/touched.h"
#include "why/ledger.h"

static void note_cycle(struct ledger_mm *mm, const struct mmscope_event *e)
{
	const struct release *release = release_of(e->pgoff);
	int cause = release ? release->cause : 0, advice = release ? release->advice : -1;
	struct ledger_cycle *least = &mm->cycles[0];

	mm->again++;
	for (size_t i = 0; i < CYCLES; i++) {
		struct ledger_cycle *cycle = &mm->cycles[i];

		if (cycle->count && cycle->cause == cause && cycle->advice == advice) {
			cycle->count++;
			cycle->ago_ns += again_ago(e);
			return;
		}
		if (cycle->count < least->count)
			least = cycle;
	}
	*least = (struct ledger_cycle){ cause, advice, 1, again_ago(e) };
}

/*
 * A page was copied. A copy of the zero page brings an anonymous page, and a copy of a file's page
 * takes one of the file away; any other copy is of a page that fork(2) or KSM has made shared.
 */
static void note_copy(struct ledger_mm *mm, const struct mmscope_event *e,
		      const struct record_extra *extra, const struct ledger_vma *vma)
{
	bool from_file = extra->rss[RAW_RSS_FILE] || extra->rss[RAW_RSS_SHMEM];

	if (extra->rss[RAW_RSS_ANON] > 0 && !from_file) {
		mm->from_zero++;
		return;
	}
	if (from_file)
		return;
	mm->shared++;
	if (vma && vma->flags & 0x80000000)	/* VM_MERGEABLE, the same on all kernels */
		mm->of_merged++;
	if (mm->nr_forks)
		mm->forks[(mm->nr_forks - 1) % FORKS].copies++;
}

static void add(struct fault_sum *sum, const struct mmscope_event *e)
{
	sum->count++;
	sum->pages += e->npages;
	sum->ns += e->ns;
}

/*
 * A fault that took mmap_lock may have waited for it, if another thread has changed VMAs since the
 * fault began.
 */
static void note_lock(struct ledger_mm *mm, const struct mmscope_event *e)
{
	if (e->flags & MMSCOPE_F_VMA_LOCK || !mm->changed_ns || mm->changed_tid == e->tid)
		return;
	if (mm->changed_ns + e->ns > e->time_ns)
		add(&mm->locked, e);
}

/**
 * faults_note - take note of a fault
 * @mm: the address space in which it happened
 * @e: its record
 * @extra: the extra facts of the record
 * @vma: the VMA in which it happened, or NULL
 */
void faults_note(struct ledger_mm *mm, const struct mmscope_event *e,
		 const struct record_extra *extra, const struct ledger_vma *vma)
{
	unsigned int class = RECORD_CLASS(e->flags);
	/* Swapped pages were given back too, but not lost: swapped faults are counted apart. */
	bool swapped = class == RECORD_CLASS_SWAP, again = again_is(e) && !swapped;

	if (class >= RECORD_NR_CLASSES)
		return;
	add(&mm->classes[class], e);
	if (e->flags & MMSCOPE_F_ERROR)
		return;
	if (e->flags & RECORD_F_GUP)
		add(&mm->gup, e);
	if (e->flags & MMSCOPE_F_MAJOR)
		add(&mm->major, e);
	mm->sent_to_swap += swapped && again_is(e);
	if (again)
		note_cycle(mm, e);
	if (class == RECORD_CLASS_COPY)
		note_copy(mm, e, extra, vma);
	if (class == RECORD_CLASS_FILE || class == RECORD_CLASS_SHMEM) {
		if (e->npages > 1)
			add(&mm->around, e);
		else
			mm->single++;
	}
	note_lock(mm, e);
	sites_note(e, vma, again);
	if (vma)
		add(&vma->row->faults, e);
}
