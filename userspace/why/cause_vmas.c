// SPDX-License-Identifier: GPL-2.0
/*
 * Causes of many VMAs: for each VMA, why it is not one with the VMA below it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include "base/tool.h"
#include "why/causes.h"

#define DEFAULT_LIMIT	65530	/* vm.max_map_count, if nobody has changed it */
#define RIGHTS		(RAW_VM_READ | RAW_VM_WRITE | RAW_VM_EXEC)

static bool live;	/* the processes run on this machine, so its vm.max_map_count is theirs */

/**
 * vmas_live - say that processes of this machine are watched, and no recording is read
 */
void vmas_live(void)
{
	live = true;
}

/**
 * vmas_limit - how many VMAs a process may have
 * @mm: its address space
 * @known: is set to false if the limit is only the default of vm.max_map_count
 */
__u64 vmas_limit(const struct ledger_mm *mm, bool *known)
{
	unsigned long limit = 0;
	FILE *file;

	*known = true;
	if (mm->limit)
		return mm->limit;
	file = live ? fopen("/proc/sys/vm/max_map_count", "re") : NULL;
	if (file) {
		*known = fscanf(file, "%lu", &limit) == 1;
		fclose(file);
	}
	if (limit)
		return limit;
	*known = false;
	return DEFAULT_LIMIT;
}

static enum vma_reason reason_of_flags(const struct ledger_vma *low, const struct ledger_vma *vma,
				       int cause)
{
	switch (cause) {
	case SYS_mprotect:
	case SYS_pkey_mprotect:
		return REASON_MPROTECT;
	case SYS_madvise:
	case SYS_process_madvise:
	case SYS_mlock:
	case SYS_mlock2:
	case SYS_munlock:
	case SYS_mlockall:
		return REASON_ADVICE;
	}
	return (low->flags ^ vma->flags) & RIGHTS ? REASON_FLAGS : REASON_OTHER;
}

/*
 * Why two VMAs are apart that a call has cut: the kernel has not tried to merge them, so no record
 * tells, and only the call and their flags can.
 */
static enum vma_reason reason_of_cut(const struct ledger_vma *low, const struct ledger_vma *vma)
{
	if (low->row != vma->row || !vma->cut_by)
		return REASON_UNTOLD;
	if (vma->cut_by == SYS_prctl)
		return REASON_NAMES;
	return low->flags == vma->flags ? REASON_UNTOLD :
	       reason_of_flags(low, vma, vma->cut_by);
}

static enum vma_reason reason_of(const struct ledger_vma *low, const struct ledger_vma *vma)
{
	if (vma->kind == KIND_PROGRAM || vma->kind == KIND_STACK)
		return REASON_PROGRAM;
	if (vma->kind == KIND_THREAD)
		return REASON_THREAD;
	if (!low || low->end != vma->start)
		return low && low->row == vma->row ? REASON_HOLES : REASON_SEPARATE;
	if (!vma->told || vma->low != low->row)
		return reason_of_cut(low, vma);
	switch (vma->why) {
	case RECORD_WHY_FLAGS:
		return reason_of_flags(low, vma, vma->cause);
	case RECORD_WHY_FILE:
		return REASON_FILES;
	case RECORD_WHY_OFFSET:
		return REASON_OFFSETS;
	case RECORD_WHY_ANON_VMA:
		return REASON_OWNERS;
	case RECORD_WHY_NAME:
		return REASON_NAMES;
	case RECORD_WHY_CLOSE:
	case RECORD_WHY_SPECIAL:
		return REASON_DRIVER;
	}
	return REASON_OTHER;
}

/**
 * vmas_reasons - count the VMAs of an address space by why they are not one with the VMA below
 * @mm: the address space
 * @counts: is set to the number of VMAs for each reason
 */
void vmas_reasons(const struct ledger_mm *mm, __u64 counts[NR_REASONS])
{
	struct ledger_vma **list;
	size_t n = vmas_of(mm->id, &list);

	for (size_t i = 0; i < NR_REASONS; i++)
		counts[i] = 0;
	for (size_t i = 0; i < n; i++)
		counts[reason_of(i ? list[i - 1] : NULL, list[i])]++;
	free(list);
}

/**
 * vma_reason_words - a reason in words
 * @reason: the reason
 */
const char *vma_reason_words(enum vma_reason reason)
{
	static const char *const words[NR_REASONS] = {
		[REASON_PROGRAM] = "programs, libraries and the first stack",
		[REASON_THREAD] = "stacks of threads and their guards",
		[REASON_MPROTECT] = "mprotect(2) gave a part other rights",
		[REASON_ADVICE] = "madvise(2) or mlock(2) set flags of a part",
		[REASON_FLAGS] = "mapped beside each other with other rights",
		[REASON_FILES] = "neighbours show different files",
		[REASON_OFFSETS] = "neighbours show parts of a file that do not follow",
		[REASON_OWNERS] = "their private pages have different owners (anon_vma)",
		[REASON_NAMES] = "neighbours have different names",
		[REASON_DRIVER] = "a driver's memory, which is never merged",
		[REASON_OTHER] = "other flags, policies or userfaultfds",
		[REASON_HOLES] = "munmap(2) made a hole between them",
		[REASON_SEPARATE] = "mapped apart from others",
		[REASON_UNTOLD] = "neighbours, and no record tells why they are two",
	};

	return words[reason];
}

static void say(const struct ledger_mm *mm, enum vma_reason reason, const char *why,
		const char *todo, struct finding *f)
{
	__u64 counts[NR_REASONS];

	vmas_reasons(mm, counts);
	f->amount = counts[reason];
	cause_say(f->text, sizeof(f->text), "%llu of %llu VMAs are apart from the one below since "
		  "%s.", counts[reason], mm->nr, why);
	cause_say(f->todo, sizeof(f->todo), "%s", todo);
}

static void by_mprotect(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_MPROTECT, "mprotect(2) gave a part of a mapping other rights",
	    "give larger ranges the same rights, or the old rights back: then they merge", f);
}

static void by_advice(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_ADVICE, "madvise(2) or mlock(2) set flags of a part of a mapping",
	    "give advice that sets flags to whole mappings", f);
}

static void by_threads(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_THREAD, "each thread has a stack and a guard below it",
	    "fewer threads; or a stack of your own for several, without guards", f);
}

static void by_rights(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_FLAGS, "they were mapped beside each other with other rights",
	    "map those with the same rights beside each other", f);
}

static void by_names(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_NAMES, "prctl(2) gave neighbours different names",
	    "name by purpose, not by part", f);
}

static void by_files(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_FILES,
	    "neighbours show different files; shared memory without a name is a file each",
	    "one larger file or shared mapping for several, and munmap(2) what is not used", f);
}

static void by_offsets(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_OFFSETS, "neighbours show parts of a file that do not follow each other",
	    "map the file as a whole, or its parts in order", f);
}

static void by_owners(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_OWNERS,
	    "they were written before they touched, and their pages have different owners",
	    "map large ranges at once, and fill holes before their neighbours are written", f);
}

static void by_holes(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_HOLES, "munmap(2) made holes in a mapping",
	    "MADV_DONTNEED instead of munmap(2) for parts: the VMA stays one", f);
}

static void by_driver(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_DRIVER, "memory of a driver is never merged",
	    "map larger parts of the device at once", f);
}

static void separate(const struct ledger_mm *mm, struct finding *f)
{
	say(mm, REASON_SEPARATE, "they were mapped apart from each other, and not given back",
	    "munmap(2) what is not used, or take larger ranges at once", f);
}

const struct cause causes_vmas[] = {
	{ "mprotect", by_mprotect, false },
	{ "advice", by_advice, false },
	{ "thread_stacks", by_threads, false },
	{ "rights", by_rights, false },
	{ "names", by_names, false },
	{ "files", by_files, false },
	{ "offsets", by_offsets, false },
	{ "owners", by_owners, false },
	{ "holes", by_holes, false },
	{ "driver", by_driver, false },
	{ "separate", separate, false },
	{ NULL, NULL, false }
};
