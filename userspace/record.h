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

#endif
