// SPDX-License-Identifier: GPL-2.0
/*
 * Are the kernel's own allocations in a row, in physical memory?
 */
#include <linux/kernel-page-flags.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

#define MOST		64
#define MAGIC		0x57ac6e9d	/* STACK_END_MAGIC, at the lowest word of a stack */

static __u64 task, stack, frames[MOST];

/* Looks up the pages of an object of the kernel; how many pieces they are in. */
static long pieces(__u64 address, size_t pages)
{
	long n = 1;

	for (size_t i = 0; i < pages; i++)
		frames[i] = kcore_physical(address + len(i)) / len(1);
	for (size_t i = 1; i < pages; i++)
		n += frames[i] != frames[i - 1] + 1;
	return n;
}

static void draw_frames(__u64 address, size_t pages)
{
	for (size_t i = 0; i < pages && i < 6; i++)
		draw("%#llx  frame %#llx", address + len(i), frames[i]);
}

static bool is_direct(__u64 address)
{
	return kcore_direct(kcore_physical(address)) == address;
}

static const char *kind(__u64 frame)
{
	return proc_kpage("kpageflags", frame) & 1ULL << KPF_SLAB ? "slab" : "other";
}

static size_t pages_of(__u64 address, size_t size)
{
	return (address % len(1) + size + len(1) - 1) / len(1);
}

static void object(void)
{
	size_t size = kcore_sizeof("task_struct");
	__u64 page = task / len(1) * len(1);

	STEP("look up the task_struct of this process") {
		expect("address in the direct map, pages of slab");
		expect("pieces 1");
		note("kmem_cache_alloc() and kmalloc() cut objects out of slabs; a slab is a block "
		     "of the buddy allocator, in a row. The address is that of the kernel's map "
		     "of all RAM, at an offset.");
		syscall_begin();
		syscall_end(0);
		see_text("address", "in %s", is_direct(page) ? "the direct map" : "vmalloc space");
		see("pieces", pieces(page, pages_of(task, size)));
		see_text("pages", "of %s", kind(frames[0]));
		draw("%zu bytes, at %#llx", size, task);
		draw_frames(page, pages_of(task, size));
	}
}

/* Pages of the stack, without the hole behind it, which is counted as well. */
static size_t stack_pages(void)
{
	__u64 area = kcore_member(task, "task_struct", "stack_vm_area");
	size_t pages = kcore_member(area, "vm_struct", "size") / len(1);

	return !pages ? 0 : pages - 1 < MOST ? pages - 1 : MOST;
}

static unsigned int word_at(__u64 address)
{
	unsigned int word = 0;

	kcore_read(address, &word, sizeof(word));
	return word;
}

static void stacks(void)
{
	size_t pages = stack_pages(), mapped = 0;

	if (!pages) {
		leave_out("a kernel stack: they are not vmalloc()ed here (CONFIG_VMAP_STACK)");
		return;
	}
	STEP("look up its kernel stack, %zu pages", pages) {
		expect("address in vmalloc space, pieces 1..%zu", pages);
		expect("pages mapped %zu, page below it not mapped", pages);
		note("vmalloc() takes single pages from anywhere and maps them in a row, with a "
		     "hole in front: a stack that runs over is caught at once.");
		syscall_begin();
		syscall_end(0);
		see_text("address", "in %s", is_direct(stack) ? "the direct map" : "vmalloc space");
		see("pieces", pieces(stack, pages));
		see_text("page below it", "%s", kcore_physical(stack - len(1)) ? "mapped" :
			 "not mapped");
		for (size_t i = 0; i < pages; i++)
			mapped += frames[i] != 0;
		see("pages mapped", mapped);
		draw_frames(stack, pages);
	}
	STEP("read its lowest word by both its addresses") {
		expect("by vmalloc's %u, by the direct map's %u", MAGIC, MAGIC);
		note("Each frame is in the direct map, too: a vmalloc()ed page has two addresses. "
		     "%#x is the kernel's mark at the end of each stack.", MAGIC);
		syscall_begin();
		syscall_end(0);
		see("by vmalloc's", word_at(stack));
		see("by the direct map's", word_at(kcore_direct(kcore_physical(stack))));
	}
}

static void kernel(void)
{
	if (!kcore_open())
		skip("objects of the kernel are looked up there: %s", kcore_why());
	task = kcore_task(getpid());
	stack = kcore_member(task, "task_struct", "stack");
	if (!task || !stack)
		skip("this process is not in the kernel's list, as /proc/kcore shows it");
	object();
	stacks();
}

static void buffer(void)
{
	struct region *m;
	long n = 1;

	if (!proc_frame(&n)) {
		leave_out("frames of a driver's buffer: be root");
		return;
	}
	STEP("mmap a driver's vmalloc()ed buffer of %d pages", MOST) {
		expect("mmap 0-%d, shared rw-, %d at once", MOST - 1, MOST);
		expect("rss %d, pieces 1..%d", MOST, MOST);
		note("To the program it is in a row, as it is to the kernel: each has page tables "
		     "of its own for that. A device without an IOMMU would not see it so.");
		m = MAP(.pages = MOST, .backing = MMSCOPE_VMALLOC, .flags = MMSCOPE_EAGER);
		for (size_t i = 0; i < MOST; i++)
			frames[i] = proc_frame(at(m, i));
		for (size_t i = 1; i < MOST; i++)
			n += frames[i] != frames[i - 1] + 1;
		see("pieces", n);
		draw_frames((unsigned long)m->at, MOST);
	}
	drop(m);
}

const struct experiment exp_kalloc = {
	.name = "kalloc",
	.question = "Are the kernel's own allocations in a row in memory?",
	.textbook =
		"kmalloc() and get_free_pages() give contiguous physical memory, vmalloc()\n"
		"gives what is contiguous only in virtual addresses.",
	.kernel =
		"That holds. kmalloc() (mm/slub.c) cuts objects from slabs, above 8 KiB it asks\n"
		"the buddy allocator itself; both are used by their address in the direct map\n"
		"(__va(), page_offset_base), no page table is touched. __vmalloc_node_range()\n"
		"in mm/vmalloc.c takes single pages (in bulk since 5.13, in larger blocks\n"
		"where that is possible) and maps them in the kernel's page tables. That they\n"
		"are scattered is likely after some uptime, not certain. kvmalloc() tries the\n"
		"first way, and takes the second if it fails.\n"
		"\n"
		"Since 4.9 kernel stacks are vmalloc()ed (CONFIG_VMAP_STACK), so DMA to a\n"
		"variable on the stack, never allowed, does not work any more.",
	.look = "pieces: in how many runs of neighbours the frames are.",
	.next = "sudo cat /proc/vmallocinfo; slabtop: what takes how much.",
	.see = "buddy, vmalloc-map, pages",
	.words = "pieces: runs of frames that are neighbours, by the kernel's page tables",
	.parts = {
		{ .title = "what the kernel has of this process", .run = kernel },
		{ .title = "a driver's buffer", .run = buffer, .device = true },
	},
};
