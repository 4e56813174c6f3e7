/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stacks of faults: how they are found, and raw records with a copy of one.
 */
#ifndef MMSCOPE_BPF_RAW_STACK_H
#define MMSCOPE_BPF_RAW_STACK_H

#include "record/record.h"

/**
 * enum stack_way - how the stack of a fault is found
 * @STACKS_NONE: stacks are not kept
 * @STACKS_FP: the kernel follows frame pointers
 * @STACKS_DWARF: the tool unwinds a copy of the stack, by the tables that compilers write
 */
enum stack_way {
	STACKS_NONE,
	STACKS_FP,
	STACKS_DWARF,
};

/**
 * enum raw_copied - what of a stack was copied
 * @RAW_COPIED: registers and stack
 * @RAW_NOT_BEGUN: nothing: execve(2) makes the address space, in which no code has run yet
 * @RAW_NOT_OWN: nothing: another process, or a thread of the kernel, faults in the address space
 * @RAW_NOT_64: nothing: the stack is of 32-bit code, which the tool cannot unwind
 */
enum raw_copied {
	RAW_COPIED,
	RAW_NOT_BEGUN,
	RAW_NOT_OWN,
	RAW_NOT_64,
};

#define STACK_PART	512U	/* bytes that are copied at once; they are all of one page */
#define STACK_PARTS	17U
#define STACK_LIMIT	8192U	/* bytes that are copied at least, if the stack has so many */
#define STACK_REGS	17

/**
 * struct raw_stack - raw record of a fault that was summed up, with the stack of its thread
 * @e: time, thread and mm of the fault
 * @class: enum record_class
 * @copied: enum raw_copied
 * @ns: time that the fault took
 * @pages: number of pages that it mapped
 * @regs: registers by their DWARF numbers; the last is the instruction pointer
 * @start: address of the first byte of @bytes
 * @end: first address behind the part of the stack that was to be copied
 * @there: a bit for each STACK_PART of @bytes: it could be read
 * @bytes: the stack, as far as the record goes
 */
struct raw_stack {
	struct mmscope_event e;
	__u32 class;
	__u32 copied;
	__u32 ns;
	__u32 pages;
	__u64 regs[STACK_REGS];
	__u64 start;
	__u64 end;
	__u64 there;
	char bytes[STACK_PARTS * STACK_PART];
};

#endif
