// SPDX-License-Identifier: GPL-2.0
/*
 * Which call makes which region, and what does the kernel do for it?
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/shm.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/counter.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

/* What is counted; a step predicts those that it is about. */
static struct {
	const char *name;
	int fd;
	long before;
} functions[] = {
	{ .name = "do_mmap" }, { .name = "do_brk_flags" }, { .name = "vm_area_alloc" },
	{ .name = "vm_area_dup" }, { .name = "copy_vma" }, { .name = "insert_vm_struct" },
	{ .name = "setup_arg_pages" }, { .name = "expand_downwards" },
};

SEE_ALL("do_mmap", "do_brk_flags", "vm_area_alloc", "vm_area_dup", "copy_vma",
	"insert_vm_struct", "setup_arg_pages", "expand_downwards");

static bool counting;

static void open_counters(void)
{
	counting = true;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		functions[i].fd = counter_function(functions[i].name);
		counting &= functions[i].fd >= 0;
	}
	if (!counting)
		leave_out("which functions: perf cannot watch them (be root)");
}

/* A prediction that needs the counters. */
#define CALLS(...) do { if (counting) expect(__VA_ARGS__); } while (0)

static void begin(void)
{
	syscall_begin();
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		functions[i].before = counter_read(functions[i].fd);
}

static void end(long result)
{
	syscall_end(result);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		see(functions[i].name, counter_read(functions[i].fd) - functions[i].before);
}

static void *map(void *place, size_t pages)
{
	return mmap(place, len(pages), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | (place ? MAP_FIXED : 0), -1, 0);
}

static void mmaps(struct region *m, struct region *to)
{
	STEP("mmap 4 pages") {
		expect("process vmas +1");
		CALLS("do_mmap 1, vm_area_alloc 1");
		begin();
		end((long)map(at(m, 0), 4));
	}
	STEP("mmap the 4 pages behind") {
		expect("process vmas +0");
		CALLS("do_mmap 1, vm_area_alloc 0");
		note("The same kind right behind: the region there grows, none is made.");
		begin();
		end((long)map(at(m, 4), 4));
	}
	STEP("mprotect one of them") {
		expect("process vmas +2");
		CALLS("do_mmap 0, vm_area_alloc 0, vm_area_dup 2");
		note("Cut twice: the pieces are copies of the one there was.");
		begin();
		end(mprotect(at(m, 2), len(1), PROT_READ));
	}
	STEP("mremap two elsewhere") {
		expect("process vmas +1");
		CALLS("copy_vma 1, vm_area_alloc 0");
		begin();
		end((long)mremap(at(m, 6), len(2), len(2), MREMAP_MAYMOVE | MREMAP_FIXED,
				 at(to, 0)));
	}
}

static void heaps(void)
{
	int id = shmget(IPC_PRIVATE, len(1), 0600);

	sbrk(len(1));
	STEP("brk, one page up") {
		expect("process vmas +0, heap +1");
		CALLS("do_brk_flags 1, do_mmap 0, vm_area_alloc 0");
		note("The heap is not mmap()ed: do_brk_flags() makes it, or lets it grow.");
		begin();
		end((long)sbrk(len(1)));
	}
	STEP("malloc 1 MiB") {
		expect("process size +1028 KiB");
		CALLS("do_mmap 1, do_brk_flags 0");
		note("From 128 KiB on malloc() calls mmap(2).");
		begin();
		end((long)malloc(MIB(1)));
	}
	if (id < 0) {
		leave_out("shmat(2): %s", strerror(errno));
		return;
	}
	STEP("shmat, System V's shared memory") {
		expect("process vmas +1");
		CALLS("do_mmap 1, vm_area_alloc 1");
		begin();
		end((long)shmat(id, NULL, 0));
		shmctl(id, IPC_RMID, NULL);
	}
}

static long below_the_kernel(void)
{
	return proc_count(NULL) - proc_count("[vsyscall]");
}

static long bss_of(const Elf64_Phdr *h)
{
	size_t file = h->p_vaddr + h->p_filesz, memory = h->p_vaddr + h->p_memsz;

	return (memory + len(1) - 1) / len(1) > (file + len(1) - 1) / len(1);
}

static void count_loads(const Elf64_Phdr *h, size_t n, long *loads, long *bss)
{
	for (size_t i = 0; i < n; i++)
		if (h[i].p_type == PT_LOAD) {
			(*loads)++;
			*bss += bss_of(&h[i]);
		}
}

static void processes(void)
{
	char *args[2] = { (char *)"mmscope", NULL }, *environment[1] = { NULL };
	const Elf64_Ehdr *loader = (const Elf64_Ehdr *)getauxval(AT_BASE);
	long loads = 0, bss = 0;
	pid_t pid;

	count_loads((const Elf64_Phdr *)getauxval(AT_PHDR), getauxval(AT_PHNUM), &loads, &bss);
	count_loads((const Elf64_Phdr *)((const char *)loader + loader->e_phoff), loader->e_phnum,
		    &loads, &bss);
	STEP("fork") {
		expect("process vmas +0");
		CALLS("vm_area_dup %ld, vm_area_alloc 0", below_the_kernel());
		note("Each region is copied for the child.");
		begin();
		pid = child_start();
		end(pid);
		child_kill(pid);
	}
	STEP("execve, up to the first instruction") {
		expect("process vmas +0");
		CALLS("do_mmap %ld, do_brk_flags %ld", loads, bss);
		CALLS("setup_arg_pages 1, insert_vm_struct 3..4");
		note("One mmap for each segment of the program and of ld.so, one brk for each bss "
		     "that needs pages; the stack, the vdso and its data are put in directly. "
		     "The rest is mapped by ld.so, when it runs.");
		begin();
		pid = exec_stopped(args, environment);
		end(pid);
		exec_kill(pid);
	}
	STEP("write far below the stack, in a child") {
		expect("signal none, stack grown by 64 pages");
		CALLS("expand_downwards 1, do_mmap 0");
		note("No call at all: a page fault moves the region's start.");
		begin();
		CHILD {
			size_t start = proc_named("[stack]").start;

			write_at((char *)start - len(64), 1);
			see_text("stack", "grown by %zu pages",
				 (start - (size_t)proc_named("[stack]").start) / len(1));
		}
		end(0);
	}
}

static void run(void)
{
	struct region *m = reserve(8, "m"), *to = reserve(2, "to");

	open_counters();
	mmaps(m, to);
	heaps();
	processes();
	drop_all();
}

const struct experiment exp_who_allocates = {
	.name = "who-allocates",
	.question = "Which call makes which region of memory?",
	.textbook =
		"fork(), execve(), mmap(), malloc(), brk() and shmat() give a process memory;\n"
		"all of them end in do_mmap(), which makes a vm_area_struct.",
	.kernel =
		"Not all. do_mmap() (mm/mmap.c) is behind mmap(2), shmat(2) and the segments\n"
		"that execve(2) maps. brk(2) has do_brk_flags() (mm/vma.c; before 6.14\n"
		"mm/mmap.c). fork() copies regions one by one (dup_mmap(), vm_area_dup()),\n"
		"mremap(2) makes one from another (copy_vma()). The stack of a new program and\n"
		"the vdso are put in by insert_vm_struct(), the stack is moved by\n"
		"setup_arg_pages() (fs/exec.c), and grows by a page fault (expand_downwards()).\n"
		"malloc() is no system call: it uses brk(2) or mmap(2), or neither.\n"
		"\n"
		"None of these allocates memory for pages. That is for the page fault.",
	.look = "Which functions are called, how often; vm_area_alloc is one more region.",
	.next = "mmscope trace ls: all regions of a program, and who made them.",
	.see = "exec-trace, brk-merge, merge, fork",
	.words = "names of functions: how often they were called for this process and its children",
	.terse = true,
	.run = run,
};
