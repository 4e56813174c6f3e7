// SPDX-License-Identifier: GPL-2.0
/*
 * When do neighbouring VMAs become one?
 */
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif

#define RW	(PROT_READ | PROT_WRITE)

static void promise(struct region *m, size_t page, size_t pages, int prot, int kind)
{
	ACT(mmap(at(m, page), len(pages), prot, kind | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static void alike(void)
{
	struct region *m = reserve(16, "m");

	STEP("anonymous: 16 mmaps of a page each") {
		expect("vmas 1, space 16");
		for (size_t i = 0; i < 16; i++)
			promise(m, i, 1, RW, MAP_PRIVATE);
	}
	STEP("munmap every second page") {
		expect("vmas 8, space 8");
		for (size_t i = 0; i < 16; i += 2)
			ACT(munmap(at(m, i), len(1)));
	}
	STEP("mmap them again") {
		expect("vmas 1, space 16");
		for (size_t i = 0; i < 16; i += 2)
			promise(m, i, 1, RW, MAP_PRIVATE);
	}
	STEP("mprotect 4-7 to read only") {
		expect("vmas 3");
		ACT(mprotect(at(m, 4), len(4), PROT_READ));
	}
	STEP("mprotect them back") {
		expect("vmas 1");
		ACT(mprotect(at(m, 4), len(4), RW));
	}
	drop(m);
}

static void unlike(void)
{
	struct region *m = reserve(16, "m");

	STEP("0-3 rw-, 4-7 r--") {
		expect("vmas 2");
		promise(m, 0, 4, RW, MAP_PRIVATE);
		promise(m, 4, 4, PROT_READ, MAP_PRIVATE);
	}
	STEP("8-11 shared, 12-15 shared") {
		expect("vmas 4");
		note("Shared anonymous memory is a file in secret, each mmap its own.");
		promise(m, 8, 4, RW, MAP_SHARED);
		promise(m, 12, 4, RW, MAP_SHARED);
	}
	drop(m);
	m = reserve(16, "m");
	STEP("0-3 and 8-11, both written, then 4-7") {
		expect("vmas 2, space 12");
		note("What was written apart has its own reverse map (anon_vma): the gap joins "
		     "one side, and the two do not become one.");
		promise(m, 0, 4, RW, MAP_PRIVATE);
		write_pages(m, 0, 0);
		promise(m, 8, 4, RW, MAP_PRIVATE);
		write_pages(m, 8, 8);
		promise(m, 4, 4, RW, MAP_PRIVATE);
	}
	drop(m);
}

static void of_file(int fd)
{
	struct region *m = reserve(16, "m");

	STEP("a file: its pages 0-3, and 4-7 behind") {
		expect("vmas 1, space 8");
		for (size_t page = 0; page < 8; page += 4)
			ACT(mmap(at(m, page), len(4), RW, MAP_SHARED | MAP_FIXED, fd, len(page)));
	}
	STEP("behind that: its pages 4-7 once more") {
		expect("vmas 2, space 12");
		note("Neighbours in memory, not in the file: of a VMA vm_pgoff is where it "
		     "begins there, and all its pages follow.");
		ACT(mmap(at(m, 8), len(4), RW, MAP_SHARED | MAP_FIXED, fd, len(4)));
	}
	drop(m);
}

static void marked(void)
{
	struct region *m = reserve(16, "m");

	promise(m, 0, 8, RW, MAP_PRIVATE);
	STEP("madvise 4-7: not for children") {
		expect("vmas 2, space 8");
		note("Advice that is kept is a flag of the VMA (VM_DONTCOPY), as rights are.");
		ACT(madvise(at(m, 4), len(4), MADV_DONTFORK));
	}
	STEP("madvise 4-7: for children") {
		expect("vmas 1");
		ACT(madvise(at(m, 4), len(4), MADV_DOFORK));
	}
	drop(m);
}

static long call(struct region *m, size_t page, const char *name)
{
	return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at(m, page), len(4), name);
}

static void named(void)
{
	struct region *m = reserve(16, "m");

	promise(m, 0, 8, RW, MAP_PRIVATE);
	if (call(m, 0, NULL)) {
		leave_out("names: this kernel has none (CONFIG_ANON_VMA_NAME)");
		drop(m);
		return;
	}
	STEP("prctl: 4-7 are called \"heap\"") {
		expect("vmas 2, space 8");
		note("A name is compared as flags are: PR_SET_VMA_ANON_NAME (5.17).");
		ACT(call(m, 4, "heap"));
	}
	STEP("0-3 are called the same") {
		expect("vmas 1, space 8");
		ACT(call(m, 0, "heap"));
	}
	STEP("mmap 8-11 behind them, without a name") {
		expect("vmas 2, space 12");
		promise(m, 8, 4, RW, MAP_PRIVATE);
	}
	STEP("0-7 lose their name") {
		expect("vmas 1, space 12");
		ACT(call(m, 0, NULL));
		ACT(call(m, 4, NULL));
	}
	drop(m);
}

/* How many VMAs a mapping behind one that was written makes. */
static void behind(struct region *m, size_t page)
{
	long before = proc_count(NULL);

	promise(m, page, 4, RW, MAP_PRIVATE);
	see("VMAs more", proc_count(NULL) - before);
}

static void inherited(void)
{
	struct region *m = reserve(16, "m");

	promise(m, 0, 4, RW, MAP_PRIVATE);
	write_pages(m, 0, 0);
	STEP("0-3 written, 4-7 behind it") {
		expect("VMAs more 0");
		behind(m, 4);
	}
	STEP("a child maps 8-11 behind its copy") {
		expect("VMAs more 1");
		note("The child's VMA was written before fork(): its reverse map leads to the "
		     "parent's, too, and what is new shall not come there.");
		CHILD {
			behind(m, 8);
		}
	}
	drop(m);
}

static struct region *neighbours(unsigned long long flags)
{
	return MAP(.pages = 4, .room = 8, .store = 16, .flags = flags);
}

static void second_half(struct region *m)
{
	ACT(mmap(at(m, 4), len(4), RW, MAP_SHARED | MAP_FIXED_NOREPLACE, m->fd, len(4)));
}

static void drivers(void)
{
	struct region *m = neighbours(0);

	STEP("device: 0-3 is there, mmap 4-7") {
		expect("mmap 4-7, shared rw-");
		expect("vmas 2, space 8");
		note("One file, adjacent pages, but VM_DONTEXPAND: such a VMA never merges.");
		second_half(m);
	}
	drop(m);
	m = neighbours(MMSCOPE_GROWABLE);
	STEP("the same without VM_DONTEXPAND") {
		expect_since(&rule_merge_close, "vmas 1, space 8", "mmap 4-7, shared rw-");
		expect_since(&rule_merge_close, "hooks none", "vmas 2, space 8");
		second_half(m);
	}
	STEP("munmap both") {
		expect_since(&rule_merge_close, "unmap 0-7 by munmap", "unmap 0-3 by munmap");
		expect_since(&rule_merge_close, NULL, "unmap 4-7 by munmap");
		expect("vmas 0");
		ACT(munmap(at(m, 0), len(8)));
	}
	drop(m);
}

static void boundary(void)
{
	struct region *m = MAP(.pages = 16, .flags = MMSCOPE_GROWABLE);

	STEP("without VM_DONTEXPAND: mprotect 0-7") {
		expect("mprotect 0-7 r--");
		expect("split at 8");
		expect("vmas 2");
		ACT(mprotect(at(m, 0), len(8), PROT_READ));
	}
	STEP("mprotect 8-11 the same") {
		expect("mprotect 8-11 r--");
		expect_since(&rule_merge_close, "vmas 2", "split at 12");
		expect_since(&rule_merge_close, NULL, "vmas 3");
		ACT(mprotect(at(m, 8), len(4), PROT_READ));
	}
	drop(m);
}

static void anonymous(void)
{
	alike();
	unlike();
	marked();
	named();
	inherited();
}

static void files(void)
{
	int fd = memfd_create("merge", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, len(8)))
		skip("memfd_create(2): %s", strerror(errno));
	of_file(fd);
	close(fd);
}

static void of_driver(void)
{
	drivers();
	boundary();
}

const struct experiment exp_merge = {
	.name = "merge",
	.question = "When do neighbouring VMAs become one?",
	.textbook = "Adjacent memory areas with the same rights are merged.",
	.kernel =
		"can_vma_merge_after() and can_vma_merge_before() want the same file at\n"
		"adjacent offsets, the same flags, policy and name, no flag that makes a VMA\n"
		"special, and anonymous memory that one reverse map can serve, which is not one\n"
		"inherited at a fork. Names (prctl(2), PR_SET_VMA_ANON_NAME, 5.17) exist where\n"
		"the kernel was built with CONFIG_ANON_VMA_NAME; Debian's is not.\n"
		"\n"
		"A ->close hook forbade all merging until 6.3; since 6.4 it forbids only that a\n"
		"VMA vanishes: another may grow over the range, and a boundary may shift\n"
		"between two, with no hook called. A driver that keeps accounts by VMA sets\n"
		"VM_DONTEXPAND.",
	.look = "vmas after each step; and, on the device, how many records a merge leaves.",
	.next = "echo 10 > /proc/sys/vm/max_map_count in a VM, and unmap every second page.",
	.see = "mprotect, hooks, vmalloc-map",
	.rules = { &rule_merge_close },
	.parts = {
		{ .title = "anonymous memory", .run = anonymous },
		{ .title = "a file", .run = files },
		{ .title = "a driver's mapping", .run = of_driver, .device = true },
	},
};
