/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many pages an unmap gives back: by how much the counts of the mm change while the page tables
 * of a VMA are emptied. Other threads that fault at the same time disturb the figure.
 *
 * Since 6.2 each CPU holds a part of each count, and adding up all parts would take the longer the
 * more CPUs there may be. But a thread changes only the part of its own CPU and the common part. So
 * these are read, and a program corrects them when the thread moves to another CPU. All parts are
 * added up now and then, to see whether everything was told.
 *
 * The counts after one VMA are those before the next one. After the last VMA they are read when its
 * object is freed, when the mm ends, or when the file has been cut. So a process that is not
 * watched only pays for the programs at the beginning.
 */
#ifndef MMSCOPE_BPF_ZAP_BPF_H
#define MMSCOPE_BPF_ZAP_BPF_H

#include "rss.bpf.h"

#define ZAP_CLAIMED	(-1)	/* &zap.tid of an element that is being filled */

extern struct zap zaps[ZAP_SETS * ZAP_WAYS];

static __always_inline struct zap *zap_set(__s32 tid)
{
	return &zaps[(tid & (ZAP_SETS - 1)) * ZAP_WAYS];
}

/* The zap of a thread, NULL for none. Only the thread itself changes it while it runs. */
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

/* Take a free zap for a thread; NULL when other threads have all of the set. */
static __noinline __unused struct zap *zap_claim(__s32 tid)
{
	struct zap *set = zap_set(tid);

	for (int i = 0; i < ZAP_WAYS; i++)
		if (!__sync_val_compare_and_swap(&set[i].tid, 0, ZAP_CLAIMED))
			return forget_way(set, &set[i], sizeof(*set));
	return NULL;
}

/* What is given back is not known: the mm has to be told anew. */
static __always_inline void zap_lost(struct mm_slot *slot)
{
	slot->torn = 1;
	count_lost(lost_vmas);
}

/*
 * Read the counts as far as the running thread changes them. In another process's memory there is
 * no part that only this thread changes, so that all parts are added up.
 */
static __always_inline void zap_reads(const struct mm_slot *slot, const struct zap *zap,
				      struct rss *rss)
{
	if (zap->summed)
		read_rss(slot, rss);
	else
		read_here(slot, this_offset(), rss);
}

/* Has the thread moved to another CPU without zap_moves()? Then the readings cannot be compared. */
static __always_inline bool zap_strayed(const struct zap *zap)
{
	return !rss_plain() && !zap->summed && zap->cpu != bpf_get_smp_processor_id();
}

/* The counts when a zap is over, as far as those before it are known. */
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
 * The VMA whose page tables a thread began to empty last is empty now: tell its pages. @freed is
 * the VMA whose object is freed now, 0 for none; if the record tells that, too, return true.
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
