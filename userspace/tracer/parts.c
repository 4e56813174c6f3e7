// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs tell what: on a kernel that has no place for a program, what the program would
 * tell is missing, and the user is told so.
 */
#include <stdio.h>
#include "base/tool.h"
#include "tracer/parts.h"
#include "tracer/programs.h"

/**
 * struct part - something that is told, and the programs that can tell it
 * @by: names of programs, of which one is enough
 * @without: what is missing when none of them is attached; NULL if nothing can be told then
 * @minor: few users miss it
 */
static const struct part {
	const char *by[3];
	const char *without;
	bool minor;
} parts[] = {
	{ .by = { "ma_write" } },
	{ .by = { "perf_event_mmap" } },
	{ .by = { "vm_area_free" } },
	{ .by = { "exit_mmap" } },
	{ .by = { "vm_area_dup" },
	  .without = "which VMA came from which" },
	{ .by = { "process_fork" },
	  .without = "the names of processes that were forked" },
	{ .by = { "process_exec" },
	  .without = "the names of programs" },
	{ .by = { "adopt_named" },
	  .without = "programs that are to be known by their names" },
	{ .by = { "brk_64" },
	  .without = "which VMA is the heap" },
	{ .by = { "zap", "zap_vma" },
	  .without = "how many pages are given back" },
	{ .by = { "zap_moves" },
	  .without = "how many pages a thread gives back that changes its CPU meanwhile" },
	{ .by = { "zap_pages_done" },
	  .without = "which pages a truncated file takes away" },
	{ .by = { "zap_hugetlb", "zap_vma" },
	  .without = "how many pages of hugetlbfs are given back", .minor = true },
	{ .by = { "rss_fork_done" },
	  .without = "how many pages a child gets" },
	{ .by = { "rss_reclaim_done" },
	  .without = "which pages are reclaimed" },
	{ .by = { "rss_collapse_done" },
	  .without = "which huge pages khugepaged makes" },
	{ .by = { "rss_swapoff_done" },
	  .without = "what swapoff(2) brings back", .minor = true },
	{ .by = { "rss_swap_done" },
	  .without = "how many pages a fault brings from swap" },
	{ .by = { "rss_uffd_done", "rss_uffd_old_done" },
	  .without = "which pages userfaultfd(2) puts somewhere", .minor = true },
	{ .by = { "rss_ksm_done" },
	  .without = "which pages KSM takes", .minor = true },
	{ .by = { "rss_taken_done", "rss_taken_vma_done" },
	  .without = "which pages drivers take", .minor = true },
	{ .by = { "rss_insert_done" },
	  .without = "which pages drivers put somewhere", .minor = true },
	{ .by = { "seal" },
	  .without = "which VMAs are sealed", .minor = true },
	{ .by = { "uffd_closed" },
	  .without = "when a userfaultfd is closed", .minor = true },
	{ .by = { "advise" },
	  .without = "advice" },
	{ .by = { "mlock_vma" },
	  .without = "which VMA is locked" },
	{ .by = { "home_node" },
	  .without = "home nodes of NUMA policies", .minor = true },
	{ .by = { "prepare" },
	  .without = "which VMAs do not merge because of their private pages" },
	{ .by = { "bind" },
	  .without = "which VMAs do not merge because of their NUMA policy", .minor = true },
	{ .by = { "uffd" },
	  .without = "which VMAs do not merge because of a userfaultfd", .minor = true },
	{ .by = { "uffd_closes" },
	  .without = "when a userfaultfd is closed", .minor = true },
	{ .by = { "name" },
	  .without = "names that are given with prctl(2)", .minor = true },
	{ .by = { "failed_mmap" },
	  .without = "calls of mmap(2) that fail" },
	{ .by = { "failed_munmap" },
	  .without = "calls of munmap(2) that fail" },
	{ .by = { "failed_mremap" },
	  .without = "calls of mremap(2) that fail" },
	{ .by = { "failed_mprotect" },
	  .without = "calls of mprotect(2) that fail" },
	{ .by = { "failed_madvise" },
	  .without = "calls of madvise(2) that fail" },
	{ .by = { "failed_brk" },
	  .without = "calls of brk(2) that fail" },
	{ .by = { "failed_mlock" },
	  .without = "calls of mlock(2) that fail" },
	{ .by = { "failed_uffd" },
	  .without = "requests to a userfaultfd that fail", .minor = true },
	{ .by = { "fault_told", "fault_counted", "fault_timed" },
	  .without = "faults" },
	{ .by = { "fault_usage" },
	  .without = "whether all faults were seen", .minor = true },
	{ .by = { "fault_user" },
	  .without = "how long a fault takes" },
	{ .by = { "fault_gup", "fault_gup_old" },
	  .without = "how long it takes when the kernel wants a page", .minor = true },
	{ .by = { "fault_ksm" },
	  .without = "how long it takes to undo what KSM merged", .minor = true },
	{ .by = { "fault_signal" },
	  .without = "accesses that end with SIGSEGV" },
	{ .by = { "fault_signalled" },
	  .without = "which accesses deliver a signal", .minor = true },
	{ .by = { "fault_fixup" },
	  .without = "accesses of the kernel that end with EFAULT" },
	{ .by = { "fault_denied" },
	  .without = "which rights an access lacks" },
	{ .by = { "fault_stack_refused" },
	  .without = "why a stack does not grow" },
	{ .by = { "fault_cgroup" },
	  .without = "at which cgroup's limit a fault fails", .minor = true },
	{ .by = { "fault_write" },
	  .without = "which pages are copied, reused or made writable" },
	{ .by = { "fault_swap" },
	  .without = "which pages come from swap" },
	{ .by = { "fault_there" },
	  .without = "at which faults nothing is to do" },
	{ .by = { "fault_numa" },
	  .without = "which faults are NUMA hints", .minor = true },
	{ .by = { "fault_huge" },
	  .without = "which faults get huge pages" },
	{ .by = { "fault_stack" },
	  .without = "which faults let a stack grow", .minor = true },
	{ .by = { "fault_uffd" },
	  .without = "which faults userfaultfd handles", .minor = true },
	{ .by = { "fault_entries_set", "fault_entry_set" },
	  .without = "how many pages of files a fault maps" },
};

static bool told(const struct part *part)
{
	bool wanted = false;

	for (size_t i = 0; i < ARRAY_SIZE(part->by) && part->by[i]; i++) {
		wanted |= !programs_unwanted(part->by[i]);
		if (programs_run(part->by[i]))
			return true;
	}
	return !wanted;
}

/**
 * parts_suffice - are all programs attached without which nothing can be told?
 */
bool parts_suffice(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!parts[i].without && !told(&parts[i]))
			return false;
	return true;
}

/* The program that is to tell a part on this kernel: the first that is not left out on purpose. */
static const char *wanted_of(const struct part *part)
{
	for (size_t i = 0; i < ARRAY_SIZE(part->by) && part->by[i]; i++)
		if (!programs_unwanted(part->by[i]))
			return part->by[i];
	return part->by[0];
}

/**
 * parts_missing - name what cannot be told on this kernel
 * @tell: is called with a sentence for each part, and whether few users miss it
 */
void parts_missing(void (*tell)(const char *what, bool minor))
{
	char what[200];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (told(&parts[i]))
			continue;
		snprintf(what, sizeof(what), "this kernel %s %s: not told: %s",
			 programs_refused(wanted_of(&parts[i])) ? "refuses" : "has no place for",
			 wanted_of(&parts[i]), parts[i].without);
		tell(what, parts[i].minor);
	}
}
