/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an unmap gives back: by how much the counts of pages of the mm change while the page tables
 * of a VMA are emptied. Other threads that fault at the same time disturb the figure.
 *
 * Since 6.2 each CPU holds a part of each count, and to add up all parts would take the longer the
 * more CPUs there may be. But a thread changes only the part of the CPU that it runs on, and what
 * the parts have in common: these are read, and where the thread moves to another CPU a program
 * says so. All parts are added up now and then, to see whether everything was told.
 *
 * What is there after one VMA is what is there before the next; after the last, when its object is
 * freed, the mm ends, or the file has been cut. So who is not watched pays for the beginnings only.
 */
#ifndef MMSCOPE_BPF_ZAP_BPF_H
#define MMSCOPE_BPF_ZAP_BPF_H

#include "rss.bpf.h"

#define ZAP_CLAIMED	(-1)	/* no thread's number */

extern struct zap zaps[ZAP_SETS * ZAP_WAYS];

static __always_inline struct zap *zap_set(__s32 tid)
{
	return &zaps[(tid & (ZAP_SETS - 1)) * ZAP_WAYS];
}

/* That of a thread, NULL for none. Nobody else changes it while it runs. */
static __always_inline struct zap *zap_of(__s32 tid)
{
	struct zap *set = zap_set(tid);

	if (set[0].tid == tid)
		return &set[0];
	if (set[1].tid == tid)
		return forget_way(set, &set[1], sizeof(*set));
	if (set[2].tid == tid)
		return forget_way(set, &set[2], sizeof(*set));
	if (set[3].tid == tid)
		return forget_way(set, &set[3], sizeof(*set));
	return NULL;
}

/* A new one; NULL when other threads have all that there are. */
static __noinline __unused struct zap *zap_claim(__s32 tid)
{
	struct zap *set = zap_set(tid);

	for (int i = 0; i < ZAP_WAYS; i++)
		if (!__sync_val_compare_and_swap(&set[i].tid, 0, ZAP_CLAIMED))
			return forget_way(set, &set[i], sizeof(*set));
	return NULL;
}

/* It is not known what is given back: the mm is to be told anew. */
static __always_inline void zap_lost(struct mm_slot *slot)
{
	slot->torn = 1;
	count_lost(lost_vmas);
}

/*
 * What the counts are, but for what is none of the thread's. Of another process's memory there is
 * nothing that only it changes.
 */
static __always_inline void zap_reads(const struct mm_slot *slot, const struct zap *zap,
				      struct rss *rss)
{
	if (zap->summed)
		read_rss(slot, rss);
	else
		read_here(slot, this_offset(), rss);
}

/* Nobody said that it has another CPU now: what it holds of the counts is not comparable. */
static __always_inline bool zap_strayed(const struct zap *zap)
{
	return !rss_plain() && !zap->summed && zap->cpu != bpf_get_smp_processor_id();
}

/* What is there when it is over, as far as is known what was there before. */
static __always_inline void zap_after(const struct mm_slot *slot, const struct zap *zap,
				      struct rss *after)
{
	struct rss now;

	zap_reads(slot, zap, &now);
	for (int i = 0; i < RAW_NR_RSS; i++)
		after->pages[i] = zap->before.pages[i] + now.pages[i] - zap->here.pages[i];
}

static __always_inline bool tell_zap(__u8 type, struct mm_slot *slot, const struct zap *zap,
				     const struct rss *after)
{
	struct raw_pages *raw;

	raw = fill_pages(type, slot, &zap->before, after);
	if (!raw)
		return false;
	raw->object = zap->object;
	raw->e.start = zap->start;
	raw->e.end = zap->end;
	raw->why = RECORD_RSS_TAKEN;
	raw->exact &= zap->whole;
	ring_submit(raw);
	return true;
}

/*
 * The VMA whose page tables a thread began to empty last is empty now: tell it. @freed is the VMA
 * whose object goes now, 0 for none. Returns whether that is told, too.
 */
static __noinline __unused int zap_over(struct zap *zap, __u64 freed)
{
	struct mm_slot *slot = mm_find_key(zap->key);
	bool goes = freed == zap->object && !zap->stays, ended = false;
	struct rss after;

	if (slot)
		slot = forget_way(&mm_slots[mm_set(zap->key) * MM_WAYS], slot, sizeof(*slot));
	if (!slot || slot->id != zap->mm)
		goto out;
	if (zap_strayed(zap)) {
		zap_lost(slot);
		goto out;
	}
	zap_after(slot, zap, &after);
	if ((zap->whole && !zap->stays) || !rss_same(&zap->before, &after))
		ended = tell_zap(goes ? RAW_GONE : zap->stays ? RAW_RSS : RAW_ZAP, slot, zap,
				 &after);
out:
	zap->tid = 0;
	return ended && goes;
}

static __always_inline void zap_ends(void)
{
	struct zap *zap = zap_of(bpf_get_current_task_btf()->pid);

	if (zap)
		zap_over(zap, 0);
}

#endif
