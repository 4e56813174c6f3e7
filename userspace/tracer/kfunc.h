/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KFUNC_H
#define MMSCOPE_TRACER_KFUNC_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

struct btf;

/**
 * struct kfunc_can - what programs can do by functions that the kernel has
 * @hold: keep their CPU, as bpf/hold.bpf.h says: since 6.14
 * @type: say what an object is, as bpf/typed.bpf.h says: since 6.2
 * @types: numbers of what it may be, 0 for what the kernel has not
 */
struct kfunc_can {
	bool hold;
	bool type;
	__u32 types[NR_TYPES];
};

const void *kfunc_set(const void *object, size_t size, const struct btf *btf,
		      struct kfunc_can *can);

#endif
