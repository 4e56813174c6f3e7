/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gives objects of the kernel, which the verifier takes for numbers, their types. Then an
 * instruction reads a member of theirs, and not a call that takes twenty times as long.
 */
#ifndef MMSCOPE_BPF_TYPED_BPF_H
#define MMSCOPE_BPF_TYPED_BPF_H

#include "kernel.bpf.h"
#include "tracer_abi.h"

/*
 * tracer/kfunc.c replaces the call by one of the kfunc bpf_rdonly_cast(), which the kernel removes
 * when it loads the program. Kernels before 6.2 do not have it.
 */
extern const volatile bool can_type;

/* Ids of the types in the kernel's BTF, by enum typed */
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

/* A typed pointer to an object; is used only if can_type is true. */
#define TYPED(name, object)	\
	((struct name *)with_type((const void *)(object), type_ids[TYPE_##name]))

/*
 * TYPED() for a pointer that the verifier follows already: what it points to may then be followed.
 */
#define TYPED_IF(name, object)	(can_type ? TYPED(name, object) : (object))

/*
 * Read a member of an object. @typed says whether the verifier knows its type, and is a constant
 * where this is used: then an instruction reads the member, otherwise a call.
 */
#define MEMBER(typed, object, member)	\
	((typed) ? (object)->member : BPF_CORE_READ(object, member))

#endif
