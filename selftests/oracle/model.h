/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mappings of all mms of a sequence, replayed from records and nothing else. What a record says
 * that cannot be in the state the model is in is a mismatch; so is a state that is not the
 * kernel's (compare.c).
 */
#ifndef ORACLE_MODEL_H
#define ORACLE_MODEL_H

#include "sequence.h"

/**
 * struct vma - one VMA of the model
 * @root: the mmap() it comes from in the end; within an mm, what are pieces of one mapping
 * @file: whose pages it maps
 */
struct vma {
	__u32 id;
	__u32 parent;
	__u32 root;
	__u64 start;
	__u64 end;
	__u64 pgoff;
	unsigned int file;
};

/* Sums of records, to be those that the module counts */
struct tally {
	__u64 events[MMSCOPE_NR_TYPES];
	__u64 write, kernel, remote, refault, vma_lock, cow, error;
	__u64 touched, given_back;
};

/**
 * struct mm - one mm of the model
 * @ending: its last VMA was closed by its end: END must be next
 * @rights: MMSCOPE_F_* of each page that a VMA covers
 * @mapped: pages given and not given back
 * @cut: what may_split allowed last: VMA and address
 * @protect: an mprotect under way: it counts when no veto follows
 * @move: an mremap whose source is still there
 */
struct mm {
	__u32 id;
	__u32 parent;
	__s32 tgid;
	bool ending;
	bool ended;
	struct vma *vma;
	size_t nr;
	size_t room;
	__u16 rights[PAGES];
	bool mapped[PAGES];
	struct {
		__u32 vma;
		__u64 at;
	} cut;
	struct {
		bool set;
		__u32 tid;
		__s32 cause;
		__u64 start;
		__u64 end;
		__u16 rights;
	} protect;
	struct {
		__u64 start;
		__u64 end;
	} move;
	struct tally n;
};

/**
 * struct model - all mms of a sequence
 * @strict: one operation at a time: what threads that race may do in either order has one order
 * @loose: growable mappings, of which ranges are not known
 * @gaps: records are missing on purpose
 * @mm: by id, from @first_mm on; NULL where the module gave the number to somebody else
 * @seen: VMA ids from @first_vma on, a bit each
 * @seq: number of the last structural record
 * @time_ns: of the last record
 * @claimed: pages that records say were given for the first time
 * @marked: pages that became mapped in the model; the same at rest
 * @ever: pages of the stores that were ever mapped
 * @asked: the operation that all records are of, and who does it (asked.c); or @any
 * @forked: mm that the last FORK made
 * @why: what did not fit, @bad the record
 */
struct model {
	const struct setup *file;
	bool strict;
	bool loose;
	bool gaps;
	struct mm **mm;
	__u32 first_mm;
	__u32 newest_mm;
	size_t room;
	__u64 *seen;
	__u32 first_vma;
	__u32 newest_vma;
	size_t seen_room;
	__u32 seq;
	__u64 time_ns;
	__u64 claimed;
	__u64 marked;
	bool ever[FILES][STORE_PAGES];
	struct {
		bool any;
		struct op op;
		__u32 mm;
		__u32 tid;
		__s32 cause;
	} asked;
	__u32 forked;
	char why[200];
	struct mmscope_event bad;
};

static inline size_t arena_page(__u64 addr)
{
	return (addr - ARENA) / P;
}

static inline bool in_arena(__u64 start, __u64 end)
{
	return start >= ARENA && start < end && end <= ARENA_END;
}

/* --- model.c --- */

void model_reset(struct model *m, const struct setup *file);
void model_replay(struct model *m, const struct mmscope_event *e);
void model_rest(struct model *m);
void model_wrong(struct model *m, const struct mmscope_event *e, const char *why);
struct mm *model_mm(const struct model *m, __u32 id);
struct mm *model_add_mm(struct model *m, const struct mmscope_event *e, __u32 id, __u32 parent);
struct vma *model_add_vma(struct model *m, struct mm *mm, const struct mmscope_event *e,
			  const struct vma *new);
const struct setup *vma_file(const struct model *m, const struct vma *v);
struct vma *mm_find(const struct mm *mm, __u32 id);
const struct vma *mm_at(const struct mm *mm, __u64 addr);
size_t mm_pieces(const struct mm *mm, __u32 root);
size_t mm_maps(const struct mm *mm);
size_t mm_mapped(const struct mm *mm);
size_t mm_weigh(const struct mm *mm, __u64 start, __u64 end);
void mm_unmap(struct mm *mm, __u64 start, __u64 end);
bool mm_map(struct model *m, struct mm *mm, const struct vma *v, __u64 addr);
bool mm_has_rights(const struct mm *mm, __u64 start, __u64 end, __u32 rights);
void mm_set_rights(struct mm *mm, __u64 start, __u64 end, __u32 rights);
void mm_settle_protect(struct mm *mm);

/* --- replay.c --- */

void replay_mmap(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_may_split(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_split(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_copy(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_mremap(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_mprotect(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_gone(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_fork(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_dup(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_end(struct model *m, struct mm *mm, const struct mmscope_event *e);

/* --- faults.c --- */

void replay_fault(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_mkwrite(struct model *m, struct mm *mm, const struct mmscope_event *e);
void replay_access(struct model *m, struct mm *mm, const struct mmscope_event *e);

/* --- asked.c --- */

const char *asked_check(const struct model *m, const struct mm *mm, const struct mmscope_event *e);

#endif
