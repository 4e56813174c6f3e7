/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose calls are told: some vm_operations_structs, or a device, whose operations are not known
 * until one of its files is mapped.
 */
#ifndef MMSCOPE_BPF_WATCHED_BPF_H
#define MMSCOPE_BPF_WATCHED_BPF_H

#include "ring.bpf.h"

struct ops_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RAW_MAX_OPS);
	__type(key, __u64);
	__type(value, __u8);
};

extern struct ops_map hook_ops SEC(".maps");
extern __u32 hook_rdev;		/* the device as a dev_t of the kernel, 0 for none */
extern __u64 dummy_ops;		/* of a VMA that has none of its own yet, 0 where not known */

static __always_inline bool ops_watched(__u64 ops)
{
	return bpf_map_lookup_elem(&hook_ops, &ops);
}

#endif
