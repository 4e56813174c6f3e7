/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only the tracer tells, in the same 64-byte record as the module: struct mmscope_event. These
 * numbers begin above all of the module's, so that a record says by its type who told it.
 */
#ifndef MMSCOPE_RECORD_H
#define MMSCOPE_RECORD_H

#include <linux/mmscope.h>

/* Types of records from here on are the tracer's alone. */
#define RECORD_FIRST	64

/**
 * enum record_type - what the tracer tells
 * @RECORD_RSS: pages in [start, end) came or went by no fault, no unmap and no advice. pages: how
 *	many; aux: enum record_rss. Which kinds of pages: outbox_extra()
 */
enum record_type {
	RECORD_RSS	= 64,
};

/* Room for all types of both, for tables by type. */
#define RECORD_TYPES	96

/*
 * Causes that only the tracer tells, beside those of enum mmscope_cause: the kernel touches what a
 * thread has registered or is to find, on its way back to user mode; and 32-bit system calls, by
 * their numbers.
 */
#define RECORD_CAUSE_SIGNAL	(-16)	/* a signal is delivered: the frame, or a core dump */
#define RECORD_CAUSE_RSEQ	(-17)	/* struct rseq is brought up to date */
#define RECORD_CAUSE_32(nr)	(-1024 - (nr))
#define RECORD_IS_CAUSE_32(cause) ((cause) <= RECORD_CAUSE_32(0))
/**
 * enum record_rss - what else brings and takes pages
 * @RECORD_RSS_UNSEEN: nobody knows: the kernel has counted what was not told
 * @RECORD_RSS_THERE: they were there when the tracer came
 * @RECORD_RSS_LOST: it was in records that were lost
 * @RECORD_RSS_FORK: fork(2) gave the child its own entries of them
 * @RECORD_RSS_TAKEN: they were taken from VMAs that stay: their file was cut, or a driver did it
 * @RECORD_RSS_RECLAIM: memory was needed, or asked to be given back
 * @RECORD_RSS_MIGRATE: a page that was to be moved was taken instead
 * @RECORD_RSS_ZEROED: a part of a split huge page was zero: the zero page is in its place
 * @RECORD_RSS_COLLAPSE: small pages became a huge one
 * @RECORD_RSS_SPLIT: a huge page of a file is no longer mapped as a whole
 * @RECORD_RSS_KSM: like pages were merged
 * @RECORD_RSS_SWAPOFF: they came back because their swap device goes
 * @RECORD_RSS_UFFD: a handler of userfaultfd(2) put them there
 * @RECORD_RSS_INSERT: a driver put them there
 * @RECORD_RSS_OOM: the OOM killer reaps who is to die
 * @RECORD_RSS_SWAPIN: part of a fault, never told so
 * @RECORD_RSS_ADVICE: part of a record of advice, which has its own type
 */
enum record_rss {
	RECORD_RSS_UNSEEN,
	RECORD_RSS_THERE,
	RECORD_RSS_LOST,
	RECORD_RSS_FORK,
	RECORD_RSS_TAKEN,
	RECORD_RSS_RECLAIM,
	RECORD_RSS_MIGRATE,
	RECORD_RSS_ZEROED,
	RECORD_RSS_COLLAPSE,
	RECORD_RSS_SPLIT,
	RECORD_RSS_KSM,
	RECORD_RSS_SWAPOFF,
	RECORD_RSS_UFFD,
	RECORD_RSS_INSERT,
	RECORD_RSS_OOM,
	RECORD_RSS_SWAPIN,
	RECORD_RSS_ADVICE,
	RECORD_NR_RSS,
};

#endif
