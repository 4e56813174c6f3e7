// SPDX-License-Identifier: GPL-2.0
/*
 * Which hooks a vm_operations_struct has: each is read once, when first asked for.
 */
#include <stdlib.h>
#include "hooks.h"
#include "mmscope.h"
#include "probe.h"

#define BUCKETS	64

static const char *const names[RAW_NR_HOOKS] = {
	[RAW_HOOK_MAPPED]	= "mapped",
	[RAW_HOOK_OPEN]		= "open",
	[RAW_HOOK_CLOSE]	= "close",
	[RAW_HOOK_MAY_SPLIT]	= "may_split",
	[RAW_HOOK_MREMAP]	= "mremap",
	[RAW_HOOK_MPROTECT]	= "mprotect",
	[RAW_HOOK_FAULT]	= "fault",
	[RAW_HOOK_HUGE_FAULT]	= "huge_fault",
	[RAW_HOOK_MAP_PAGES]	= "map_pages",
	[RAW_HOOK_PAGE_MKWRITE]	= "page_mkwrite",
	[RAW_HOOK_PFN_MKWRITE]	= "pfn_mkwrite",
	[RAW_HOOK_ACCESS]	= "access",
	[RAW_HOOK_NAME]		= "name",
	[RAW_HOOK_PAGESIZE]	= "pagesize",
	[RAW_HOOK_SET_POLICY]	= "set_policy",
	[RAW_HOOK_GET_POLICY]	= "get_policy",
	[RAW_HOOK_FIND_PAGE]	= "find_page",
	[RAW_HOOK_UFFD]		= "uffd_ops",
};

/**
 * struct known - a vm_operations_struct that was read
 * @ops: it
 * @next: in the table
 */
struct known {
	struct raw_ops ops;
	struct known *next;
};

static struct known *table[BUCKETS];

/**
 * hook_name - its name in struct vm_operations_struct
 * @hook: which
 */
const char *hook_name(enum raw_hook hook)
{
	return names[hook];
}

/**
 * hooks_of - the hooks of a vm_operations_struct
 * @ops: its address
 */
const struct raw_ops *hooks_of(__u64 ops)
{
	struct known **head = &table[ops * 0x61c8864680b583ebULL >> 58];
	struct known *known = *head;

	while (known && known->ops.ops != ops)
		known = known->next;
	if (known)
		return &known->ops;
	known = calloc(1, sizeof(*known));
	if (!known)
		abort();
	known->ops.ops = ops;
	probe_ops(&known->ops);
	known->next = *head;
	*head = known;
	return &known->ops;
}

/**
 * hooks_has - is there this one?
 * @ops: address of a vm_operations_struct, 0 for none
 * @hook: which
 */
bool hooks_has(__u64 ops, enum raw_hook hook)
{
	return ops && hooks_of(ops)->hooks[hook];
}
