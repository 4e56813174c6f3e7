// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the stack that led to a fault, below the line of the fault.
 */
#include "cmd/who_stack.h"
#include "export/callers.h"
#include "export/code.h"
#include "term/print.h"

#define MOST_FRAMES	32	/* of deeper stacks only the number of further frames is printed */

/* Why unwinding stopped, printed below the last frame. */
static const char *const ends[UNWIND_NR_ENDS] = {
	[UNWIND_CUT] = "cut here: 8 KiB are copied",
	[UNWIND_ABSENT] = "here a page of the stack was not present",
	[UNWIND_UNKNOWN] = "nobody tells who called this code",
	[UNWIND_32] = "32-bit code",
	[UNWIND_EXEC] = "by execve(2), before the program began",
	[UNWIND_OTHER] = "by another process, or a kernel thread",
};

static void print_frame(const struct code *code)
{
	if (code->function && code->file)
		report_line("            %-26s %s:%d", code->function, code->file, code->line);
	else if (code->function)
		report_line("            %-26s %s", code->function, code->place);
	else if (*code->name || code->offset)
		report_line("            %s", code->place);
}

/**
 * who_stack_print - print a stack, beginning with the instruction that faulted
 * @callers: number of the stack, of callers_told()
 */
void who_stack_print(__u32 callers)
{
	const struct callers *stack = callers_get(callers);
	size_t n = stack->n < MOST_FRAMES ? stack->n : MOST_FRAMES;

	for (size_t i = 0; i < n; i++)
		print_frame(code_known(stack->codes[i]));
	if (n < stack->n)
		report_line("            and %zu more", stack->n - n);
	else if (ends[stack->end])
		report_line("            (%s)", ends[stack->end]);
}
