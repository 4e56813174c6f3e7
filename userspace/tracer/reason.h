/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds out why a system call about memory failed. The kernel's own checks are done again, in its
 * order, with what was told of the call. The first that fails is the reason; later ones change
 * nothing.
 */
#ifndef MMSCOPE_TRACER_REASON_H
#define MMSCOPE_TRACER_REASON_H

#include <stdbool.h>
#include "aspace/aspace.h"
#include "bpf/tracer_abi.h"
#include "record/record.h"

#define ADDRESSES	(1ULL << 47)	/* addresses of a process that does not ask for more */

/**
 * struct failure - a system call that failed, and what was found out so far
 * @raw: the call as it was told
 * @mm: address space that the call was about
 * @error: errno that the call returned
 * @start: first address of the range that the call was about
 * @end: first address behind that range
 * @why: the reason, FAILURE_NOT_TOLD while none was found
 * @figure: how much there would be of what is limited, or an address: see enum record_failure
 * @limit: how much there may be
 * @vma: VMA that is the reason, or NULL
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

/* tracer/failure_maps.c has the calls that make, remove and move mappings, and their files. */
void failure_file(struct failure *f, __u64 prot, bool shared);
void failure_mmap(struct failure *f);
void failure_munmap(struct failure *f);
void failure_mremap(struct failure *f);

#endif
