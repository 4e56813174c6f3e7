/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What came and went of the pages, VMAs and faults of each address space between two instants, as
 * the records tell it. The causes of userspace/why/ are found in these figures alone.
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

/* What brings pages, and what takes them: each change of RSS is of one of these. */
enum ledger_entry {
	LEDGER_TOUCHED,		/* the page that a fault was about */
	LEDGER_AROUND,		/* those that it mapped beside it */
	LEDGER_POPULATED,	/* by the kernel, before anybody touched them */
	LEDGER_COPIED,		/* a copy in place of the page of a file, or of the zero page */
	LEDGER_HUGE,		/* huge pages: by a fault, or made of small ones */
	LEDGER_SWAPPED_IN,
	LEDGER_SWAPPED_OUT,
	LEDGER_UNMAPPED,
	LEDGER_ADVISED,
	LEDGER_RECLAIMED,
	LEDGER_MERGED,		/* by KSM */
	LEDGER_FORKED,		/* a child's own entries of its parent's pages */
	LEDGER_INSERTED,	/* by userfaultfd(2), or by a driver */
	LEDGER_MOVED,		/* migrated, or a huge page was split */
	LEDGER_CUT,		/* the file was cut, or a driver took them */
	LEDGER_THERE,		/* when watching began */
	LEDGER_LOST,		/* in records that were lost */
	LEDGER_UNSEEN,		/* the kernel has counted them, and no record told */
	LEDGER_ENTRIES,
};

/* What a VMA is for, as far as its looks tell. */
enum ledger_kind {
	KIND_OTHER,
	KIND_PROGRAM,		/* programs and libraries, and what the kernel maps for them */
	KIND_HEAP,		/* what brk(2) moves the end of */
	KIND_ARENA,		/* of malloc(3), one for some threads */
	KIND_STACK,		/* of the first thread */
	KIND_THREAD,		/* of another thread, with its guard */
	KIND_ANON,		/* private, without a file */
	KIND_FILE,		/* data of a file */
	KIND_SHMEM,		/* shared memory, or of tmpfs */
	KIND_HUGETLB,
	NR_KINDS,
};

/* Parts of time that growth is told in; their width doubles when there is not enough room. */
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
 * @came: pages that came by a fault
 * @gone: pages that were given back, by a call
 * @huge: pages of huge faults
 * @huge_faults: which were so many
 * @collapsed: pages that came when small ones became huge
 * @populated: pages that a call brought which was asked to, or which locks them
 * @pinned: pages that another call brought, which keeps them
 * @lazy: pages that MADV_FREE has marked
 * @got: how often address space was taken: mmap(2), brk(2)
 * @series: growth by time
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
 * struct ledger_row - a VMA and all that came of it
 * @root: id of the first of the lineage
 * @mm: whose
 * @kind: what it is for
 * @start: where it began when it was seen last
 * @end: and ended
 * @name: in maps, "" for none
 * @made_by: cause of its birth
 * @rss: pages that came, less those that went
 * @faults: and how long they took
 * @vmas: that are there
 * @next: with the same hash
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
 * @mm: whose
 * @kind: what it is for
 * @start: first address
 * @end: first address behind it
 * @flags: vm_flags
 * @row: its lineage
 * @low: the lower neighbour's lineage, of which the next three tell
 * @why: why they are two, enum record_why
 * @cause: the call after which it was told
 * @told: it was
 * @cut_by: the call that cut it off from its lower neighbour, 0 for none
 * @next: with the same hash
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
 * struct ledger_site - an instruction that touches memory of a kind
 * @mm: in which address space
 * @ip: where
 * @kind: of the VMA
 * @faults: there
 * @again: of them in pages that were given back
 * @text: "program+0x12", or with a stack who called
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

/* Faults in pages that a call had given back: which. */
struct ledger_cycle {
	int cause;
	int advice;
	__u64 count;
	__u64 ago_ns;
};

#define CYCLES	8
#define FORKS	8

/* A fork, and the pages that this address space has copied since, for they were shared by it. */
struct ledger_fork {
	__u64 time_ns;
	__u32 other;		/* the child, or for the child its maker */
	__u64 copies;
};

/**
 * struct ledger_mm - an address space between two instants
 * @id: its number
 * @tgid: its process
 * @comm: the name of that
 * @from: first record in the part of time that is asked for, 0 for none
 * @to: the last
 * @ended: it ended in it
 * @base: pages it had at the first instant
 * @at_end: and at the second, or before it ended, by the records
 * @told: what the sum of all records is, also those of the end
 * @entries: the ledger
 * @groups: by kind
 * @classes: faults by class
 * @gup: of them by the kernel for a call that wants pages
 * @single: faults in files and shared memory that mapped one page
 * @around: and those that mapped more
 * @from_zero: copies of the zero page
 * @shared: copies of a page that others have too
 * @of_merged: of them in VMAs that KSM may merge
 * @again: faults in pages that were given back, but for those that are in swap
 * @cycles: by what
 * @sent_to_swap: faults in pages that are in swap since a call sent them there
 * @nr_forks: so many
 * @forks: the last of them
 * @major: faults that waited for a device
 * @locked: faults under mmap_lock during which another thread changed VMAs
 * @changed_ns: when that was, last
 * @changed_tid: and who did
 * @got: mappings made in this time
 * @nr: VMAs that are there
 * @most: VMAs there were at most
 * @refused_maps: calls that failed since there are too many VMAs
 * @limit: and how many may be, where such a call told
 * @vmas_series: VMAs by time
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

/* why/vmas.c: the VMAs that are there, and lineages */
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
