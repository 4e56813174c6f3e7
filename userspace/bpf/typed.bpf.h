/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the kernel's that the verifier takes for numbers, with their types. Of these a member
 * is read by an instruction, and not by a call that takes twenty times as long.
 */
#ifndef MMSCOPE_BPF_TYPED_BPF_H
#define MMSCOPE_BPF_TYPED_BPF_H

#include "kernel.bpf.h"
#include "tracer_abi.h"

/*
 * A call that tracer/kfunc.c replaces by the kernel's bpf_rdonly_cast(), which is no call any more
 * when the program runs. Kernels before 6.2 have none.
 */
extern const volatile bool can_type;

/* The numbers of types in the kernel's BTF */
extern const volatile __u32 type_ids[NR_TYPES];

#define TYPED_CLOBBERS	"r0", "r1", "r2", "r3", "r4", "r5", "memory"

static __always_inline void *with_type(const void *object, __u64 type)
{
	void *typed;

	asm volatile("r1 = %[object]\n\tr2 = %[type]\n\tcall %[n]\n\t%[typed] = r0" :
		     [typed]"=r"(typed) :
		     [object]"r"(object), [type]"r"(type), [n]"i"(TYPE_CALL) : TYPED_CLOBBERS);
	return typed;
}

/* Only where can_type says so. */
#define TYPED(name, object)	\
	((struct name *)with_type((const void *)(object), type_ids[TYPE_##name]))

/* A pointer that the verifier follows: what it leads to may be followed, too, and may be NULL. */
#define TYPED_IF(name, object)	(can_type ? TYPED(name, object) : (object))

/*
 * A member of an object of the kernel's. Where the verifier knows what the object is, as @typed
 * says, which is a constant where it is used, it is read by an instruction, otherwise by a call.
 */
#define MEMBER(typed, object, member)	\
	((typed) ? (object)->member : BPF_CORE_READ(object, member))

#endif
