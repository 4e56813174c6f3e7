// SPDX-License-Identifier: GPL-2.0
/*
 * What does the kernel keep of a process's memory as a whole: struct mm_struct?
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/btf.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

/* Fields of /proc/PID/stat, numbered as in proc_pid_stat(5) */
enum field {
	START_CODE = 26, END_CODE, START_STACK,
	START_DATA = 45, END_DATA, START_BRK, ARG_START, ARG_END, ENV_START, ENV_END, LAST,
};

static unsigned long fields[LAST];

static const struct rule rule_vma_lock_member = {
	.since = KERNEL(6, 15),
	.now = "the lock of a VMA is a reference count in it, vm_refcnt",
	.before = "it is struct vma_lock (6.4), or there is none",
	.where = "struct vm_area_struct, include/linux/mm_types.h",
};

static void read_stat(const char *path)
{
	char line[1024];
	const char *p;

	memset(fields, 0, sizeof(fields));
	if (!proc_word(path, line, sizeof(line)))
		return;
	p = strrchr(line, ')');	/* the name may hold anything */
	for (int i = 3; p && i < LAST; i++) {
		p = strchr(p + 1, ' ');
		if (p)
			fields[i] = strtoul(p + 1, NULL, 10);
	}
}

static const char *rights(unsigned long address)
{
	static struct proc_map map;

	map = proc_at((void *)address);
	return map.rights;
}

static bool sorted(void)
{
	return fields[START_CODE] < fields[END_CODE] && fields[END_CODE] <= fields[START_DATA] &&
	       fields[START_DATA] < fields[END_DATA] && fields[END_DATA] <= fields[START_BRK] &&
	       fields[START_BRK] < fields[START_STACK] &&
	       fields[START_STACK] < fields[ARG_START] && fields[ARG_END] <= fields[ENV_START];
}

static void layout(void)
{
	STEP("read /proc/self/stat") {
		expect("order sorted, code r-xp, data r--p, stack rw-p");
		expect("arguments begin with mmscope");
		note("code < data < brk < stack < arguments < environment: set by execve(2), moved "
		     "by brk(2) and prctl(PR_SET_MM). Data begins with what ld.so has relocated "
		     "and made read-only (RELRO).");
		syscall_begin();
		read_stat("/proc/self/stat");
		syscall_end(0);
		see_text("order", sorted() ? "sorted" : "not sorted");
		see_text("code", "%s", rights(fields[START_CODE]));
		see_text("data", "%s", rights(fields[START_DATA]));
		see_text("stack", "%s", rights(fields[START_STACK]));
		see_text("arguments", "begin with %.7s", (char *)fields[ARG_START]);
		draw("code  %#lx-%#lx   data %#lx-%#lx", fields[START_CODE], fields[END_CODE],
		     fields[START_DATA], fields[END_DATA]);
		draw("brk   %#lx and on            stack %#lx and below", fields[START_BRK],
		     fields[START_STACK]);
	}
}

static void counters(void)
{
	size_t pages = MIB(16) / len(1);
	struct region *m;

	STEP("map 16 MiB and write it") {
		expect("process size +16384 KiB, VmData +16384 KiB");
		expect("VmHWM +15..17 MiB");
		note("total_vm and data_vm count promises, hiwater_rss the most that was present.");
		m = MAP(.pages = pages, .anonymous = true);
		write_pages(m, 0, pages - 1);
	}
	STEP("unmap it") {
		expect("process size -16384 KiB, process rss -15..-17 MiB");
		expect("VmHWM -1..+1 MiB");
		note("The high-water mark stays.");
		ACT(munmap(at(m, 0), MIB(16)));
	}
}

/* What counts what: in pages in the struct, in KiB in /proc/self/status. */
static const struct {
	const char *member;
	const char *field;
	const char *more;
} counted[] = {
	{ "total_vm", "VmSize:", NULL },
	{ "data_vm", "VmData:", NULL },
	{ "exec_vm", "VmExe:", "VmLib:" },
	{ "stack_vm", "VmStk:", NULL },
	{ "hiwater_rss", "VmHWM:", NULL },
};

static void same_counters(__u64 mm)
{
	STEP("read them in mm_struct itself") {
		for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
			expect("%s %ld KiB", counted[i].member, proc_status(counted[i].field) +
			       (counted[i].more ? proc_status(counted[i].more) : 0));
		note("Predicted by /proc/self/status, which is made of them. What is executable "
		     "(exec_vm) it tells apart: the program's own part, and the rest.");
		syscall_begin();
		syscall_end(0);
		for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
			see(counted[i].member, len(kcore_member(mm, "mm_struct",
								counted[i].member)));
	}
}

/* Where page tables lead to from the top: is that the frame that /proc/self/pagemap says? */
static const char *frame_behind(__u64 pgd, const void *address)
{
	__u64 entries[KCORE_LEVELS] = { 0 };
	__u64 last = entries[kcore_walk(pgd, (uintptr_t)address, entries) - 1];

	return !(last & 1) ? "absent" :
	       (last >> 12 & 0xffffffffffULL) == proc_frame(address) ? "the same" : "another";
}

/* With PTI there are two top tables, side by side; see init_new_pgd() and kernel_to_user_pgdp(). */
static void users_table(__u64 pgd)
{
	const void *kernels = (void *)kcore_symbol("init_task");

	STEP("the same from the page behind it") {
		expect("frame the same, init_task absent, aligned to two pages 1");
		note("PTI is on: this is the table for user mode. Below it they are the same; of "
		     "the kernel it has only what an entry from user mode needs.");
		syscall_begin();
		syscall_end(0);
		see_text("frame", "%s", frame_behind(pgd + len(1), fields));
		see_text("init_task", "%s", frame_behind(pgd + len(1), kernels));
		see("aligned to two pages", pgd % len(2) == 0);
	}
}

static void top_table(__u64 mm)
{
	__u64 pgd = kcore_member(mm, "mm_struct", "pgd");

	STEP("follow mm_struct->pgd to a variable") {
		expect("frame the same, aligned 1");
		note("This physical address is what switch_mm_irqs_off() loads into CR3, which "
		     "only the kernel can read.%s", cpu_has("pti") ? "" : " PTI, a second table "
		     "for user mode, is off on this CPU.");
		syscall_begin();
		syscall_end(0);
		see_text("frame", "%s", frame_behind(pgd, fields));
		see("aligned", pgd % len(1) == 0);
		draw("mm_struct->pgd: physical %#llx", pgd - kcore_direct(0));
	}
	if (cpu_has("pti"))
		users_table(pgd);
}

static void inside(void)
{
	__u64 mm = kcore_open() ? kcore_member(kcore_task(getpid()), "task_struct", "mm") : 0;

	if (!mm) {
		leave_out("mm_struct itself: %s", kcore_why());
		return;
	}
	same_counters(mm);
	top_table(mm);
}

static bool has_member(const struct btf *btf, int id, const char *name)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const struct btf_member *member;

	if (!type || !btf_is_composite(type))
		return false;
	member = btf_members(type);
	for (int i = 0; i < btf_vlen(type); i++, member++) {
		const char *called = btf__name_by_offset(btf, member->name_off);

		if (!strcmp(called, name) || (!*called && has_member(btf, member->type, name)))
			return true;
	}
	return false;
}

SEE_ALL("mm_struct", "vm_area_struct");

/* Which of these members does a struct of the running kernel have? */
static void see_members(const struct btf *btf, const char *type, const char *names)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	char copy[80], found[64] = "";
	char *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%s", names);
	while ((name = strsep(&rest, " ")))
		if (has_member(btf, id, name))
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s",
				 found[0] ? " " : "", name);
	see_text(type, "has %s", found[0] ? found : "none");
}

static void members(void)
{
	struct btf *btf = kcore_types();

	if (!btf) {
		leave_out("the kernel's own types: there is no /sys/kernel/btf/vmlinux");
		return;
	}
	STEP("look for list, tree and cache in mm_struct") {
		expect("mm_struct has mm_mt map_count pgd");
		note("Looked for: mm_mt, mmap (the list), mm_rb, mmap_cache, map_count, pgd.");
		see_members(btf, "mm_struct", "mm_mt mmap mm_rb mmap_cache map_count pgd");
	}
	STEP("look for their parts in vm_area_struct") {
		expect_since(&rule_vma_lock_member, "vm_area_struct has vm_start vm_mm vm_refcnt",
			     "vm_area_struct has vm_start vm_mm");
		note("Looked for: vm_start, vm_mm, vm_next, vm_prev, vm_rb, vm_refcnt.");
		see_members(btf, "vm_area_struct",
			    "vm_start vm_mm vm_next vm_prev vm_rb vm_refcnt");
	}
	btf__free(btf);
}

static long lines_of(const char *path)
{
	struct proc_lines lines;
	long n = 0;

	if (!proc_open(&lines, path))
		return -1;
	while (proc_line(&lines))
		n++;
	return n;
}

static void kernel_thread(void)
{
	if (lines_of("/proc/2/maps") < 0) {
		leave_out("a kernel thread: its /proc/2/maps is for root, or hidden");
		return;
	}
	STEP("look at kthreadd, process 2") {
		expect("maps 0 lines, VmSize absent");
		note("A kernel thread has no mm (task->mm is NULL); it runs on the page tables of "
		     "whoever ran before (active_mm). No line in maps, no Vm lines in status.");
		see("maps", lines_of("/proc/2/maps"));
		see_text("VmSize", "%s", proc_field("/proc/2/status", "VmSize:") < 0 ?
			 "absent" : "there");
	}
}

static void run(void)
{
	layout();
	counters();
	inside();
	members();
	kernel_thread();
}

const struct experiment exp_mm_dump = {
	.name = "mm-dump",
	.question = "What does the kernel keep of a process's memory as a whole?",
	.textbook =
		"struct mm_struct: a list of VMAs (mmap), a red-black tree (mm_rb), the VMA\n"
		"found last (mmap_cache), and where code, data, heap and stack begin and end.",
	.kernel =
		"task_struct->mm (include/linux/mm_types.h) is shared by the threads of a\n"
		"process and is NULL for kernel threads. The limits of code, data, brk, stack,\n"
		"arguments and environment are still there, and shown in /proc/PID/stat. List,\n"
		"tree and cache are gone since 6.1: mm_mt, a maple tree, is all three. map_count\n"
		"may reach vm.max_map_count; total_vm, data_vm, exec_vm and stack_vm count\n"
		"promised pages, rss_stat those that are there (since 6.2 in per-CPU counters:\n"
		"/proc/PID/status lagged until 6.16, and 6.12's later updates, which sum them\n"
		"up; smaps walks the page tables). pgd is the top of them; with PTI (4.15) the\n"
		"page behind it is another top, for user mode.",
	.look =
		"The addresses in order; the counters in the struct, by /proc/kcore, and in\n"
		"/proc; and which members the running kernel's types have.",
	.next = "pahole mm_struct, or bpftool btf dump, show all of it.",
	.see = "vma-walk, segments, thread-share",
	.rules = { &rule_vma_lock_member },
	.words = "VmHWM: high-water mark of rss; has: of the members that were looked for",
	.terse = true,
	.run = run,
};
