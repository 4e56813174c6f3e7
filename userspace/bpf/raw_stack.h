/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How what led to faults is found, and stacks that the programs have copied for that.
 */
#ifndef MMSCOPE_BPF_RAW_STACK_H
#define MMSCOPE_BPF_RAW_STACK_H

#include "record/record.h"

/**
 * enum stack_way - how what led to faults is found
 * @STACKS_NONE: it is not
 * @STACKS_FP: by following frame pointers, in the kernel
 * @STACKS_DWARF: from a copy, by what compilers tell of each instruction
 */
enum stack_way {
	STACKS_NONE,
	STACKS_FP,
	STACKS_DWARF,
};

/**
 * enum raw_copied - what there was to copy
 * @RAW_COPIED: registers and stack
 * @RAW_NOT_BEGUN: nothing: execve(2) makes the address space, no code has run in it
 * @RAW_NOT_OWN: nothing: who runs is another process, or a thread of the kernel
 * @RAW_NOT_64: nothing: 32-bit code, whose stack nobody here can read
 */
enum raw_copied {
	RAW_COPIED,
	RAW_NOT_BEGUN,
	RAW_NOT_OWN,
	RAW_NOT_64,
};

#define STACK_PART	512U	/* bytes, of one page: they are there, or not */
#define STACK_PARTS	17U
#define STACK_LIMIT	8192U	/* that are copied at least, if the stack is as large */
#define STACK_REGS	17

/**
 * struct raw_stack - a fault that was summed up, and what its thread's stack was like
 * @class: enum record_class
 * @copied: enum raw_copied
 * @ns: how long the fault took
 * @pages: that it mapped
 * @regs: as DWARF numbers them; the last is the instruction
 * @start: address of the first byte
 * @end: first address that was not to be copied
 * @there: bits by part: it was there
 * @bytes: the stack; as many as there was reason to copy
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
