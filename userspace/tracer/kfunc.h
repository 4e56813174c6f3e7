/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KFUNC_H
#define MMSCOPE_TRACER_KFUNC_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

struct btf;

/**
 * struct kfunc_can - what programs can do with the kfuncs of this kernel
 * @hold: keep their CPU, see bpf/hold.bpf.h; since 6.14
 * @type: tell the verifier what an object is, see bpf/typed.bpf.h; since 6.2
 * @types: ids of the types in the kernel's BTF, by enum typed; 0 for a type that it does not have
 */
struct kfunc_can {
	bool hold;
	bool type;
	__u32 types[NR_TYPES];
};

const void *kfunc_set(const void *object, size_t size, const struct btf *btf,
		      struct kfunc_can *can);

#endif
