// SPDX-License-Identifier: GPL-2.0
/*
 * How fast is a region found among thousands?
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

#define LEAF	16	/* ranges in a leaf, MAPLE_RANGE64_SLOTS */
#define NODE	10	/* children of a node above, MAPLE_ARANGE64_SLOTS */
#define LOOKUPS	300
#define BATCHES	9
#define SPARE	200	/* regions that the rest may need */

/* ns for a thousand: with DEBUG_VM_MAPLE_TREE, where ten thousand take a hundred times as much */
#define TOO_LONG	1000000000ULL

static bool kernel;
static char *window;

/* Levels of a tree, when its nodes are so full. */
static int levels(size_t ranges, size_t leaf, size_t node)
{
	size_t nodes = (ranges + leaf - 1) / leaf;
	int n = 1;

	for (; nodes > 1; n++)
		nodes = (nodes + node - 1) / node;
	return n;
}

/* It is in the flags of the tree: MT_FLAGS_HEIGHT_MASK. */
static long height(void)
{
	__u64 mm = kcore_member(kcore_task(getpid()), "task_struct", "mm");
	unsigned int flags = 0;

	if (mm)
		kcore_read(mm + kcore_offset("mm_struct", "mm_mt") +
			   kcore_offset("maple_tree", "ma_flags"), &flags, sizeof(flags));
	return flags >> 2 & 31;
}

static __u64 made_in;	/* ns that the last regions took */

/* Neighbours with other rights cannot merge: each page a region. */
static void make(size_t from, size_t to)
{
	__u64 start = time_now();

	syscall_begin();
	for (size_t i = from | 1; i < to; i += 2)
		mprotect(window + len(i), len(1), PROT_READ);
	syscall_end(0);
	made_in = time_now() - start;
}

static unsigned int random_number(void)
{
	static unsigned int x = 1;

	x = x * 1664525 + 1013904223;
	return x >> 8;
}

/* ns of a call that looks up a region, the best of some batches. */
static long lookup(size_t n)
{
	long best = 0;

	for (int i = 0; i < BATCHES; i++) {
		unsigned char there;
		__u64 start = time_now();
		long ns;

		for (int j = 0; j < LOOKUPS; j++)
			mincore(window + len(random_number() % n), len(1), &there);
		ns = (time_now() - start) / LOOKUPS;
		best = !best || ns < best ? ns : best;
	}
	return best;
}

static long first_time;
static size_t first_ranges;

static void grow(size_t from, size_t n)
{
	size_t ranges = proc_count(NULL) + n - from;
	long last;
	int least = levels(ranges, LEAF, NODE);
	int most = levels(ranges + SPARE, LEAF / 2 - 1, NODE / 2 - 1);

	STEP("%zu regions more, and %d lookups", n - from, LOOKUPS * BATCHES) {
		expect("process vmas +%zu", n - from);
		if (kernel)
			expect("height of the tree %d..%d", least, most);
		if (first_time) {
			expect("a lookup 0..3000 %% of the first");
			note("A list would take %zu %%.", ranges * 100 / first_ranges);
		}
		make(from, n);
		if (kernel)
			see("height of the tree", height());
		last = lookup(n);
		if (first_time)
			see("a lookup", last * 100 / first_time);
		else
			first_ranges = ranges;
		first_time = first_time ? first_time : last;
		draw("%6zu regions: a list needs %zu steps, a binary tree %d, this one %d to %d",
		     ranges, ranges / 2, levels(ranges, 1, 2), least, most);
		draw("mincore(2) of one page: %ld ns, most of it for the call itself", last);
	}
}

static void run(void)
{
	long most = proc_field("/proc/sys/vm/max_map_count", "");
	size_t n = param("pages"), room = most - proc_count(NULL) - SPARE;

	if (n > room)
		n = room;
	window = mmap(NULL, len(n + 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		      MAP_NORESERVE, -1, 0);
	if (window == MAP_FAILED)
		skip("no room for %zu pages: ulimit -v unlimited", n);
	kernel = kcore_open();
	if (!kernel)
		leave_out("the tree itself: %s", kcore_why());
	grow(0, 10);
	grow(10, 1000);
	if (made_in < TOO_LONG)
		grow(1000, n);
	else
		leave_out("%zu regions: this kernel looks at all of them at each change", n);
	munmap(window, len(n + 1));
}

const struct experiment exp_maple = {
	.name = "maple",
	.question = "How fast is a region found among thousands?",
	.textbook =
		"Regions are in a list, and, for those who search, in a red-black tree (before\n"
		"2.4.10 an AVL tree): 16 steps for 60 000.",
	.kernel =
		"Since 6.1 both are one: the maple tree (lib/maple_tree.c), a B-tree of ranges.\n"
		"A leaf has up to 16, a node above up to 10 children and the largest gap below\n"
		"each, so that mmap() finds a hole on the same way. A node is 256 bytes, four\n"
		"cache lines: fewer of them are read than of a binary tree. Nodes are\n"
		"replaced, not changed, where readers could see it: page faults look up their\n"
		"VMA under RCU, without a lock (lock_vma_under_rcu(), 6.4).\n"
		"\n"
		"vm.max_map_count is the limit (65530; more in some distributions), and was\n"
		"not chosen for the tree: an ELF core dump could count no more.",
	.look = "The height beside the number of regions, and that a lookup hardly costs more.",
	.next =
		"--pages 1000000, with vm.max_map_count as high; grep maple_node /proc/slabinfo:\n"
		"what the trees cost.",
	.see = "vma-walk, mm-dump, merge",
	.words = "height: levels of nodes, by /proc/kcore; a lookup: time of mincore(2)",
	.params = { { "pages", "regions of one page each", 60000, 2000, 1000000 } },
	.run = run,
};
