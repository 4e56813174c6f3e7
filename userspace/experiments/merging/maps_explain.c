// SPDX-License-Identifier: GPL-2.0
/*
 * What does a line of /proc/PID/maps say?
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif

static int call_it(void *address, const char *name)
{
	return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, address, len(1), name);
}

static void see_line(const void *address)
{
	struct proc_map map = proc_at(address);

	see("pages", (map.end - map.start) / len(1));
	see_text("starts", map.start == (uintptr_t)address ? "where it was asked to" : "elsewhere");
	see_text("rights", "%s", map.rights);
	see("offset", map.offset);
	see_text("device", "%02x:%02x", map.major, map.minor);
	see("inode", map.inode);
	see_text("name", "%s", map.path[0] ? map.path : "none");
	draw("%llx-%llx %s %08llx %02x:%02x %llu %s", map.start, map.end, map.rights, map.offset,
	     map.major, map.minor, map.inode, map.path);
	draw("start        end          r w x p   offset   device inode  what is behind");
}

static void of_a_file(void)
{
	int fd = memfd_create("a-file", MFD_CLOEXEC);
	struct region *m = reserve(4, NULL);
	struct stat st;

	if (fd < 0 || ftruncate(fd, len(8)) || fstat(fd, &st))
		skip("memfd_create(2): %s", strerror(errno));
	STEP("mmap pages 2-3 of a file, private, to be read") {
		expect("starts where it was asked to, pages 2, rights r--p");
		expect("offset %zu bytes", len(2));
		expect("device %02x:%02x, inode %lu", major(st.st_dev), minor(st.st_dev),
		       st.st_ino);
		expect("name /memfd:a-file (deleted)");
		note("The offset is the first byte that is mapped. Device and inode are what "
		     "stat(2) says. The path is where the file was opened; \"(deleted)\": no "
		     "directory has it (any more).");
		ACT(mmap(at(m, 0), len(2), PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, len(2)));
		see_line(at(m, 0));
	}
	STEP("the same page, shared, to be written") {
		expect("pages 1, rights rw-s, offset %zu bytes", len(2));
		note("s: stores go to the file, and to everybody who has it. p: private, "
		     "copied when written.");
		ACT(mmap(at(m, 3), len(1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			 len(2)));
		see_line(at(m, 3));
	}
	drop(m);
	close(fd);
}

static void of_no_file(void)
{
	struct region *m = reserve(2, NULL);
	char *probe = mmap(NULL, len(1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool names = !call_it(probe, "probe");

	munmap(probe, len(1));
	STEP("mmap a page without a file") {
		expect("rights rw-p, offset 0, device 00:00, inode 0, name none");
		ACT(mmap(at(m, 0), len(1), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		see_line(at(m, 0));
	}
	if (!names) {
		leave_out("a name for it: the kernel was built without CONFIG_ANON_VMA_NAME");
		return;
	}
	STEP("give it a name: PR_SET_VMA_ANON_NAME") {
		expect("name [anon:mine], pages 1");
		note("Since 5.17; allocators do so that their memory can be told from others'.");
		ACT(call_it(at(m, 0), "mine"));
		see_line(at(m, 0));
	}
	drop(m);
}

/* Lines that this program should have: one a segment, and one more for what ld.so made r--. */
static long lines_of_program(void)
{
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	size_t n = getauxval(AT_PHNUM);
	long lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += headers[i].p_type == PT_LOAD || headers[i].p_type == PT_GNU_RELRO;
	return lines;
}

static const struct rule rule_heap_name = {
	.since = KERNEL(6, 7),
	.now = "[heap] is what has addresses between start_brk and brk",
	.before =
		"[heap] is also what only borders on that: bss, where no random gap is\n"
		"behind it",
	.where = "vma_is_initial_heap(), include/linux/mm.h; 6.1: show_map_vma()",
};

/* Without ASLR the heap begins right behind bss. */
static void expect_heap(void)
{
	size_t bss = (exec_program().bss_end + len(1) - 1) & -len(1);

	if (exec_stat(0, STAT_START_BRK) > bss) {
		expect("behind the last: name none, rights rw-p");
		expect("heaps 1");
		return;
	}
	expect_since(&rule_heap_name, "behind the last: name none, rights rw-p",
		     "behind the last: name some, rights rw-p");
	expect_since(&rule_heap_name, "heaps 1", "heaps 2");
}

static void of_the_program(void)
{
	char path[4096] = "";
	struct proc_map last;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		skip("/proc/self/exe: %s", strerror(errno));
	STEP("count the lines of this program") {
		expect("lines %ld", lines_of_program());
		expect_heap();
		expect("stacks 1, vdsos 1");
		note("Headers, code, constants, what was relocated (RELRO), data; what is left "
		     "of bss has no file behind it and no name. In [brackets]: what the kernel "
		     "knows by its address.");
		sbrk(0);
		syscall_begin();
		syscall_end(0);
		last = proc_named(path);
		see("lines", proc_count(path));
		see_text("behind the last:", "name %s",
			 proc_at((char *)last.end).path[0] ? "some" : "none");
		see_text("rights", "%s", proc_at((char *)last.end).rights);
		see("heaps", proc_count("[heap]"));
		see("stacks", proc_count("[stack]"));
		see("vdsos", proc_count("[vdso]"));
	}
}

static void run(void)
{
	of_a_file();
	of_no_file();
	of_the_program();
}

const struct experiment exp_maps_explain = {
	.name = "maps-explain",
	.question = "What does a line of /proc/PID/maps say?",
	.textbook =
		"Start and end, rights, offset, device, inode, path. A program has three\n"
		"lines: text, data (with bss), stack.",
	.kernel =
		"show_map_vma() in fs/proc/task_mmu.c prints one line for each struct\n"
		"vm_area_struct: vm_start and vm_end, the flags VM_READ, VM_WRITE, VM_EXEC and\n"
		"VM_MAYSHARE, vm_pgoff in bytes, the file's device and inode, and its path, or\n"
		"what get_vma_name() finds: [heap] is what has mm->brk in it, [stack] what has\n"
		"mm->start_stack, [vdso] what the mapping says of itself, [anon:...] what the\n"
		"program called it.\n"
		"\n"
		"Today's linkers make four segments and a RELRO part, so a program or library\n"
		"has five lines; bss and the heap are not in data but behind it, without a\n"
		"file. maps tells what is promised; smaps tells what is there.",
	.look = "The line as it is printed, below each step, and its fields' names below it.",
	.next = "cat /proc/self/maps; pmap -X; mmscope map PID says the same in words.",
	.see = "vma-walk, segments, layout, size-vs-run",
	.rules = { &rule_heap_name },
	.words = "lines: of /proc/self/maps that end with the program's path",
	.terse = true,
	.run = run,
};
