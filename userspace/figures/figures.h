/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_FIGURES_FIGURES_H
#define MMSCOPE_FIGURES_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

struct mm;

/**
 * struct figure_class - faults of one class
 * @total: how many, their pages and their time
 * @times: how many took how long
 */
struct figure_class {
	struct fault_total total;
	__u64 times[TIME_BUCKETS];
};

/**
 * struct figure_site - faults of one class at one instruction
 * @name: of the program or library, by its path; "" for none
 * @offset: in its file; the address where there is none
 * @class: enum record_class
 * @total: they
 */
struct figure_site {
	const char *name;
	__u64 offset;
	__u32 class;
	struct fault_total total;
};

/**
 * struct figure_vma - what is known of a VMA beside what it is
 * @id: its id, never 0
 * @parent: the VMA it came from, 0 for none; known when it went
 * @name: what it was called when it was touched last, "" for nothing
 * @faults: in it
 * @type: of the record by which it went, 0 while it is there
 * @cause: of that record
 * @into: the VMA that it became part of, 0 for none
 */
struct figure_vma {
	__u32 id;
	__u32 parent;
	const char *name;
	__u64 faults;
	__u8 type;
	__s16 cause;
	__u32 into;
};

/**
 * struct figures - what the records of the tracer add up to
 * @classes: faults, by enum record_class
 * @records: how many were there at all
 * @outside: faults where no VMA was
 * @vmas: the most that one address space had
 * @rss: the most pages that one had, without swap and huge pages of hugetlbfs
 * @rss_known: each record told what that needs
 * @mmaps: mappings that were made
 * @munmaps: VMAs that went by munmap(2) or the like, not by the end of their address space
 * @failed: system calls about memory that were refused
 * @given_back: pages that unmapping, advice and the like have given back
 * @forks: address spaces that were copied
 * @execs: programs that were begun
 */
struct figures {
	struct figure_class classes[RECORD_NR_CLASSES];
	__u64 records;
	__u64 outside;
	__u64 vmas;
	__u64 rss;
	bool rss_known;
	__u64 mmaps;
	__u64 munmaps;
	__u64 failed;
	__u64 given_back;
	__u64 forks;
	__u64 execs;
};

/* figures/figures.c: by kind, and the peaks */
void figures_begin(void);
void figures_event(const struct mmscope_event *e);
const struct figures *figures_all(void);
__u64 figures_faults(void);
__u64 figures_processes(void);
__u64 figures_rss(const struct mm *mm);

/* figures/sites.c: faults by instruction */
void sites_event(const struct mmscope_event *e);
const struct figure_site *figures_sites(size_t *n);

/* figures/vmas.c: faults by VMA, and what became of it */
void vmas_event(const struct mmscope_event *e);
const struct figure_vma *figures_vma(__u32 id);
const struct figure_vma *figures_vmas(size_t *n);

#endif
