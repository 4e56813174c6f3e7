/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program that runs on a CPU is not run there a second time: of a thread that comes to the same
 * place meanwhile, because the first was preempted, nothing is told, and nobody hears of it but a
 * counter. So nobody is preempted inside of the longer programs, where kernels preempt themselves.
 */
#ifndef MMSCOPE_BPF_HOLD_BPF_H
#define MMSCOPE_BPF_HOLD_BPF_H

#include "kernel.bpf.h"
#include "tracer_abi.h"

/*
 * Calls that tracer/kfunc.c replaces by those of the kernel's functions. A kernel without these
 * cannot load what names them; and libbpf would search all modules for them.
 */
extern const volatile bool can_hold;

#define HOLD_CLOBBERS	"r0", "r1", "r2", "r3", "r4", "r5", "memory"

static __always_inline void cpu_hold(void)
{
	/* Nothing, where tracer/kfunc.c finds no such function: not even can_hold is read. */
	asm volatile("call %[n]" : : [n]"i"(HOLD_CALL) : HOLD_CLOBBERS);
}

/* While interrupts are off nobody else is let run, which would be here, inside of the program. */
static __always_inline void cpu_release(void)
{
	__u64 flags;

	if (!can_hold)
		return;
	asm volatile("r1 = %[at]\n\tcall %[n]" : : [n]"i"(MASK_CALL), [at]"r"(&flags) :
		     HOLD_CLOBBERS);
	asm volatile("call %[n]" : : [n]"i"(RELEASE_CALL) : HOLD_CLOBBERS);
	asm volatile("r1 = %[at]\n\tcall %[n]" : : [n]"i"(UNMASK_CALL), [at]"r"(&flags) :
		     HOLD_CLOBBERS);
}

/* As BPF_PROG(), but nobody is preempted inside of it. */
#define HELD_PROG(name, args...)							\
name(unsigned long long *ctx);								\
static __always_inline int held_##name(unsigned long long *ctx, ##args);		\
int name(unsigned long long *ctx)							\
{											\
	cpu_hold();									\
	_Pragma("GCC diagnostic push")							\
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")				\
	held_##name(___bpf_ctx_cast(args));						\
	_Pragma("GCC diagnostic pop")							\
	cpu_release();									\
	return 0;									\
}											\
static __always_inline int held_##name(unsigned long long *ctx, ##args)

#endif
