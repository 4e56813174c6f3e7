// SPDX-License-Identifier: GPL-2.0
/*
 * How are a process's regions kept, and what is always true of them?
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

/* linux/fs.h of 6.11 */
struct query {
	__u64 size;
	__u64 flags;
	__u64 address;
	__u64 start;
	__u64 end;
	__u64 vma_flags;
	__u64 page_size;
	__u64 offset;
	__u64 inode;
	__u32 major;
	__u32 minor;
	__u32 name_size;
	__u32 build_id_size;
	__u64 name;
	__u64 build_id;
};

#define QUERY		_IOWR('f', 17, struct query)
#define COVERING_OR_NEXT	0x10

static const struct rule rule_query = {
	.since = KERNEL(6, 11),
	.now = "PROCMAP_QUERY asks for one VMA by an address, without text",
	.before = "there is no PROCMAP_QUERY: ENOTTY",
	.where = "do_procmap_query(), fs/proc/task_mmu.c",
};

/**
 * struct walk - what was found on the way through /proc/self/maps
 * @n: VMAs
 * @unsorted: that begin before the one in front of them ends
 * @odd: that do not begin and end at a page
 * @bytes: their sum, without what is in the kernel's half
 * @last: where the last one ended
 * @page: wanted
 * @before: VMAs below the one that has @page
 */
struct walk {
	long n;
	long unsorted;
	long odd;
	long bytes;
	__u64 last;
	__u64 page;
	long before;
};

static void look(const struct proc_map *map, void *arg)
{
	struct walk *walk = arg;

	walk->unsorted += map->start < walk->last;
	walk->odd += map->start % len(1) || map->end % len(1);
	walk->n++;
	walk->last = map->end;
	walk->before += map->end <= walk->page;
	if (map->start >> 63 == 0)
		walk->bytes += map->end - map->start;
}

static struct walk walk(const void *page)
{
	struct walk walk = { .page = (uintptr_t)page };

	proc_maps(0, look, &walk);
	return walk;
}

static void rules(void)
{
	struct walk w;

	STEP("walk /proc/self/maps") {
		expect("unsorted 0, odd 0");
		expect("size wrong by 0 bytes");
		note("Sorted, without overlaps, in whole pages; together they are VmSize.");
		syscall_begin();
		w = walk(NULL);
		syscall_end(w.n);
		see("unsorted", w.unsorted);
		see("odd", w.odd);
		see("size wrong by", w.bytes - proc_status("VmSize:") * 1024);
	}
}

static void insert(void)
{
	struct region *m = reserve(3, NULL);
	struct walk w;

	STEP("map two pages with a gap between") {
		expect("process vmas +2, vmas 2, unsorted 0");
		for (int i = 0; i <= 2; i += 2)
			ACT(mmap(at(m, i), len(1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
				 MAP_FIXED, -1, 0));
		see("unsorted", walk(NULL).unsorted);
	}
	w = walk(at(m, 2));
	STEP("map the gap, with other rights") {
		expect("process vmas +1, vmas 3, below the upper page +1");
		note("Each lookup and insert goes down a tree, not along a list.");
		ACT(mmap(at(m, 1), len(1), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0));
		see("below the upper page", walk(at(m, 2)).before - w.before);
	}
	STEP("give it the same rights") {
		expect("process vmas -2, vmas 1");
		note("Neighbours that are alike are one region.");
		ACT(mprotect(at(m, 1), len(1), PROT_READ));
	}
	drop(m);
}

/**
 * struct compare - the same by ioctl
 * @fd: of /proc/self/maps
 * @at: where to ask next
 * @n: VMAs found
 * @different: with other limits than the text has
 */
struct compare {
	int fd;
	__u64 at;
	long n;
	long different;
};

static void ask(const struct proc_map *map, void *arg)
{
	struct compare *c = arg;
	struct query q = { .size = sizeof(q), .flags = COVERING_OR_NEXT, .address = c->at };

	if (map->start >> 63 || ioctl(c->fd, QUERY, &q))
		return;
	c->n++;
	c->different += q.start != map->start || q.end != map->end;
	c->at = q.end;
}

static void other_witness(void)
{
	struct compare c = { .fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC) };
	char all[48];

	proc_maps(0, ask, &c);
	c = (struct compare){ .fd = c.fd };
	snprintf(all, sizeof(all), "asked %ld, different 0",
		 walk(NULL).n - proc_count("[vsyscall]"));
	STEP("the same by PROCMAP_QUERY") {
		expect_since(&rule_query, all, "asked 0, different 0");
		syscall_begin();
		proc_maps(0, ask, &c);
		syscall_end(0);
		see("asked", c.n);
		see("different", c.different);
	}
	close(c.fd);
}

static void run(void)
{
	rules();
	insert();
	other_witness();
}

const struct experiment exp_vma_walk = {
	.name = "vma-walk",
	.question = "How are regions kept, and what is always true of them?",
	.textbook =
		"mm_struct has a linked list of vm_area_structs (mmap, vm_next), sorted by\n"
		"address, a red-black tree of the same (mm_rb), and the last one found\n"
		"(mmap_cache).",
	.kernel =
		"List, red-black tree and cache went in 6.1: struct maple_tree mm_mt in struct\n"
		"mm_struct (include/linux/mm_types.h) holds all of them, in nodes of up to 16\n"
		"ranges that readers walk under RCU; the next VMA is found in the tree\n"
		"(vma_next(), struct vma_iterator). What the list guaranteed stays true: VMAs\n"
		"are sorted, do not overlap, and are whole pages. Since 6.4 each has a lock of\n"
		"its own, so that faults need not take mmap_lock (vm_lock; vm_refcnt since\n"
		"6.15).\n"
		"\n"
		"/proc/PID/maps is a walk through the tree (m_start() and m_next() in\n"
		"fs/proc/task_mmu.c).",
	.look = "What is wrong is counted, and is 0; what a new mapping adds is 1, or less.",
	.next = "mmscope run merge: when do neighbours become one?",
	.see = "merge, mm-dump, segments",
	.rules = { &rule_query },
	.words = "unsorted, odd: VMAs that break the rule; vmas: in the experiment's own addresses",
	.terse = true,
	.run = run,
};
