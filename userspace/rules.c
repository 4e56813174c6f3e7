// SPDX-License-Identifier: GPL-2.0
/*
 * What kernels do differently, and since when. Predictions come from here and from nowhere else:
 * never from what was observed.
 */
#include <stdio.h>
#include <sys/utsname.h>
#include "rules.h"

static const struct rule rules[NR_RULES] = {
	[RULE_UNMAP_SPLIT] = {
		.since = KERNEL(6, 6),
		.now =
			"an unmap cuts off what stays: survivors are new VMAs, and the old one\n"
			"dies with the part that goes",
		.before =
			"an unmap cuts off what goes: the new VMA dies, and the old one lives on\n"
			"(of two survivors, as the lower)",
		.where = "vms_gather_munmap_vmas(), vma.c; 6.1: do_mas_align_munmap(), mmap.c",
	},
	[RULE_VMA_LOCK] = {
		.since = KERNEL(6, 7),
		.now = "a fault tries the lock of its VMA first, and mmap_lock only if that fails",
		.before = "a driver's fault takes mmap_lock (anonymous memory's until 6.3)",
		.where = "lock_vma_under_rcu(), mm/memory.c; do_user_addr_fault(), arch/x86",
	},
	[RULE_MERGE_CLOSE] = {
		.since = KERNEL(6, 4),
		.now =
			"a VMA with ->close may grow over its neighbour's range, as long as no\n"
			"VMA is removed for it: the driver is not asked",
		.before = "a VMA with ->close never merges",
		.where = "can_vma_merge_after(), mm/vma.c; 6.1: is_mergeable_vma(), mm/mmap.c",
	},
	[RULE_MSEAL] = {
		.since = KERNEL(6, 10),
		.now = "mseal(2) makes a range that nobody can unmap or change any more",
		.before = "there is no mseal(2): ENOSYS",
		.where = "mm/mseal.c",
	},
	[RULE_GUARD] = {
		.since = KERNEL(6, 13),
		.now = "MADV_GUARD_INSTALL takes the pages and leaves a trap, without a new VMA",
		.before = "there is no MADV_GUARD_INSTALL: EINVAL",
		.where = "madvise_guard_install(), mm/madvise.c",
	},
	[RULE_MOVE_MANY] = {
		.since = KERNEL(6, 17),
		.now = "mremap(2) moves a range of several VMAs, one after the other",
		.before = "mremap(2) of a range of several VMAs is refused: EFAULT",
		.where = "remap_move(), mm/mremap.c",
	},
	[RULE_DOFORK] = {
		.since = KERNEL(6, 18),
		.now =
			"MADV_DOFORK on a driver's special mapping is refused: EINVAL (it came\n"
			"somewhere between 6.12 and 6.18)",
		.before = "MADV_DOFORK is refused only for VM_IO mappings",
		.where = "madvise_vma_behavior(), mm/madvise.c",
	},
	[RULE_FIXED_ERRNO] = {
		.since = KERNEL(6, 12),
		.now = "MAP_FIXED passes on why the old mapping cannot go",
		.before = "MAP_FIXED says ENOMEM whatever kept the old mapping from going",
		.where = "vms_gather_munmap_vmas() in mm/vma.c; 6.1: mmap_region() in mm/mmap.c",
	},
};

/**
 * rules_kernel - the running kernel, as KERNEL()
 */
unsigned int rules_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	uname(&uts);
	if (sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return KERNEL(major, minor);
}

/**
 * rules_get - what a rule says
 * @id: which
 */
const struct rule *rules_get(enum rule_id id)
{
	return &rules[id];
}

/**
 * rules_hold - is it true of the running kernel?
 * @id: which
 */
bool rules_hold(enum rule_id id)
{
	return rules_kernel() >= rules[id].since;
}

/**
 * rules_supported - kernels the rules were tried on
 */
const char *rules_supported(void)
{
	return "6.1, 6.12, 7.3";
}
