/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a recording tells, gathered once for all formats that are no stream of records.
 */
#ifndef MMSCOPE_EXPORT_MODEL_H
#define MMSCOPE_EXPORT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"
#include "session/session.h"

#define MODEL_NONE	(~(size_t)0)

/**
 * struct model_mm - an address space
 * @id: its number
 * @parent: of the one it was forked from, or that its process had before; 0 for none
 * @tgid: its process, 0 for not known
 * @from: time of its first record
 * @to: when it ended, 0 if it did not
 * @comm: last name of its process
 * @last: the last of its VMAs in &model.vmas, or MODEL_NONE
 * @rss: pages that it had last, by enum raw_rss
 */
struct model_mm {
	__u32 id;
	__u32 parent;
	__u32 tgid;
	__u64 from;
	__u64 to;
	const char *comm;
	size_t last;
	__s64 rss[RAW_NR_RSS];
};

/**
 * struct model_vma - a VMA, from its birth to its end
 * @id: its number
 * @mm: whose
 * @parent: number of the VMA that it came from, 0 for none
 * @heir: of the one that it became part of, 0 for none
 * @from: time of its first record
 * @to: and of its last, 0 if it is there still
 * @birth: type of its first record
 * @end: of its last
 * @birth_cause: system call or MMSCOPE_CAUSE_*
 * @end_cause: the same
 * @birth_tid: thread
 * @end_tid: the same
 * @pgoff: page of its file where it begins, or began last
 * @name: last known, "" for none
 * @range: its last in &model.ranges, or MODEL_NONE
 * @open: it has that range still
 * @faults: in it
 * @pages: that they mapped
 * @before: the VMA of the same address space before it, or MODEL_NONE
 */
struct model_vma {
	__u32 id;
	__u32 mm;
	__u32 parent;
	__u32 heir;
	__u64 from;
	__u64 to;
	__u8 birth;
	__u8 end;
	__s16 birth_cause;
	__s16 end_cause;
	bool open;
	__u32 birth_tid;
	__u32 end_tid;
	__u64 pgoff;
	const char *name;
	size_t range;
	__u64 faults;
	__u64 pages;
	size_t before;
};

/**
 * struct model_range - what a VMA held, from when to when
 * @vma: its place in &model.vmas
 * @start: first address
 * @end: first address behind it
 * @from: since when
 * @to: until when, 0 if still
 * @rights: MMSCOPE_F_READ and the like
 * @pgoff: page of its file at @start
 */
struct model_range {
	size_t vma;
	__u64 start;
	__u64 end;
	__u64 from;
	__u64 to;
	__u32 rights;
	__u64 pgoff;
};

/**
 * struct model_fault - a fault
 * @time_ns: when it ended
 * @addr: address
 * @ip: instruction
 * @ns: how long it took
 * @pages: that it mapped
 * @mm: where
 * @vma: number of the VMA, 0 for none
 * @tid: thread
 * @flags: MMSCOPE_F_* and its class
 * @error: if it was refused, record_error()
 * @callers: number of its stack
 * @cause: system call or MMSCOPE_CAUSE_*
 * @cpu: where
 */
struct model_fault {
	__u64 time_ns;
	__u64 addr;
	__u64 ip;
	__u32 ns;
	__u32 pages;
	__u32 mm;
	__u32 vma;
	__u32 tid;
	__u32 flags;
	__u32 error;
	__u32 callers;
	__s16 cause;
	__u16 cpu;
};

/**
 * struct model_call - what a call, or the kernel, did to VMAs and pages; or failed to
 * @e: the record
 * @words: what it says of it
 */
struct model_call {
	struct mmscope_event e;
	const char *words;
};

/**
 * struct model_rss - pages of an address space since a time
 * @time_ns: since then
 * @mm: its number
 * @pages: by enum raw_rss
 */
struct model_rss {
	__u64 time_ns;
	__u32 mm;
	__s64 pages[RAW_NR_RSS];
};

/**
 * struct model_loss - records that are missing
 * @time_ns: about then
 * @count: how many
 */
struct model_loss {
	__u64 time_ns;
	__u64 count;
};

/**
 * struct model - all of it
 * @first: time of the first record, 0 for none
 * @last: and of the last
 * @device: records of the module, which are not in it
 */
struct model {
	__u64 first;
	__u64 last;
	__u64 device;
	struct model_mm *mms;
	size_t nr_mms;
	struct model_vma *vmas;
	size_t nr_vmas;
	struct model_range *ranges;
	size_t nr_ranges;
	struct model_fault *faults;
	size_t nr_faults;
	struct model_call *calls;
	size_t nr_calls;
	struct model_rss *rss;
	size_t nr_rss;
	struct model_loss *losses;
	size_t nr_losses;
};

const struct model *model_read(struct session *session);

/* export/mms.c: address spaces and VMAs by their numbers */
struct model_mm *model_mm_find(const struct model *model, __u32 id);
struct model_mm *model_mm_get(struct model *model, __u32 id, __u64 now);
struct model_vma *model_vma_find(const struct model *model, __u32 id);
struct model_vma *model_vma_add(struct model *model, __u32 id, __u32 mm, __u64 now);

/* export/ranges.c: where VMAs are, and since when */
void ranges_note(struct model *model, const struct mmscope_event *e);

#endif
