// SPDX-License-Identifier: GPL-2.0
/*
 * Which hook of a driver does the kernel call for which system call? A table of data: each row is
 * tried on a fresh mapping of 16 pages.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "lab/experiment.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define RW	(PROT_READ | PROT_WRITE)

enum what {
	TOUCH, UNMAP, OVERLAY, PROTECT, ADVISE, LOCK, BIND, SEAL, REFILE, SHRINK, GROW, MOVE,
	MOVE_HOLED, DONTUNMAP, DUPLICATE, FORK,
};

/* How 2-3 is cut out of 0-15: the parts outside are the new VMAs, or the part inside. */
#define CUT_2_3	"may_split 2, open 0-1, may_split 4, open 4-15"
#define TAKEN_2_3	"may_split 2, open 2-15, may_split 4, open 2-3"

/**
 * struct row - an operation on pages @first to @last, and the hooks it calls
 * @title: the operation
 * @what: how to do it
 * @first: page
 * @last: page
 * @arg: PROT_* or MADV_*
 * @hooks: where the rule holds, or there is none
 * @error: errno then, NULL for none
 * @rule: what makes kernels differ
 * @before: hooks where the rule does not hold
 * @error_before: errno then
 * @flags: MMSCOPE_* of the device
 */
struct row {
	const char *title;
	enum what what;
	size_t first;
	size_t last;
	int arg;
	const char *hooks;
	const char *error;
	const struct rule *rule;
	const char *before;
	const char *error_before;
	unsigned long long flags;
};

static const struct row rows[] = {
	{ "read 0", TOUCH, 0, 0, PROT_READ, .hooks = "fault 0" },
	{ "munmap 0-3, the head", UNMAP, 0, 3, .rule = &rule_unmap_split,
	  .hooks = "may_split 4, open 4-15, close 0-3",
	  .before = "may_split 4, open 0-3, close 0-3" },
	{ "munmap 12-15, the tail", UNMAP, 12, 15, .rule = &rule_unmap_split,
	  .hooks = "may_split 12, open 0-11, close 12-15",
	  .before = "may_split 12, open 12-15, close 12-15" },
	{ "munmap 6-8, the middle", UNMAP, 6, 8, .rule = &rule_unmap_split,
	  .hooks = "may_split 6, open 0-5, may_split 9, open 9-15, close 6-8",
	  .before = "may_split 6, open 6-15, may_split 9, open 6-8, close 6-8" },
	{ "munmap 0-15, all", UNMAP, 0, 15, .hooks = "close 0-15" },
	{ "MAP_FIXED over 2-3", OVERLAY, 2, 3, .rule = &rule_unmap_split,
	  .hooks = CUT_2_3 ", close 2-3", .before = TAKEN_2_3 ", close 2-3" },
	{ "remap_file_pages 2-3 to 8-9", REFILE, 2, 3, .rule = &rule_unmap_split,
	  .hooks = CUT_2_3 ", close 2-3, mmap 8-9, fault 8-9",
	  .before = TAKEN_2_3 ", close 2-3, mmap 8-9, fault 8-9" },
	{ "mremap 16 to 12, shrink", SHRINK, 0, 11, .rule = &rule_unmap_split,
	  .hooks = "may_split 12, open 0-11, close 12-15",
	  .before = "may_split 12, open 12-15, close 12-15" },
	{ "mremap 0-15, move", MOVE, 0, 15, .hooks = "open 0-15, mremap 0-15, close 0-15" },
	{ "mremap 2-3, move", MOVE, 2, 3, .rule = &rule_unmap_split,
	  .hooks = "may_split 2, may_split 4, open 2-3, mremap 2-3, " CUT_2_3 ", close 2-3",
	  .before = "may_split 2, may_split 4, open 2-3, mremap 2-3, " TAKEN_2_3 ", close 2-3" },
	{ "mremap 0-15, move, 4-7 missing", MOVE_HOLED, 0, 15, .rule = &rule_move_many,
	  .hooks = "open 0-3, mremap 0-3, close 0-3, open 8-15, mremap 8-15, close 8-15",
	  .before = "none", .error_before = "EFAULT" },
	{ "mremap 16 to 20, grow", GROW, 0, 19, .hooks = "none", .error = "EFAULT" },
	{ "mremap MREMAP_DONTUNMAP", DONTUNMAP, 0, 15, .hooks = "none", .error = "EINVAL" },
	{ "mremap old_len 0, duplicate", DUPLICATE, 0, 15, .hooks = "none", .error = "EFAULT" },
	{ "mprotect 2-3 to read only", PROTECT, 2, 3, PROT_READ,
	  .hooks = "mprotect 2-3, " CUT_2_3 },
	{ "mprotect, no change", PROTECT, 0, 15, RW, .hooks = "mprotect 0-15" },
	{ "MADV_SEQUENTIAL 2-3", ADVISE, 2, 3, MADV_SEQUENTIAL,
	  .hooks = CUT_2_3 },
	{ "MADV_DONTFORK 2-3", ADVISE, 2, 3, MADV_DONTFORK,
	  .hooks = CUT_2_3 },
	{ "MADV_DOFORK", ADVISE, 0, 15, MADV_DOFORK, .rule = &rule_dofork,
	  .hooks = "none", .error = "EINVAL", .before = "none" },
	{ "MADV_DODUMP", ADVISE, 0, 15, MADV_DODUMP, .hooks = "none", .error = "EINVAL" },
	{ "MADV_WIPEONFORK", ADVISE, 0, 15, MADV_WIPEONFORK, .hooks = "none", .error = "EINVAL" },
	{ "MADV_DONTNEED", ADVISE, 0, 15, MADV_DONTNEED, .hooks = "none" },
	{ "MADV_COLD", ADVISE, 0, 15, MADV_COLD, .hooks = "none" },
	{ "MADV_POPULATE_READ 0-3", ADVISE, 0, 3, MADV_POPULATE_READ, .hooks = "fault 0-3" },
	{ "mlock 2-3", LOCK, 2, 3, .hooks = "fault 2-3" },
	{ "mbind 2-3", BIND, 2, 3, .hooks = CUT_2_3 },
	{ "fork, exit", FORK, 0, 0, .hooks = "child open 0-15, child close 0-15" },
	{ "write-notify: read 0, write 0", TOUCH, 0, 0, RW, .flags = MMSCOPE_MKWRITE_NOTIFY,
	  .hooks = "fault 0, page_mkwrite 0" },
	{ "write-notify: write 0", TOUCH, 0, 0, PROT_WRITE, .flags = MMSCOPE_MKWRITE_NOTIFY,
	  .hooks = "fault 0, page_mkwrite 0" },
	{ "eager: write 0-15", TOUCH, 0, 15, PROT_WRITE, .flags = MMSCOPE_EAGER,
	  .hooks = "none" },
	{ "mseal 2-3", SEAL, 2, 3, .rule = &rule_mseal,
	  .hooks = CUT_2_3,
	  .before = "none", .error_before = "ENOSYS" },
};

static void touch(const struct row *row, struct region *m)
{
	if (row->arg & PROT_READ)
		read_pages(m, row->first, row->last);
	if (row->arg & PROT_WRITE)
		write_pages(m, row->first, row->last);
}

static void move(const struct row *row, struct region *m, size_t old, int flags)
{
	const struct region *to = reserve(16, NULL);

	ACT(mremap(at(m, row->first), len(old), len(row->last - row->first + 1),
		   MREMAP_MAYMOVE | flags, at(to, 0)));
}

static void syscall_mremap(const struct row *row, struct region *m)
{
	size_t pages = row->last - row->first + 1;

	if (row->what == SHRINK || row->what == GROW)
		ACT(mremap(at(m, 0), len(16), len(pages), 0));
	else if (row->what == DONTUNMAP)
		move(row, m, 16, MREMAP_FIXED | MREMAP_DONTUNMAP);
	else if (row->what == DUPLICATE)
		move(row, m, 0, MREMAP_FIXED);
	else
		move(row, m, pages, MREMAP_FIXED);
}

static void act(const struct row *row, struct region *m)
{
	void *start = at(m, row->first);
	size_t size = len(row->last - row->first + 1);
	unsigned long node = 1;

	switch (row->what) {
	case TOUCH:
		touch(row, m);
		break;
	case UNMAP:
		ACT(munmap(start, size));
		break;
	case OVERLAY:
		ACT(mmap(start, size, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		break;
	case PROTECT:
		ACT(mprotect(start, size, row->arg));
		break;
	case ADVISE:
		ACT(madvise(start, size, row->arg));
		break;
	case LOCK:
		ACT(mlock(start, size));
		break;
	case BIND:
		ACT(syscall(SYS_mbind, start, size, 2, &node, 2, 0));
		break;
	case SEAL:
		ACT(syscall(SYS_mseal, start, size, 0));
		break;
	case REFILE:
		ACT(syscall(SYS_remap_file_pages, start, size, 0, 8, 0));
		break;
	case FORK:
		CHILD {
		}
		break;
	default:
		syscall_mremap(row, m);
	}
}

static void predict(const struct row *row)
{
	bool since = rule_holds(row->rule);
	const char *error = since ? row->error : row->error_before;
	char now[160], before[160];

	snprintf(now, sizeof(now), "hooks %s", row->hooks);
	snprintf(before, sizeof(before), "hooks %s", row->before);
	expect_since(row->rule, now, before);
	if (error)
		expect("errno %s", error);
}

static void run(void)
{
	struct region *m;

	STEP("mmap 16 pages") {
		expect("hooks mmap 0-15");
		note("A new mapping is ->mmap's; ->open is for VMAs made from others.");
		m = MAP(.pages = 16);
	}
	drop(m);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].what == BIND && access("/sys/devices/system/node", F_OK)) {
			leave_out("mbind 2-3: this kernel knows no NUMA nodes");
			continue;
		}
		m = MAP(.pages = 16, .flags = rows[i].flags);
		if (rows[i].what == MOVE_HOLED)
			munmap(at(m, 4), len(4));
		STEP("%s", rows[i].title) {
			predict(&rows[i]);
			act(&rows[i], m);
		}
		drop_all();
	}
}

const struct experiment exp_hooks = {
	.name = "hooks",
	.question = "Which hook of a driver is called by what, in which order?",
	.textbook = "->open is called when memory is mapped, ->close when it is unmapped.",
	.kernel =
		"->open is called for a VMA made from another: by a split, a fork, the\n"
		"destination of an mremap; never for the first one, which is ->mmap's. ->close\n"
		"is called once for each VMA that goes, with the range that went. A split asks\n"
		"->may_split first. What changes only pages or page tables (madvise, COW)\n"
		"calls nothing. The mapping here is VM_DONTEXPAND, as most drivers' are: it\n"
		"cannot grow or merge, which is why the kernels agree as far as they do.",
	.look =
		"The half that ->open is given: an unmap gives the doomed one until 6.5, a\n"
		"survivor since 6.6, while mprotect and madvise always give the part outside.",
	.next = "mmscope run hooks -v shows the records; mmscope run veto refuses splits.",
	.see = "partial-munmap, merge, veto",
	.rules = { &rule_unmap_split, &rule_move_many, &rule_dofork, &rule_mseal },
	.device = true,
	.terse = true,
	.run = run,
};
