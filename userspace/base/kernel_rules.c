// SPDX-License-Identifier: GPL-2.0
/*
 * What kernels do differently, and since when. Predictions come from here and from nowhere else:
 * never from what was observed. A rule that one experiment alone needs is in its file.
 */
#include <gnu/libc-version.h>
#include <stdio.h>
#include <sys/utsname.h>
#include "base/kernel_rules.h"
#include "base/machine.h"

const struct rule rule_unmap_split = {
	.since = KERNEL(6, 6),
	.now =
		"an unmap cuts off what stays: survivors are new VMAs, and the old one\n"
		"dies with the part that goes",
	.before =
		"an unmap cuts off what goes: the new VMA dies, and the old one lives on\n"
		"(of two survivors, as the lower)",
	.where = "vms_gather_munmap_vmas(), vma.c; 6.1: do_mas_align_munmap(), mmap.c",
};

const struct rule rule_vma_lock = {
	.since = KERNEL(6, 7),
	.now = "a fault tries the lock of its VMA first, and mmap_lock only if that fails",
	.before = "a driver's fault takes mmap_lock (anonymous memory's until 6.3)",
	.where = "lock_vma_under_rcu(), mm/memory.c; do_user_addr_fault(), arch/x86",
};

const struct rule rule_merge_close = {
	.since = KERNEL(6, 4),
	.now =
		"a VMA with ->close may grow over its neighbour's range, as long as no\n"
		"VMA is removed for it: the driver is not asked",
	.before = "a VMA with ->close never merges",
	.where = "can_vma_merge_after(), mm/vma.c; 6.1: is_mergeable_vma(), mm/mmap.c",
};

const struct rule rule_mseal = {
	.since = KERNEL(6, 10),
	.now = "mseal(2) makes a range that nobody can unmap or change any more",
	.before = "there is no mseal(2): ENOSYS",
	.where = "mm/mseal.c",
};

const struct rule rule_guard = {
	.since = KERNEL(6, 13),
	.now = "MADV_GUARD_INSTALL takes the pages and leaves a trap, without a new VMA",
	.before = "there is no MADV_GUARD_INSTALL: EINVAL",
	.where = "madvise_guard_install(), mm/madvise.c",
};

const struct rule rule_move_many = {
	.since = KERNEL(6, 17),
	.now = "mremap(2) moves a range of several VMAs, one after the other",
	.before = "mremap(2) of a range of several VMAs is refused: EFAULT",
	.where = "remap_move(), mm/mremap.c",
};

const struct rule rule_dofork = {
	.since = KERNEL(6, 18),
	.now =
		"MADV_DOFORK on a driver's special mapping is refused: EINVAL (it came\n"
		"somewhere between 6.12 and 6.18)",
	.before = "MADV_DOFORK is refused only for VM_IO mappings",
	.where = "madvise_vma_behavior(), mm/madvise.c",
};

const struct rule rule_fixed_errno = {
	.since = KERNEL(6, 12),
	.now = "MAP_FIXED passes on why the old mapping cannot go",
	.before = "MAP_FIXED says ENOMEM whatever kept the old mapping from going",
	.where = "vms_gather_munmap_vmas() in mm/vma.c; 6.1: mmap_region() in mm/mmap.c",
};

const struct rule rule_thread_guard = {
	.glibc = GLIBC(2, 42),
	.now =
		"the guard of a thread's stack is made by madvise(2) in the stack's own VMA,\n"
		"if the kernel can (6.13)",
	.before = "the guard of a thread's stack is a VMA without rights below it",
	.where = "allocate_stack(), nptl/allocatestack.c of glibc",
};

static unsigned int version(const char *text)
{
	unsigned int major = 0, minor = 0;

	if (sscanf(text, "%u.%u", &major, &minor) != 2)
		return 0;
	return KERNEL(major, minor);
}

/**
 * rules_replace - let the rules be about the kernel of a recording
 * @release: of that kernel, as uname(2) has it
 */
void rules_replace(const char *release)
{
	machine->kernel = version(release);
}

/**
 * rules_kernel - the version of the kernel that the rules are about
 *
 * uname(2) is called once, for some callers ask for each flag of each VMA.
 *
 * Return: the version as KERNEL(), 0 when it is not known
 */
unsigned int rules_kernel(void)
{
	struct utsname uts;

	if (!machine->kernel && !uname(&uts))
		machine->kernel = version(uts.release);
	return machine->kernel;
}

/**
 * rule_holds - is a rule true of the kernel or the glibc here?
 * @rule: the rule; NULL stands for a rule that is true everywhere
 */
bool rule_holds(const struct rule *rule)
{
	if (!rule)
		return true;
	if (rule->glibc)
		return version(gnu_get_libc_version()) >= rule->glibc;
	return rules_kernel() >= rule->since;
}

/**
 * rule_tell - write a sentence that says what a rule means here, and what is so elsewhere
 * @rule: the rule
 * @buf: for the sentence
 * @size: of @buf
 */
void rule_tell(const struct rule *rule, char *buf, size_t size)
{
	unsigned int since = rule->glibc ? rule->glibc : rule->since;
	const char *what = rule->glibc ? "glibc " : "";
	const char *here = rule->glibc ? "with this glibc" : "on this kernel";
	bool holds = rule_holds(rule);

	snprintf(buf, size, "%s %s; %s %s%u.%u, %s", here, holds ? rule->now : rule->before,
		 holds ? "before" : "since", what, since >> 8, since & 255,
		 holds ? rule->before : rule->now);
}

/**
 * rules_supported - names of the kernels that the tests run on, as scripts/kernels has them
 *
 * Return: the names with ", " between them
 */
const char *rules_supported(void)
{
	return KERNELS;
}
