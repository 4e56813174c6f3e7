// SPDX-License-Identifier: GPL-2.0
/*
 * The names of the hooks of struct vm_operations_struct.
 */
#include "record/hook_name.h"

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
 * hook_name - the name of a hook in struct vm_operations_struct
 * @hook: the hook, below RAW_NR_HOOKS
 */
const char *hook_name(enum raw_hook hook)
{
	return names[hook];
}
