// SPDX-License-Identifier: GPL-2.0
/*
 * Is the heap one VMA?
 */
#include <sys/resource.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define PAGES	16

static void count_heap(const struct proc_map *map, void *arg)
{
	struct proc_map *heap = arg;

	if (map->start < heap->end && map->end > heap->start)
		heap->offset++;
}

/* VMAs between an address and the end of the heap. */
static long pieces(char *start)
{
	struct proc_map heap = { .start = (size_t)start, .end = (size_t)sbrk(0) };

	proc_maps(0, count_heap, &heap);
	return heap.offset;
}

static char *start;

static void growing(void)
{
	STEP("sbrk(%d pages)", PAGES) {
		expect("pieces 1");
		ACT(sbrk(len(PAGES)));
		see("pieces", pieces(start));
	}
	STEP("sbrk(%d pages), 4 times", PAGES) {
		expect("pieces 1, process vmas +0, process size +%zu KiB", len(4 * PAGES) >> 10);
		note("do_brk_flags() extends the VMA that ends there.");
		for (int i = 0; i < 4; i++)
			ACT(sbrk(len(PAGES)));
		see("pieces", pieces(start));
	}
}

static void differing(void)
{
	char *last = (char *)sbrk(0) - len(1);

	STEP("mprotect: the last page read-only") {
		expect("pieces 2, process vmas +1");
		ACT(mprotect(last, len(1), PROT_READ));
		see("pieces", pieces(start));
	}
	STEP("sbrk(%d pages)", PAGES) {
		expect("pieces 3, process vmas +1");
		note("A heap is readable and writable; its neighbour is not. A new VMA.");
		ACT(sbrk(len(PAGES)));
		see("pieces", pieces(start));
	}
	STEP("mprotect: that page writable again") {
		expect("pieces 1, process vmas -2");
		note("Now all three are alike, and become one.");
		ACT(mprotect(last, len(1), PROT_READ | PROT_WRITE));
		see("pieces", pieces(start));
	}
	last = (char *)sbrk(0) - len(1);
	STEP("madvise: no fork for the last page; sbrk") {
		expect("pieces 3, process vmas +2");
		note("Any flag that differs does it, here VM_DONTCOPY.");
		ACT(madvise(last, len(1), MADV_DONTFORK));
		ACT(sbrk(len(PAGES)));
		see("pieces", pieces(start));
	}
	STEP("sbrk(back), across them") {
		expect("process size -%zu KiB, process vmas -2, pieces 1", len(PAGES + 1) >> 10);
		note("Going back is a munmap(2): it does not care how many there are.");
		ACT(brk(last));
		see("pieces", pieces(start));
	}
}

static void limited(void)
{
	long data = proc_status("VmData:") * 1024;
	struct rlimit limit = { data + MIB(1), data + MIB(1) };

	STEP("a child limits its data to %ld MiB more", 1L) {
		expect("first 1, second 0, errno ENOMEM");
		note("RLIMIT_DATA counts all private writable memory since 4.7, not only the "
		     "heap: may_expand_vm() in mm/mmap.c or vma.c.");
		CHILD {
			setrlimit(RLIMIT_DATA, &limit);
			see("first", ACT(sbrk(KIB(512))) != (void *)-1);
			see("second", ACT(sbrk(KIB(768))) != (void *)-1);
		}
	}
}

static void run(void)
{
	start = sbrk(0);
	growing();
	differing();
	limited();
}

const struct experiment exp_brk_merge = {
	.name = "brk-merge",
	.question = "Is the heap one VMA?",
	.textbook =
		"The heap is one area; brk() moves its end.",
	.kernel =
		"Usually it is. do_brk_flags() (mm/vma.c, before 6.14 mm/mmap.c) extends the\n"
		"VMA that ends at the old break if that has the flags a heap has (readable,\n"
		"writable, private, anonymous); else it makes a new one, without an error.\n"
		"Since 6.1 that is a change of one entry of the maple tree; before it was a\n"
		"list and a red-black tree. Nobody keeps the pieces together: the heap is just\n"
		"whatever lies between start_brk and brk, and a brk(2) that goes back unmaps\n"
		"across all of them.",
	.look = "pieces: VMAs in /proc/self/maps between the heap's old and its new end.",
	.next = "mmscope run merge: the same for mmap(2), with more reasons not to merge.",
	.see = "brk-demo, merge, heap-wall",
	.words = "pieces: VMAs of what was added to the heap; process vmas, size: all of them",
	.run = run,
};
