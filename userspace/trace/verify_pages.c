// SPDX-License-Identifier: GPL-2.0
/*
 * Compares flags and pages that the records tell with /proc/PID/smaps: the flags of each VMA, and
 * the sums of pages by kind.
 */
#include <stdio.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "base/tool.h"
#include "term/print.h"
#include "trace/verify_pages.h"

/*
 * Flags by their letters in VmFlags. Not here are those that say that pages are soft-dirty or may
 * be guards; and ac, which the kernel unsets while it moves a part of a VMA, and sets again without
 * a call that says so.
 */
static const struct {
	char word[3];
	__u32 flag;
} flags[] = {
	{ "rd", 0x1 }, { "wr", 0x2 }, { "ex", 0x4 }, { "sh", 0x8 },
	{ "mr", 0x10 }, { "mw", 0x20 }, { "me", 0x40 }, { "ms", 0x80 },
	{ "gd", 0x100 }, { "um", 0x200 }, { "pf", 0x400 },
	{ "uw", 0x1000 }, { "lo", 0x2000 }, { "io", 0x4000 }, { "sr", 0x8000 },
	{ "rr", 0x10000 }, { "dc", 0x20000 }, { "de", 0x40000 }, { "lf", 0x80000 },
	{ "nr", 0x200000 }, { "ht", 0x400000 }, { "sf", 0x800000 },
	{ "wf", 0x2000000 }, { "dd", 0x4000000 },
	{ "mm", 0x10000000 }, { "hg", 0x20000000 }, { "nh", 0x40000000 }, { "mg", 0x80000000 },
};

/**
 * struct smaps - comparison of an address space with its smaps
 * @mm: address space, as the records tell it
 * @vma: VMA that the lines are of; NULL for one that the records do not tell
 * @same: no difference was found so far
 * @show: print differences
 * @rss: pages in memory, by smaps
 * @anon: anonymous pages of them
 * @swap: pages in swap, but for shared memory, whose swap the kernel counts for no process
 * @hugetlb: pages of hugetlbfs
 */
struct smaps {
	const struct mm *mm;
	const struct vma *vma;
	bool same;
	bool show;
	long rss;
	long anon;
	long swap;
	long hugetlb;
};

static bool has_word(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	while (at && (at[-1] != ' ' || (at[2] != ' ' && at[2] != '\n' && at[2])))
		at = strstr(at + 1, word);
	return at;
}

/* The flag of sealed VMAs, whose bit is not the same in all kernels; 0 where there is none. */
static __u64 sealed(void)
{
	if (rules_kernel() < KERNEL(6, 10))
		return 0;
	return rules_kernel() < KERNEL(6, 16) ? 1ULL << 63 : 1ULL << 42;
}

static void compare_flags(struct smaps *smaps, const char *line)
{
	__u64 told = smaps->vma->image.flags;
	char words[256] = "";
	bool same = true;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		same &= has_word(line, flags[i].word) == !!(told & flags[i].flag);
		if (told & flags[i].flag)
			snprintf(words + strlen(words), sizeof(words) - strlen(words), " %s",
				 flags[i].word);
	}
	if (sealed()) {
		same &= has_word(line, "sl") == !!(told & sealed());
		if (told & sealed())
			snprintf(words + strlen(words), sizeof(words) - strlen(words), " sl");
	}
	smaps->same &= same;
	if (same || !smaps->show)
		return;
	report_line("  kernel  %012llx-%012llx %.*s", smaps->vma->start, smaps->vma->end,
		    (int)strcspn(line, "\n"), line);
	report_line("  records %012llx-%012llx VmFlags:%s", smaps->vma->start, smaps->vma->end,
		    words);
}

static void take_line(struct smaps *smaps, const char *line)
{
	unsigned long start, end;
	char kind[32];
	long kib;

	if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
		smaps->vma = mm_at(smaps->mm, start);
		return;
	}
	if (!smaps->vma)
		return;
	if (!strncmp(line, "VmFlags:", 8)) {
		compare_flags(smaps, line);
		return;
	}
	if (sscanf(line, "%31[^:]: %ld kB", kind, &kib) != 2)
		return;
	kib /= proc_page_size() / 1024;
	if (!strcmp(kind, "Rss"))
		smaps->rss += kib;
	else if (!strcmp(kind, "Anonymous"))
		smaps->anon += kib;
	else if (!strcmp(kind, "Swap") && !(smaps->vma->image.flags & RAW_VM_MAYSHARE))
		smaps->swap += kib;
	else if (!strcmp(kind, "Shared_Hugetlb") || !strcmp(kind, "Private_Hugetlb"))
		smaps->hugetlb += kib;
}

/*
 * Compare the sum of the records that were handed out, as users see them, not what the tracer
 * keeps.
 */
static void compare_sums(struct smaps *smaps)
{
	const __s64 *told = smaps->mm->told;
	long rss = told[RAW_RSS_ANON] + told[RAW_RSS_FILE] + told[RAW_RSS_SHMEM];

	if (smaps->rss == rss && smaps->anon == told[RAW_RSS_ANON] &&
	    smaps->swap == told[RAW_RSS_SWAP] && smaps->hugetlb == told[RAW_RSS_HUGETLB])
		return;
	smaps->same = false;
	if (!smaps->show)
		return;
	report_line("  kernel  Rss %ld pages, Anonymous %ld, Swap %ld, Hugetlb %ld", smaps->rss,
		    smaps->anon, smaps->swap, smaps->hugetlb);
	report_line("  records Rss %ld pages, Anonymous %lld, Swap %lld, Hugetlb %lld", rss,
		    told[RAW_RSS_ANON], told[RAW_RSS_SWAP], told[RAW_RSS_HUGETLB]);
}

/**
 * verify_pages - compare flags and pages of an address space with smaps
 * @mm: address space, as the records tell it
 * @pid: its process, all of whose threads are stopped
 * @sums: compare sums of pages, not only flags
 * @show: print differences
 *
 * Return: true if there is no difference, or the process is ending
 */
bool verify_pages(const struct mm *mm, pid_t pid, bool sums, bool show)
{
	struct smaps smaps = { .mm = mm, .same = true, .show = show };
	char path[32], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	while (fgets(line, sizeof(line), f))
		take_line(&smaps, line);
	fclose(f);
	/* A process that ends has no VMA left to compare. */
	if (sums && smaps.vma)
		compare_sums(&smaps);
	return smaps.same;
}
