// SPDX-License-Identifier: GPL-2.0
/*
 * Causes of a large RSS. Pages of programs and libraries are left out of all of them: every process
 * has such pages, and only to run another program would change them.
 */
#include <stdlib.h>
#include "base/tool.h"
#include "why/causes.h"

#define ARENA		(64ULL << 20)
#define MANY_ARENAS	4	/* fewer arenas keep too little from being shared to be a cause */
#define MANY_TIMES	8	/* mappings of a group that grows; fewer may be buffers */

static __u64 at_most(__u64 value, __s64 most)
{
	__u64 bound = most > 0 ? most : 0;

	return value < bound ? value : bound;
}

static __s64 net(const struct ledger_mm *mm, enum ledger_kind kind)
{
	return ledger_pages(mm->groups[kind].rss);
}

/* Pages of a group for which there is a cause of its own. */
static __u64 special(const struct ledger_group *group)
{
	return group->populated + group->pinned + group->huge + group->collapsed + group->lazy;
}

/*
 * Sum a member of struct ledger_group over all groups, of each group at most the pages that are
 * there. Pages that were given back by MADV_FREE count for the member lazy only, because it does
 * not matter any more how they came.
 */
static __u64 sum(const struct ledger_mm *mm, size_t member)
{
	bool lazy = member == offsetof(struct ledger_group, lazy);
	__u64 all = 0;

	for (int kind = KIND_PROGRAM + 1; kind < NR_KINDS; kind++) {
		const struct ledger_group *group = &mm->groups[kind];
		__s64 there = net(mm, kind) - (lazy ? 0 : (__s64)group->lazy);

		all += at_most(*(const __u64 *)((const char *)group + member), there);
	}
	return all;
}

#define SUM(mm, member)	sum(mm, offsetof(struct ledger_group, member))

/**
 * rss_total - pages that came between the instants and are there, without those of programs
 * @mm: the address space
 *
 * Return: pages of memory, of hugetlbfs and of swap
 */
__u64 rss_total(const struct ledger_mm *mm)
{
	__u64 sum = 0;

	for (int kind = 0; kind < NR_KINDS; kind++)
		if (kind != KIND_PROGRAM && net(mm, kind) > 0)
			sum += net(mm, kind);
	if (mm->groups[KIND_HUGETLB].rss[RAW_RSS_HUGETLB] > 0)
		sum += mm->groups[KIND_HUGETLB].rss[RAW_RSS_HUGETLB];
	if (mm->groups[KIND_ANON].rss[RAW_RSS_SWAP] > 0)
		sum += mm->at_end[RAW_RSS_SWAP];
	return sum;
}

static void populated(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = SUM(mm, populated);
	cause_say(f->text, sizeof(f->text),
		  "%s were brought in by the kernel before the program touched them: by "
		  "MAP_POPULATE, mlock(2) or advice. How much of it was used later no record tells.",
		  cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo),
		  "leave out MAP_POPULATE, MCL_FUTURE or MADV_POPULATE_*, or ask for less");
}

static void pinned(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = SUM(mm, pinned);
	cause_say(f->text, sizeof(f->text),
		  "%s were brought in to be pinned, as by io_uring_register(2), vmsplice(2) or a "
		  "driver, and can be neither reclaimed nor moved meanwhile.",
		  cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo), "register smaller buffers, and unregister them");
}

static void hugetlb(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = at_most(~0ULL >> 1, mm->groups[KIND_HUGETLB].rss[RAW_RSS_HUGETLB]);
	cause_say(f->text, sizeof(f->text),
		  "%s are huge pages of hugetlbfs, which RSS does not count, and which are taken as a "
		  "whole.", cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo), "map less with MAP_HUGETLB");
}

static void huge_pages(const struct ledger_mm *mm, struct finding *f)
{
	__u64 faults = 0, collapsed = SUM(mm, collapsed);

	for (int kind = 0; kind < NR_KINDS; kind++)
		faults += mm->groups[kind].huge_faults;
	f->amount = SUM(mm, huge) + collapsed;
	if (f->amount > rss_total(mm))
		f->amount = rss_total(mm);
	cause_say(f->text, sizeof(f->text),
		  "%s are transparent huge pages: %llu touches brought 2 MiB each, and %s came when "
		  "small pages were made huge. What of them is used no record tells; one byte each "
		  "is certain.", cause_size(f->amount), faults, cause_size(collapsed));
	cause_say(f->todo, sizeof(f->todo),
		  "MADV_NOHUGEPAGE for sparse memory, or max_ptes_none of khugepaged; compare RSS "
		  "with transparent_hugepage/enabled at never");
}

static void lazily_freed(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = SUM(mm, lazy);
	cause_say(f->text, sizeof(f->text),
		  "%s were given back with MADV_FREE: they count until memory is needed elsewhere "
		  "(LazyFree in smaps), or until they are written again, which no record tells.",
		  cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo),
		  "nothing, or MADV_DONTNEED instead; of Go GODEBUG=madvdontneed=1");
}

static void swapped(const struct ledger_mm *mm, struct finding *f)
{
	__s64 swap = mm->at_end[RAW_RSS_SWAP] - mm->base[RAW_RSS_SWAP];

	f->amount = at_most(swap, swap);
	cause_say(f->text, sizeof(f->text),
		  "%s are in swap, so RSS is less than what the program has.",
		  cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo),
		  "look at faults: mmscope why faults tells whether it is wanted back");
}

static void fork_copies(const struct ledger_mm *mm, struct finding *f)
{
	const struct ledger_fork *last = &mm->forks[(mm->nr_forks - 1) % FORKS];

	if (!mm->nr_forks)
		return;
	f->amount = at_most(mm->shared - mm->of_merged, ledger_pages(mm->at_end));
	cause_say(f->text, sizeof(f->text),
		  "%s were shared by fork(2) and copied since, for they were written while both "
		  "processes were there: memory that RSS of one does not show, and Private_Dirty "
		  "does. Of them %s since the last fork, with mm %u.",
		  cause_size(f->amount), cause_size(last->copies), last->other);
	cause_say(f->todo, sizeof(f->todo),
		  "write less while the child lives, exec early, or use vfork(2) or posix_spawn(3)");
}

static void forked(const struct ledger_mm *mm, struct finding *f)
{
	__s64 pages = ledger_pages(mm->entries[LEDGER_FORKED]);

	f->amount = at_most(pages - mm->shared, pages);
	if (pages < (__s64)mm->shared)
		f->amount = 0;
	cause_say(f->text, sizeof(f->text),
		  "%s are shared with the process it was forked from: they count for both, and are "
		  "there once.", cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo), "look at Pss of /proc/PID/smaps_rollup, not at RSS");
}

static void of_kind(const struct ledger_mm *mm, enum ledger_kind kind, struct finding *f)
{
	const struct ledger_group *group = &mm->groups[kind];

	f->amount = at_most(~0ULL >> 1, net(mm, kind) - (__s64)special(group));
}

static void stack(const struct ledger_mm *mm, struct finding *f)
{
	of_kind(mm, KIND_STACK, f);
	cause_say(f->text, sizeof(f->text),
		  "%s are the stack of the first thread: it was that deep once, and is never given "
		  "back.", cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo), "less recursion, large arrays from malloc(3)");
}

static __u64 vmas_of_kind(const struct ledger_mm *mm, enum ledger_kind kind, __u64 align)
{
	struct ledger_vma **list;
	size_t n = vmas_of(mm->id, &list);
	__u64 count = 0;

	for (size_t i = 0; i < n; i++)
		count += list[i]->kind == kind && list[i]->flags & RAW_VM_WRITE &&
			 !(list[i]->start % align);
	free(list);
	return count;
}

static void thread_stacks(const struct ledger_mm *mm, struct finding *f)
{
	of_kind(mm, KIND_THREAD, f);
	cause_say(f->text, sizeof(f->text),
		  "%s are stacks of threads, of which there are %llu: what a thread has used once "
		  "stays.", cause_size(f->amount), vmas_of_kind(mm, KIND_THREAD, 1));
	cause_say(f->todo, sizeof(f->todo),
		  "fewer threads, or large arrays from malloc(3) instead of the stack");
}

/*
 * Does a group grow until the end? It does if it got address space many times, has given back less
 * than an eighth, and has grown in the second and in the last third of the time by at least half of
 * what it would have grown there at a constant rate.
 */
static bool grows(const struct ledger_mm *mm, const struct ledger_group *group)
{
	__s64 all = ledger_pages(group->rss);
	__u64 third = (mm->to - mm->from) / 3;

	return group->got >= MANY_TIMES && all > 0 && group->gone <= (__u64)all / 8 &&
	       series_between(&group->series, mm->from + third, mm->from + 2 * third) >=
	       all / 6 &&
	       series_between(&group->series, mm->from + 2 * third, ~0ULL) >= all / 6;
}

static void arenas(const struct ledger_mm *mm, struct finding *f)
{
	__u64 n = vmas_of_kind(mm, KIND_ARENA, ARENA);

	if (n < MANY_ARENAS)
		return;
	of_kind(mm, KIND_ARENA, f);
	cause_say(f->text, sizeof(f->text),
		  "%s are in %llu arenas of malloc(3), which threads do not share: what one has freed "
		  "another does not use.%s", cause_size(f->amount), n,
		  grows(mm, &mm->groups[KIND_ARENA]) ?
		  " They grow to the end, which may be a leak, too." : "");
	cause_say(f->todo, sizeof(f->todo), "MALLOC_ARENA_MAX=2, malloc_trim(3), or fewer threads");
}

static void file_pages(const struct ledger_mm *mm, struct finding *f)
{
	const __s64 *rss = mm->groups[KIND_FILE].rss;

	f->amount = at_most(~0ULL >> 1, rss[RAW_RSS_FILE]);
	cause_say(f->text, sizeof(f->text),
		  "%s are pages of mapped files: page cache, that reclaim takes first, and that is "
		  "there once for all who map it.", cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo),
		  "nothing; or MADV_DONTNEED behind what was read, or read(2)");
}

static void shared_memory(const struct ledger_mm *mm, struct finding *f)
{
	f->amount = at_most(~0ULL >> 1, mm->groups[KIND_SHMEM].rss[RAW_RSS_SHMEM] +
			    mm->groups[KIND_FILE].rss[RAW_RSS_SHMEM] -
			    (__s64)special(&mm->groups[KIND_SHMEM]));
	cause_say(f->text, sizeof(f->text),
		  "%s are shared memory or files of tmpfs: they stay until the last file or mapping of "
		  "them goes, and count for all who map them.", cause_size(f->amount));
	cause_say(f->todo, sizeof(f->todo),
		  "look at Pss, unmap or truncate what is not needed, MADV_REMOVE");
}

static void leak(const struct ledger_mm *mm, struct finding *f)
{
	/* If there are many arenas, the cause "arenas" tells of their growth. */
	bool few = vmas_of_kind(mm, KIND_ARENA, ARENA) < MANY_ARENAS;
	static const enum ledger_kind kinds[] = { KIND_HEAP, KIND_ANON, KIND_ARENA };
	const struct ledger_group *group = NULL;
	const struct ledger_site *site;
	enum ledger_kind kind = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) - !few; i++) {
		const struct ledger_group *one = &mm->groups[kinds[i]];
		__s64 amount = net(mm, kinds[i]) - (__s64)special(one);

		if (!grows(mm, one) || amount <= (__s64)f->amount)
			continue;
		group = one;
		kind = kinds[i];
		f->amount = amount;
	}
	if (!group)
		return;
	site = cause_site(mm, kind, false);
	cause_say(f->text, sizeof(f->text),
		  "The %s grows to the end: %s came in %llu steps, and %s were given back; most were "
		  "touched first at %s. That is a leak, or it still loads what it needs.",
		  ledger_kind_words(kind), cause_size(f->amount), group->got,
		  cause_size(group->gone), site ? site->text : "?");
	cause_say(f->todo, sizeof(f->todo),
		  "watch for longer; record --stacks tells who called; valgrind or heaptrack tell "
		  "what is not freed");
}

const struct cause causes_rss[] = {
	{ "populated", populated, false },
	{ "pinned", pinned, false },
	{ "hugetlb", hugetlb, false },
	{ "huge_pages", huge_pages, false },
	{ "lazily_freed", lazily_freed, false },
	{ "swapped", swapped, false },
	{ "fork_copies", fork_copies, false },
	{ "forked", forked, false },
	{ "stack", stack, false },
	{ "thread_stacks", thread_stacks, false },
	{ "arenas", arenas, false },
	{ "file_pages", file_pages, false },
	{ "shared_memory", shared_memory, false },
	{ "leak", leak, false },
	{ NULL, NULL, false }
};
