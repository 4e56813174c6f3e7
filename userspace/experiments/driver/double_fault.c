// SPDX-License-Identifier: GPL-2.0
/*
 * What does a driver pay for not saying that it needs no mmap_lock?
 */
#include "lab/experiment.h"

static void faults(unsigned long long flags, const char *title, const char *locked,
		   const char *entries)
{
	struct region *m = MAP(.pages = 16, .flags = flags);

	STEP("%s", title) {
		expect("fault write 0-15 by user");
		expect("minor 16");
		expect_since(&rule_vma_lock, locked, "vma_lock 0");
		expect_since(&rule_vma_lock, entries, "entries 16");
		count_entries("handle_mm_fault");
		write_pages(m, 0, 15);
		count_end();
	}
	drop(m);
}

static void run(void)
{
	faults(0, "driver with ->map_pages, write 0-15", "vma_lock 16", "entries 16");
	faults(MMSCOPE_NO_VMA_LOCK, "driver without it, write 0-15", "vma_lock 0", "entries 32");
}

const struct experiment exp_double_fault = {
	.name = "double-fault",
	.question = "What does a fault cost a driver that may need mmap_lock?",
	.textbook = "Page faults take no mmap_lock any more (6.4; for files and drivers 6.7).",
	.kernel =
		"They try: lock_vma_under_rcu(), then handle_mm_fault(). But a VMA whose driver\n"
		"has ->fault and no ->map_pages may rely on mmap_lock: vmf_can_call_fault() in\n"
		"mm/memory.c gives up with VM_FAULT_RETRY, and the whole fault is repeated\n"
		"under mmap_lock, handle_mm_fault() entered twice. A ->map_pages that does\n"
		"nothing says that ->fault touches only the VMA, the fault and locks of its\n"
		"own: one entry, and no lock that threads share. Before 6.7 both are alike.",
	.look =
		"vma_lock is what the driver saw in vmf->flags, entries a breakpoint counted on\n"
		"handle_mm_fault(), minor what the process is billed: once in any case.",
	.next = "perf stat -e page-faults against a kprobe on handle_mm_fault: who is right?",
	.see = "fault-around, lazy",
	.rules = { &rule_vma_lock },
	.device = true,
	.run = run,
};
