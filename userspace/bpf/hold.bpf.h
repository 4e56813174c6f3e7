/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel does not run a program on a CPU where it is running already. If a thread is preempted
 * inside of a program, and another thread comes to the same place on that CPU, nothing is told of
 * that one; only a counter of the kernel knows. So longer programs keep their CPU, where the kernel
 * preempts itself.
 */
#ifndef MMSCOPE_BPF_HOLD_BPF_H
#define MMSCOPE_BPF_HOLD_BPF_H

#include "kernel.bpf.h"
#include "tracer_abi.h"

/*
 * The calls here have numbers that tracer/kfunc.c replaces by those of kfuncs. Kernels without
 * these kfuncs would not load a program that names them, and libbpf would search all modules for
 * them.
 */
extern const volatile bool can_hold;

#define HOLD_CLOBBERS	"r0", "r1", "r2", "r3", "r4", "r5", "memory"

static __always_inline void cpu_hold(void)
{
		/* tracer/kfunc.c removes this call where the kernel cannot hold a CPU. */
	asm volatile("call %[n]" : : [n]"i"(HOLD_CALL) : HOLD_CLOBBERS);
}

/*
 * Let the CPU be preempted again. Meanwhile interrupts are off: else the scheduler would run
 * another thread at once, here, inside of the program.
 */
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

/* As BPF_PROG(), but the program keeps its CPU while it runs. */
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
