/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a system call about memory failed: the kernel's own checks, done again in its order with what
 * was told of the call. The first that does not hold is the reason; those behind it change nothing.
 */
#ifndef MMSCOPE_TRACER_REASON_H
#define MMSCOPE_TRACER_REASON_H

#include <stdbool.h>
#include "aspace/aspace.h"
#include "bpf/tracer_abi.h"
#include "record/record.h"

#define ADDRESSES	(1ULL << 47)	/* that a process has, if it does not ask for more */

/**
 * struct failure - a call that failed
 * @raw: as it was told
 * @mm: where
 * @error: errno
 * @start: the range that it is about
 * @end: first address behind it
 * @why: enum record_failure, FAILURE_NOT_TOLD as long as it is not known
 * @figure: what there is of what is limited
 * @limit: and how much there may be
 * @vma: the VMA that is the reason
 */
struct failure {
	const struct raw_failed *raw;
	struct mm *mm;
	int error;
	__u64 start;
	__u64 end;
	enum record_failure why;
	__u64 figure;
	__u64 limit;
	const struct vma *vma;
};

typedef bool (*reason_fn)(const struct vma *vma, __u64 prot);

__u64 reason_page_up(__u64 bytes);
__u64 reason_pages(const struct failure *f);
bool reason_aligned(__u64 addr);
void reason_if(struct failure *f, bool holds, enum record_failure why);
void reason_vma(struct failure *f, const struct vma *vma, enum record_failure why);
void reason_limit(struct failure *f, __u64 figure, __u64 limit, enum record_failure why);
bool reason_advice(int advice);
void reason_count(struct failure *f, unsigned int more);
void reason_mm(struct failure *f, __u64 more);
void reason_data(struct failure *f, __u64 more);
void reason_locked(struct failure *f, __u64 more);
void reason_commit(struct failure *f, __u64 more);
void reason_mapped(struct failure *f);
const struct vma *reason_first(const struct failure *f, reason_fn is);
bool reason_sealed(const struct vma *vma, __u64 prot);
bool reason_huge(const struct vma *vma, __u64 prot);
bool reason_may_not(const struct vma *vma, __u64 prot);
__u64 reason_hole(const struct mm *mm);
void reason_range(struct failure *f);
void reason_length(struct failure *f, __u64 length);
bool reason_cuts(const struct failure *f);
void reason_cut(struct failure *f);

/* tracer/failure_maps.c: calls that make, take away and move mappings, and the file of one */
void failure_file(struct failure *f, __u64 prot, bool shared);
void failure_mmap(struct failure *f);
void failure_munmap(struct failure *f);
void failure_mremap(struct failure *f);

#endif
