// SPDX-License-Identifier: GPL-2.0
/*
 * Causes of many faults.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include "record/text.h"
#include "why/causes.h"

static __u64 count(const struct ledger_mm *mm, enum record_class class)
{
	return mm->classes[class].count;
}

/*
 * Refaults after pages were given back in one of three ways: by madvise(2) (@advice), by brk(2)
 * (@brk), or by any other call, which has unmapped them.
 */
static void again(const struct ledger_mm *mm, bool advice, bool brk, struct finding *f)
{
	const struct ledger_cycle *most = NULL;
	const struct ledger_site *site = cause_site(mm, NR_KINDS, true);
	char by[32] = "a call";

	for (size_t i = 0; i < CYCLES; i++) {
		const struct ledger_cycle *cycle = &mm->cycles[i];

		bool by_advice = cycle->advice >= 0, by_brk = cycle->cause == SYS_brk;

		if (!cycle->count || by_advice != advice || by_brk != brk)
			continue;
		f->amount += cycle->count;
		if (!most || cycle->count > most->count)
			most = cycle;
	}
	if (!most)
		return;
	if (most->cause)
		cause_text(most->cause, by, sizeof(by));
	cause_say(f->text, sizeof(f->text),
		  "%llu faults are in pages that were given back before: by %s%s%s, %s earlier on "
		  "average; they are touched again at %s.", f->amount, by, advice ? " " : "",
		  advice ? advice_name(most->advice) : "", cause_time(most->ago_ns / most->count),
		  site ? site->text : "?");
}

static void again_brk(const struct ledger_mm *mm, struct finding *f)
{
	again(mm, false, true, f);
	cause_say(f->todo, sizeof(f->todo),
		  "M_TRIM_THRESHOLD and M_TOP_PAD of mallopt(3): keep what is wanted again");
}

static void again_advice(const struct ledger_mm *mm, struct finding *f)
{
	again(mm, true, false, f);
	cause_say(f->todo, sizeof(f->todo),
		  "give back later, or less: of jemalloc dirty_decay_ms, of tcmalloc the release "
		  "rate, of Go GOMEMLIMIT and GOGC");
}

static void again_unmap(const struct ledger_mm *mm, struct finding *f)
{
	again(mm, false, false, f);
	cause_say(f->todo, sizeof(f->todo),
		  "keep mappings for the next use; M_MMAP_THRESHOLD of mallopt(3) where malloc(3) "
		  "maps them");
}

static void fork_copies(const struct ledger_mm *mm, struct finding *f)
{
	const struct ledger_fork *last = &mm->forks[(mm->nr_forks - 1) % FORKS];

	if (!mm->nr_forks)
		return;
	f->amount = mm->shared - mm->of_merged;
	cause_say(f->text, sizeof(f->text),
		  "%llu faults copied pages that fork(2) had made shared, %llu of them since the last "
		  "fork, with mm %u.", f->amount, last->copies, last->other);
	cause_say(f->todo, sizeof(f->todo),
		  "write less while the child lives, exec early, or use vfork(2) or posix_spawn(3)");
}

static void merged_copies(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = mm->of_merged;
	cause_say(f->text, sizeof(f->text),
		  "%llu faults copied pages of memory that KSM may merge: it had made one of several "
		  "like pages, and they were written.", f->amount);
	cause_say(f->todo, sizeof(f->todo), "MADV_MERGEABLE only for what is seldom written");
}

static void read_first(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = 2 * mm->from_zero;
	cause_say(f->text, sizeof(f->text),
		  "%llu pages had two faults: they were read before they were written, so the zero "
		  "page was mapped first, and then copied.", mm->from_zero);
	cause_say(f->todo, sizeof(f->todo), "write first, or MADV_POPULATE_WRITE");
}

static void no_fault_around(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = mm->single;
	cause_say(f->text, sizeof(f->text),
		  "%llu faults in files or shared memory mapped one page each; fault-around maps up "
		  "to 16, but not for writes to shared mappings, nor for pages that are not in the "
		  "page cache.", f->amount);
	cause_say(f->todo, sizeof(f->todo),
		  "MAP_POPULATE or MADV_POPULATE_WRITE, huge pages for shared memory, or write(2)");
}

static void file_pages(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = mm->around.count;
	cause_say(f->text, sizeof(f->text),
		  "%llu faults mapped %llu pages of files and shared memory, with fault-around.",
		  f->amount, mm->around.pages);
	cause_say(f->todo, sizeof(f->todo), "MAP_POPULATE, or read(2)");
}

static void swap(const struct ledger_mm *mm, struct finding *f)
{
	bool sent;

	f->amount = count(mm, RECORD_CLASS_SWAP);
	sent = 2 * mm->sent_to_swap > f->amount;
	cause_say(f->text, sizeof(f->text),
		  "%llu faults brought pages back from swap; %llu of them had been sent there by "
		  "MADV_PAGEOUT or another call.", f->amount, mm->sent_to_swap);
	cause_say(f->todo, sizeof(f->todo),
		  sent ? "MADV_PAGEOUT only for what is not wanted again soon" :
		  "more memory, a higher limit of its cgroup, or less swappiness");
}

static void refused(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = count(mm, RECORD_CLASS_REFUSED);
	cause_say(f->text, sizeof(f->text),
		  "%llu faults were refused and the program lives on: it handles SIGSEGV or SIGBUS, "
		  "as for a write barrier, or hands bad addresses to system calls.", f->amount);
	cause_say(f->todo, sizeof(f->todo),
		  "mmscope trace -c refused tells why; userfaultfd(2) for write barriers");
}

static void by_user_space(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = count(mm, RECORD_CLASS_UFFD);
	cause_say(f->text, sizeof(f->text), "%llu faults were handed to a userfaultfd.", f->amount);
	cause_say(f->todo, sizeof(f->todo), "have the handler copy more pages at a time");
}

static void numa(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = count(mm, RECORD_CLASS_NUMA);
	cause_say(f->text, sizeof(f->text), "%llu faults are hints of NUMA balancing.", f->amount);
	cause_say(f->todo, sizeof(f->todo), "bind memory and threads, or kernel.numa_balancing=0");
}

static void first_touches(const struct ledger_mm *mm, struct finding *f)
{
	const struct ledger_site *site = cause_site(mm, NR_KINDS, false);
	__u64 fresh = count(mm, RECORD_CLASS_ANON) + count(mm, RECORD_CLASS_THP);

	f->amount = fresh > mm->again ? fresh - mm->again : 0;
	cause_say(f->text, sizeof(f->text),
		  "%llu faults are first touches of fresh memory, most at %s: each page has "
		  "one.", f->amount, site ? site->text : "?");
	cause_say(f->todo, sizeof(f->todo), "huge pages, or MAP_POPULATE where all of it is used");
}

const struct cause causes_faults[] = {
	{ "again_brk", again_brk, false },
	{ "again_advice", again_advice, false },
	{ "again_unmap", again_unmap, false },
	{ "fork_copies", fork_copies, false },
	{ "merged_copies", merged_copies, false },
	{ "read_first", read_first, false },
	{ "swap", swap, false },
	{ "refused", refused, false },
	{ "userfaultfd", by_user_space, false },
	{ "numa", numa, false },
	{ "no_fault_around", no_fault_around, false },
	{ "file_pages", file_pages, false },
	{ "first_touches", first_touches, true },
	{ NULL, NULL, false }
};
