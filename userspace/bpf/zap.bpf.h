/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an unmap gives back: the counts of pages of the mm, before and after the page tables of a
 * VMA are emptied. Other threads that fault at the same time disturb the figure.
 *
 * What is there after one VMA is what is there before the next; after the last, when its object is
 * freed, the mm ends, or the file has been cut. So who is not watched pays for the beginnings only.
 */
#ifndef MMSCOPE_BPF_ZAP_BPF_H
#define MMSCOPE_BPF_ZAP_BPF_H

#include "rss.bpf.h"

#define MAX_ZAPS	1024

/**
 * struct zap - page tables that a thread empties, or has emptied
 * @object: the VMA
 * @key: of its mm
 * @start: first address
 * @end: first address behind it
 * @mm: id of its mm
 * @stays: the VMA does, its pages go
 * @before: what was there
 */
struct zap {
	__u64 object;
	__u64 key;
	__u64 start;
	__u64 end;
	__u32 mm;
	__u32 stays;
	struct rss before;
};

struct zaps_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_ZAPS);
	__type(key, __u32);
	__type(value, struct zap);
};

extern struct zaps_map zaps SEC(".maps");

static __always_inline void tell_zap(struct mm_slot *slot, const struct zap *zap,
				     const struct rss *after)
{
	struct raw_pages *raw;

	if (zap->stays && rss_same(&zap->before, after))
		return;
	raw = fill_pages(zap->stays ? RAW_RSS : RAW_ZAP, slot, &zap->before, after);
	if (!raw)
		return;
	raw->object = zap->object;
	raw->e.start = zap->start;
	raw->e.end = zap->end;
	raw->why = RECORD_RSS_TAKEN;
	ring_submit(raw);
}

/* The VMA whose page tables this thread began to empty last is empty now: tell it. */
static __noinline __unused int zap_ends(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct zap *zap = bpf_map_lookup_elem(&zaps, &tid);
	struct mm_slot *slot;
	struct rss now;

	if (!zap)
		return 0;
	slot = mm_find_key(zap->key);
	if (slot)
		slot = forget_way(&mm_slots[mm_set(zap->key) * MM_WAYS], slot, sizeof(*slot));
	if (slot && slot->id == zap->mm) {
		read_rss(slot, &now);
		tell_zap(slot, zap, &now);
	}
	bpf_map_delete_elem(&zaps, &tid);
	return 0;
}

#endif
