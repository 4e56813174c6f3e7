/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_UNWIND_H
#define MMSCOPE_SYMBOLIZE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

struct mm;

/**
 * enum unwind_end - why a stack ends where it does
 * @UNWIND_WHOLE: the thread began there; or frame pointers go no further
 * @UNWIND_CUT: the copy ends there
 * @UNWIND_ABSENT: a page of the stack was not present
 * @UNWIND_UNKNOWN: the code there has no call frame information
 * @UNWIND_32: the code is of 32 bits: only its instruction is known
 * @UNWIND_EXEC: there is no stack, since execve(2) makes the address space
 * @UNWIND_OTHER: there is no stack, since another process or a kernel thread touched the memory
 */
enum unwind_end {
	UNWIND_WHOLE,
	UNWIND_CUT,
	UNWIND_ABSENT,
	UNWIND_UNKNOWN,
	UNWIND_32,
	UNWIND_EXEC,
	UNWIND_OTHER,
	UNWIND_NR_ENDS,
};

/* Number of return addresses in a copy that has nothing else */
#define UNWIND_MOST	(STACK_PARTS * STACK_PART / 8)

/**
 * struct unwound - a stack that was unwound
 * @n: number of elements of @at
 * @at: frames: an address, and whether it is the instruction itself and not where a call returns to
 */
struct unwound {
	size_t n;
	struct {
		__u64 address;
		bool exact;
	} at[UNWIND_MOST];
};

enum unwind_end unwind(struct mm *mm, const struct raw_stack *raw, struct unwound *to);

#endif
