// SPDX-License-Identifier: GPL-2.0
/*
 * Can a driver keep its mapping whole?
 */
#include "lab/experiment.h"

#define RW	(PROT_READ | PROT_WRITE)

static void parts(struct region *m)
{
	STEP("munmap 4-7") {
		expect("may_split 4, refused");
		expect("errno EINVAL, vmas 1, space 16");
		ACT(munmap(at(m, 4), len(4)));
	}
	STEP("mprotect 4-7") {
		expect("mprotect 4-7 r--");
		expect("may_split 4, refused");
		expect("errno EINVAL, vmas 1");
		note("->mprotect is asked first: it must not believe that the change happens.");
		ACT(mprotect(at(m, 4), len(4), PROT_READ));
	}
	STEP("MADV_SEQUENTIAL 4-7") {
		expect("may_split 4, refused");
		expect("errno EINVAL, vmas 1");
		ACT(madvise(at(m, 4), len(4), MADV_SEQUENTIAL));
	}
	STEP("mremap 4-7 elsewhere") {
		expect("may_split 4, refused");
		expect("errno EINVAL, vmas 1");
		ACT(mremap(at(m, 4), len(4), len(4), MREMAP_MAYMOVE | MREMAP_FIXED,
			   at(reserve(4, NULL), 0)));
	}
	STEP("MAP_FIXED over 4-7") {
		expect("may_split 4, refused");
		expect_since(&rule_fixed_errno, "errno EINVAL", "errno ENOMEM");
		expect("vmas 1, space 16");
		ACT(mmap(at(m, 4), len(4), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	}
}

static void the_whole(struct region *m)
{
	STEP("MADV_DONTNEED 4-7") {
		expect("errno none, vmas 1, rss 12");
		note("Pages are no VMAs: nobody asks.");
		ACT(madvise(at(m, 4), len(4), MADV_DONTNEED));
	}
	STEP("mprotect 0-15") {
		expect("mprotect 0-15 r--");
		expect("errno none, vmas 1");
		ACT(mprotect(at(m, 0), len(16), PROT_READ));
	}
	STEP("munmap 0-15") {
		expect("unmap 0-15 by munmap, 16 given back");
		expect("errno none, vmas 0");
		ACT(munmap(at(m, 0), len(16)));
	}
}

static void run(void)
{
	struct region *m;

	STEP("mmap 16 pages, write them") {
		expect("mmap 0-15, shared rw-");
		expect("fault write 0-15 by user");
		expect("vmas 1, rss 16");
		m = MAP(.pages = 16, .flags = MMSCOPE_VETO);
		write_pages(m, 0, 15);
	}
	parts(m);
	the_whole(m);
	drop(m);
}

const struct experiment exp_veto = {
	.name = "veto",
	.question = "Can a driver keep its mapping whole?",
	.textbook = "A driver must cope with parts of its mapping being unmapped.",
	.kernel =
		"->may_split is asked before every split (__split_vma()); an error goes to the\n"
		"caller: munmap, mprotect, madvise, mremap, MAP_FIXED of a part all fail with\n"
		"it. perf's and the tracing ring buffers do that by now. It cannot forbid what\n"
		"needs no split: the whole mapping, and all that changes only pages.",
	.look = "errno and vmas 1 on every attempt, until the whole is meant.",
	.next = "perf record, and munmap a part of its ring buffer.",
	.see = "hooks, partial-munmap",
	.rules = { &rule_fixed_errno },
	.device = true,
	.run = run,
};
