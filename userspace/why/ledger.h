/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages, VMAs and faults of each address space that came and went between two instants, by the
 * records. The causes of userspace/why/ are found in these figures alone.
 */
#ifndef MMSCOPE_WHY_LEDGER_H
#define MMSCOPE_WHY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"
#include "record/record.h"

struct vma;
struct record_extra;
struct mm;

/* What brought pages or took them: each change of RSS belongs to one of these entries. */
enum ledger_entry {
	LEDGER_TOUCHED,		/* the page at the address of a fault */
	LEDGER_AROUND,		/* pages that fault-around mapped beside that page */
	LEDGER_POPULATED,	/* pages that the kernel brought before the program touched them */
	LEDGER_COPIED,		/* a copy in place of the page of a file, or of the zero page */
	LEDGER_HUGE,		/* huge pages: by a fault, or made of small ones */
	LEDGER_SWAPPED_IN,
	LEDGER_SWAPPED_OUT,
	LEDGER_UNMAPPED,
	LEDGER_ADVISED,
	LEDGER_RECLAIMED,
	LEDGER_MERGED,		/* by KSM */
	LEDGER_FORKED,		/* pages of the parent that fork(2) mapped in the child */
	LEDGER_INSERTED,	/* by userfaultfd(2), or by a driver */
	LEDGER_MOVED,		/* migrated, or a huge page was split */
	LEDGER_CUT,		/* a file was truncated, or a driver took its pages away */
	LEDGER_THERE,		/* pages that were there when watching began */
	LEDGER_LOST,		/* pages of records that were lost */
	LEDGER_UNSEEN,		/* pages that the kernel has counted and no record told */
	LEDGER_ENTRIES,
};

/* What a VMA is for, as far as that can be seen. */
enum ledger_kind {
	KIND_OTHER,
	KIND_PROGRAM,		/* programs and libraries, and what the kernel maps for them */
	KIND_HEAP,		/* the heap of brk(2) */
	KIND_ARENA,		/* an arena of malloc(3), which some threads use */
	KIND_STACK,		/* the stack of the first thread */
	KIND_THREAD,		/* the stack of another thread, or its guard */
	KIND_ANON,		/* private memory without a file */
	KIND_FILE,		/* data of a file */
	KIND_SHMEM,		/* shared memory, or a file of tmpfs */
	KIND_HUGETLB,
	NR_KINDS,
};

/*
 * Growth over time: grown[i] is by how much something grew in the part i of time, each of width ns.
 * If there are not enough parts, pairs are joined and the width doubles.
 */
#define SERIES	48

struct series {
	__u64 origin;
	__u64 width;
	__s64 grown[SERIES];
};

struct fault_sum {
	__u64 count;
	__u64 pages;
	__u64 ns;
};

/**
 * struct ledger_group - all VMAs of one kind in an address space
 * @rss: pages that came, less those that went, by enum raw_rss
 * @came: pages that faults brought
 * @gone: pages that went by anything but a fault
 * @huge: pages that faults in huge pages brought
 * @huge_faults: how many such faults there were
 * @collapsed: pages that came because small pages were made huge
 * @populated: pages brought by a call that was asked to bring them, or that locks them
 * @pinned: pages brought by any other call, which keeps them pinned
 * @lazy: pages that MADV_FREE has marked
 * @got: how often address space was taken: by mmap(2), or by growing
 * @series: growth of RSS over time
 */
struct ledger_group {
	__s64 rss[RAW_NR_RSS];
	__u64 came;
	__u64 gone;
	__u64 huge;
	__u64 huge_faults;
	__u64 collapsed;
	__u64 populated;
	__u64 pinned;
	__u64 lazy;
	__u64 got;
	struct series series;
};

/**
 * struct ledger_row - a lineage: a VMA and all VMAs that came of it
 * @root: number of the first VMA of the lineage
 * @mm: number of its address space
 * @kind: what it is for
 * @start: first address of the VMA of the lineage that was seen last
 * @end: first address behind that VMA
 * @name: its name in /proc/PID/maps, "" for none
 * @made_by: the call that made the first VMA
 * @rss: pages that came, less those that went, by enum raw_rss
 * @faults: number, pages and time of its faults
 * @vmas: how many of its VMAs are there
 * @next: next lineage in the same hash bucket
 */
struct ledger_row {
	__u32 root;
	__u32 mm;
	enum ledger_kind kind;
	__u64 start;
	__u64 end;
	char name[64];
	int made_by;
	__s64 rss[RAW_NR_RSS];
	struct fault_sum faults;
	__u64 vmas;
	struct ledger_row *next;
};

/**
 * struct ledger_vma - a VMA that is there
 * @id: its number
 * @mm: number of its address space
 * @kind: what it is for
 * @start: first address
 * @end: first address behind it
 * @flags: vm_flags
 * @row: its lineage
 * @low: lineage of the VMA below, to which @why, @cause and @told belong
 * @why: why the kernel did not merge the two, enum record_why
 * @cause: the call after which RECORD_APART told that
 * @told: RECORD_APART has told it
 * @cut_by: the call that cut this VMA off from the VMA below, 0 for none
 * @next: next VMA in the same hash bucket
 */
struct ledger_vma {
	__u32 id;
	__u32 mm;
	enum ledger_kind kind;
	__u64 start;
	__u64 end;
	__u64 flags;
	struct ledger_row *row;
	const struct ledger_row *low;
	__u32 why;
	int cause;
	bool told;
	int cut_by;
	struct ledger_vma *next;
};

/**
 * struct ledger_site - an instruction that touches memory of one kind
 * @mm: number of the address space
 * @ip: address of the instruction
 * @kind: kind of the VMA that is touched
 * @faults: faults of the instruction in such memory
 * @again: how many of them were in pages that had been given back
 * @text: "program+0x12": the instruction, or with stacks its caller outside of the C library
 */
struct ledger_site {
	__u32 mm;
	__u64 ip;
	enum ledger_kind kind;
	struct fault_sum faults;
	__u64 again;
	char text[96];
	struct ledger_site *next;
};

/* Faults in pages that were given back by one call (cause) with one advice (-1 for none). */
struct ledger_cycle {
	int cause;
	int advice;
	__u64 count;
	__u64 ago_ns;
};

#define CYCLES	8
#define FORKS	8

/* A fork, and how many pages this address space has copied since because the fork shared them. */
struct ledger_fork {
	__u64 time_ns;
	__u32 other;		/* number of the child's mm; in the child, of the parent's */
	__u64 copies;
};

/**
 * struct ledger_mm - an address space between two instants
 * @id: its number
 * @tgid: its process
 * @comm: name of the process
 * @from: time of the first record between the instants, 0 for none
 * @to: time of the last record between them
 * @ended: the address space has ended
 * @base: pages that it had at the first instant, by enum raw_rss
 * @at_end: pages at the second instant, or before the address space ended, by the records
 * @told: sum of all records, also of those that tell of its end
 * @entries: the ledger: pages by entry and by enum raw_rss
 * @times: how many records were posted to each entry
 * @groups: its VMAs by kind
 * @classes: faults by class
 * @gup: faults that the kernel took itself, for a call that wants pages
 * @single: how many faults in files and shared memory mapped one page
 * @around: faults in files and shared memory that mapped more pages
 * @from_zero: how many faults copied the zero page
 * @shared: how many faults copied a page that other processes have too
 * @of_merged: how many of those in @shared were in VMAs that KSM may merge
 * @again: how many faults were in pages that were given back, without those in swap
 * @cycles: the same faults by what gave the pages back; rare kinds are replaced by others
 * @sent_to_swap: how many faults were in pages that a call had sent to swap
 * @nr_forks: how many forks there were
 * @forks: the last of these forks
 * @major: faults that waited for a device
 * @locked: faults under mmap_lock during which another thread changed VMAs
 * @changed_ns: when VMAs were changed last
 * @changed_tid: thread that changed them
 * @nr: how many VMAs are there
 * @most: how many VMAs there were at most
 * @refused_maps: how many calls failed because there were too many VMAs
 * @limit: how many VMAs there may be, as such a call told; 0 if none did
 * @vmas_series: number of VMAs over time
 */
struct ledger_mm {
	__u32 id;
	__u32 tgid;
	char comm[16];
	__u64 from;
	__u64 to;
	bool ended;
	__s64 base[RAW_NR_RSS];
	__s64 at_end[RAW_NR_RSS];
	__s64 told[RAW_NR_RSS];
	__s64 entries[LEDGER_ENTRIES][RAW_NR_RSS];
	__u64 times[LEDGER_ENTRIES];
	struct ledger_group groups[NR_KINDS];
	struct fault_sum classes[RECORD_NR_CLASSES];
	struct fault_sum gup;
	__u64 single;
	struct fault_sum around;
	__u64 from_zero;
	__u64 shared;
	__u64 of_merged;
	__u64 again;
	struct ledger_cycle cycles[CYCLES];
	__u64 sent_to_swap;
	size_t nr_forks;
	struct ledger_fork forks[FORKS];
	struct fault_sum major;
	struct fault_sum locked;
	__u64 changed_ns;
	__u32 changed_tid;
	__u64 nr;
	__u64 most;
	__u64 refused_maps;
	__u64 limit;
	struct series vmas_series;
};

/* Pages in memory, of all kinds but those of hugetlbfs, as RSS counts them. */
static inline __s64 ledger_pages(const __s64 rss[RAW_NR_RSS])
{
	return rss[RAW_RSS_ANON] + rss[RAW_RSS_FILE] + rss[RAW_RSS_SHMEM];
}

void series_add(struct series *series, __u64 now, __s64 more);
__s64 series_between(const struct series *series, __u64 from, __u64 to);

void ledger_note(const struct mmscope_event *e, bool early);
void ledger_finish(void);
size_t ledger_mms(struct ledger_mm ***list);
struct ledger_mm *ledger_mm_of(__u32 id);
__u64 ledger_remainder(const struct ledger_mm *mm, __s64 rest[RAW_NR_RSS]);
const char *ledger_kind_words(enum ledger_kind kind);
const char *ledger_entry_name(enum ledger_entry entry);

/* why/vmas.c: the VMAs that are there, and their lineages */
void vmas_note(struct ledger_mm *mm, const struct mmscope_event *e, bool early);
struct ledger_vma *vmas_get(__u32 id);
size_t vmas_of(__u32 id, struct ledger_vma ***list);
size_t rows_of(__u32 id, struct ledger_row ***list);

/* why/faults.c */
void faults_note(struct ledger_mm *mm, const struct mmscope_event *e,
		 const struct record_extra *extra, const struct ledger_vma *vma);

/* why/sites.c: instructions that touch memory */
void sites_note(const struct mmscope_event *e, const struct ledger_vma *vma, bool again);
size_t sites_of(__u32 id, struct ledger_site ***list);
void sites_with_stacks(void);

#endif
