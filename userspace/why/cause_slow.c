// SPDX-License-Identifier: GPL-2.0
/*
 * Causes of time spent in faults: kinds of faults that take long by their nature. Ordinary faults
 * are no cause here, however many there are; mmscope why faults is about their number.
 */
#include "why/causes.h"

static void of_sum(const struct fault_sum *sum, const char *what, const char *todo,
		   struct finding *f)
{
	f->amount = sum->ns;
	if (!sum->count)
		return;
	cause_say(f->text, sizeof(f->text), "%llu faults took %s: %s.", sum->count,
		  cause_time(sum->ns), what);
	cause_say(f->todo, sizeof(f->todo), "%s", todo);
}

static void huge_pages(const struct ledger_mm *mm, struct finding *f)
{
	of_sum(&mm->classes[RECORD_CLASS_THP],
	       "each made 2 MiB of zeroes for a huge page",
	       "fill them before time matters, or MADV_NOHUGEPAGE; defrag at defer", f);
}

static void by_user_space(const struct ledger_mm *mm, struct finding *f)
{
	of_sum(&mm->classes[RECORD_CLASS_UFFD],
	       "each waited for who handles its userfaultfd",
	       "a faster handler, several of its threads, or more pages at a time", f);
}

static void swap(const struct ledger_mm *mm, struct finding *f)
{
	of_sum(&mm->classes[RECORD_CLASS_SWAP], "pages came back from swap",
	       "more memory, a higher limit of its cgroup, or less swappiness", f);
}

static void device(const struct ledger_mm *mm, struct finding *f)
{
	const struct fault_sum *swapped = &mm->classes[RECORD_CLASS_SWAP];
	struct fault_sum rest = mm->major;

		/* Faults of swap have a cause of their own; not all of them wait for a device. */
	if (rest.count <= swapped->count)
		return;
	rest.count -= swapped->count;
	rest.ns -= rest.ns < swapped->ns ? rest.ns : swapped->ns;
	of_sum(&rest, "they waited for pages to be read from a device",
	       "readahead(2) or MADV_WILLNEED before; MADV_SEQUENTIAL, not MADV_RANDOM", f);
}

static void lock(const struct ledger_mm *mm, struct finding *f)
{
	of_sum(&mm->locked,
	       "under mmap_lock, while another thread changed VMAs; what they waited for, and what "
	       "system calls waited, no record tells",
	       "change VMAs less often, and in smaller parts; or touch memory before", f);
}

static void numa(const struct ledger_mm *mm, struct finding *f)
{
	of_sum(&mm->classes[RECORD_CLASS_NUMA], "hints of NUMA balancing, and pages moved",
	       "bind memory and threads, or kernel.numa_balancing=0", f);
}

static void wait(const struct ledger_mm *mm, struct finding *f)
{
	of_sum(&mm->classes[RECORD_CLASS_WAIT], "the page was just being migrated",
	       "look for compaction and NUMA balancing", f);
}

const struct cause causes_slow[] = {
	{ "huge_pages", huge_pages, false },
	{ "userfaultfd", by_user_space, false },
	{ "swap", swap, false },
	{ "device", device, false },
	{ "mmap_lock", lock, false },
	{ "numa", numa, false },
	{ "migration", wait, false },
	{ NULL, NULL, false }
};
