// SPDX-License-Identifier: GPL-2.0
/*
 * Unwinds stacks by call frame information (DWARF), which compilers write for each instruction, in
 * libraries too. It starts from the registers of a thread and a copy of the top of its stack. The
 * process, which may have ended, is asked for nothing.
 */
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/tool.h"
#include "symbolize/modules.h"
#include "symbolize/unwind.h"

static const struct raw_stack *copy;	/* stack that is being unwound */
static struct unwound *found;
static __u64 missing;	/* address that libdwfl asked for last, and that is not in the copy */
static __u64 reached;	/* stack pointer of the last frame, 0 for not known */

#define REG_SP	7	/* DWARF number of the stack pointer */

static bool is_there(__u64 byte)
{
	return byte < sizeof(copy->bytes) && copy->there >> byte / STACK_PART & 1;
}

static bool read_memory(struct Dwfl *dwfl __unused, Dwarf_Addr at, Dwarf_Word *word,
			void *arg __unused)
{
	__u64 byte = at - copy->start;

	if (!is_there(byte) || !is_there(byte + sizeof(*word) - 1)) {
		missing = at;
		return false;
	}
	memcpy(word, copy->bytes + byte, sizeof(*word));
	return true;
}

static bool set_registers(struct Dwfl_Thread *thread, void *arg __unused)
{
	Dwarf_Word regs[STACK_REGS];

	memcpy(regs, copy->regs, sizeof(regs));
	return dwfl_thread_state_registers(thread, 0, STACK_REGS, regs);
}

/* libdwfl asks for a thread by its id. The copied stack is the only one, whatever the id is. */
static bool get_thread(struct Dwfl *dwfl __unused, pid_t tid __unused, void *arg __unused,
		       void **thread __unused)
{
	return true;
}

static pid_t next_thread(struct Dwfl *dwfl __unused, void *arg __unused, void **thread __unused)
{
	return 0;
}

static const Dwfl_Thread_Callbacks callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};

static int take_frame(Dwfl_Frame *frame, void *arg __unused)
{
	Dwarf_Addr address;
	Dwarf_Word sp;
	bool exact;

	/* This frame was found without the address that could not be read before. */
	missing = 0;
	reached = dwfl_frame_reg(frame, REG_SP, &sp) ? 0 : sp;
	if (!dwfl_frame_pc(frame, &address, &exact) || found->n == ARRAY_SIZE(found->at))
		return DWARF_CB_ABORT;
	found->at[found->n].address = address;
	found->at[found->n++].exact = exact;
	return DWARF_CB_OK;
}

/*
 * Why the stack ends where it does. The first instructions of the dynamic loader have no call frame
 * information: there it is whole.
 */
static enum unwind_end end_of(const struct mm *mm, int error)
{
	const struct vma *stack = mm_at(mm, copy->start);

	if (reached == mm->stack || (!missing && !error))
		return UNWIND_WHOLE;
	if (!stack || missing < copy->start || missing >= stack->end)
		return UNWIND_UNKNOWN;
	if (missing < copy->end)
		return UNWIND_ABSENT;
	return copy->end - copy->start == sizeof(copy->bytes) ? UNWIND_CUT : UNWIND_UNKNOWN;
}

/**
 * unwind - unwind the stack of a fault
 * @mm: address space of the fault, as it was at that time
 * @raw: the fault, with registers and a copy of the stack
 * @to: becomes the stack
 *
 * Return: why the stack ends where it does
 */
enum unwind_end unwind(struct mm *mm, const struct raw_stack *raw, struct unwound *to)
{
	static const enum unwind_end nothing[] = {
		[RAW_NOT_BEGUN] = UNWIND_EXEC, [RAW_NOT_OWN] = UNWIND_OTHER,
		[RAW_NOT_64] = UNWIND_32,
	};
	Dwfl *dwfl = raw->copied == RAW_COPIED ? layout_of(mm, &callbacks) : NULL;
	int error;

	to->n = 0;
	copy = raw;
	found = to;
	missing = 0;
	reached = 0;
	error = dwfl ? dwfl_getthread_frames(dwfl, raw->e.tid, take_frame, NULL) : -1;
	if (!to->n && (raw->copied == RAW_COPIED || raw->copied == RAW_NOT_64)) {
		to->at[0].address = raw->regs[STACK_REGS - 1];
		to->at[0].exact = true;
		to->n = 1;
	}
	return raw->copied == RAW_COPIED ? end_of(mm, error) : nothing[raw->copied];
}
