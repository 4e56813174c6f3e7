// SPDX-License-Identifier: GPL-2.0
/*
 * How does a driver show kernel memory to a program, and what keeps it inside?
 */
#include "lab/experiment.h"

static void by_fault(void)
{
	struct region *m;

	STEP("mmap a kernel buffer of 16 pages") {
		expect("mmap 0-15, shared rw-");
		expect("space 16, rss 0");
		m = MAP(.pages = 16, .backing = MMSCOPE_VMALLOC);
	}
	STEP("read 0-15") {
		expect("fault read 0-15 by user");
		expect("text mmscope vmalloc page 15");
		expect("rss 16, minor 16");
		note("The kernel wrote that text: a fault a page, vmalloc_to_page(), get_page().");
		read_pages(m, 0, 15);
	}
	STEP("write page 3, map again, read it") {
		expect("mmap 0-15, shared rw-");
		expect("fault read 3 by user");
		expect("byte 1");
		write_pages(m, 3, 3);
		read_pages(MAP(.pages = 16, .file = m), 3, 3);
	}
	drop_all();
}

static void at_once(void)
{
	struct region *m;

	STEP("the same, all pages in ->mmap") {
		expect("mmap 0-15, shared rw-, 16 at once");
		expect("space 16, rss 16");
		m = MAP(.pages = 16, .backing = MMSCOPE_VMALLOC, .flags = MMSCOPE_EAGER);
	}
	STEP("read 0-15") {
		expect("text mmscope vmalloc page 15");
		expect("minor 0");
		note("No fault, as with remap_vmalloc_range().");
		read_pages(m, 0, 15);
	}
	drop(m);
}

static void past_the_end(void)
{
	struct region *m;

	STEP("mmap 20 pages of the 16") {
		expect("errno EINVAL, space 0");
		drop(MAP(.pages = 20, .store = 16, .backing = MMSCOPE_VMALLOC));
	}
	m = MAP(.pages = 16, .room = 20, .backing = MMSCOPE_VMALLOC, .flags = MMSCOPE_GROWABLE);
	STEP("a driver that forgot VM_DONTEXPAND") {
		expect("vmas 1, space 20, errno none");
		note("mremap grows the mapping past the buffer, and no hook is called.");
		ACT(mremap(at(m, 0), len(16), len(20), 0));
	}
	STEP("read page 15") {
		expect("fault read 15 by user");
		expect("text mmscope vmalloc page 15");
		read_pages(m, 15, 15);
	}
	STEP("read page 16") {
		expect("fault read 16 by user, SIGBUS");
		expect("signal SIGBUS ADRERR");
		note("->fault must check the page's number itself, each time (CVE-2008-0007).");
		read_pages(m, 16, 16);
	}
	drop(m);
}

static void run(void)
{
	by_fault();
	at_once();
	past_the_end();
}

const struct experiment exp_vmalloc_map = {
	.name = "vmalloc-map",
	.question = "How does a driver show kernel memory, and keep it in bounds?",
	.textbook = "With nopage(), or with remap_pfn_range().",
	.kernel =
		"->fault took nopage()'s place in 2.6.23. It returns a vm_fault_t and leaves the\n"
		"page in vmf->page with a reference of its own, here by vmalloc_to_page();\n"
		"or ->mmap maps all at once (remap_vmalloc_range(), vm_insert_page()). ->mmap\n"
		"checks offset and length; but mremap can grow a mapping later, and no hook is\n"
		"called for that, unless VM_DONTEXPAND forbids it. So ->fault checks too.",
	.look = "The text, written by the kernel; faults, or none; SIGBUS behind the end.",
	.next = "Read the text with read(2) on /proc/PID/mem: mmscope run remote.",
	.see = "sigbus, merge, remote",
	.device = true,
	.run = run,
};
