/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SYMBOLIZE_UNWIND_H
#define MMSCOPE_SYMBOLIZE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

struct mm;

/**
 * enum unwind_end - where a stack that was found ends
 * @UNWIND_WHOLE: where the thread began, or as far as frame pointers go
 * @UNWIND_CUT: where the copy does
 * @UNWIND_ABSENT: at a page that was not present
 * @UNWIND_UNKNOWN: at code of which nobody tells how it keeps its stack
 * @UNWIND_32: at its first instruction: it is 32-bit code
 * @UNWIND_EXEC: before it begins: execve(2) makes the address space
 * @UNWIND_OTHER: before it begins: another process, or a thread of the kernel, came to the memory
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

/* As many as there are return addresses in a copy, if it holds nothing else. */
#define UNWIND_MOST	(STACK_PARTS * STACK_PART / 8)

/**
 * struct unwound - a stack
 * @n: how many frames
 * @at: of each the address, and whether that is the instruction itself, not where a call returns to
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
