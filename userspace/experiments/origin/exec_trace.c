// SPDX-License-Identifier: GPL-2.0
/*
 * Who made the mappings that a program has in main()?
 */
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

#define SHOWN	24

static char self[256];

/**
 * struct count - VMAs of a process by what made them
 * @program: of the executable, with what it has no file for
 * @loader: of ld.so
 * @kernel: [stack], [vdso] and the like
 * @others: of other files, and anonymous ones
 * @heap: where the heap would begin
 * @last_end: where the one before ended
 * @last: whose that was
 */
struct count {
	long program;
	long loader;
	long kernel;
	long others;
	__u64 heap;
	__u64 last_end;
	long *last;
};

static void count_map(const struct proc_map *map, void *arg)
{
	struct count *count = arg;
	long *which = &count->others;

	if (!strcmp(map->path, self))
		which = &count->program;
	else if (strstr(map->path, "/ld-"))
		which = &count->loader;
	else if (map->path[0] == '[' && strcmp(map->path, "[heap]"))
		which = &count->kernel;
	else if (count->last && map->start == count->last_end && map->start != count->heap &&
		 !strchr(map->path, '/'))
		which = count->last;	/* bss behind a file's data */
	++*which;
	count->last_end = map->end;
	count->last = which;
}

static struct count count_of(pid_t pid)
{
	struct count count = { .heap = exec_stat(pid, STAT_START_BRK) };

	proc_maps(pid, count_map, &count);
	return count;
}

/**
 * struct object - what the headers of a program or library say
 * @vmas: a VMA for each PT_LOAD, and one for bss beyond the file
 * @loads: PT_LOADs
 * @relro: a part is to be made read-only
 */
struct object {
	long vmas;
	long loads;
	bool relro;
};

static struct object object_of(const Elf64_Phdr *headers, size_t n)
{
	struct object object = { 0 };

	for (const Elf64_Phdr *h = headers; h < headers + n; h++) {
		size_t memory = (h->p_vaddr + h->p_memsz + len(1) - 1) / len(1);
		size_t file = (h->p_vaddr + h->p_filesz + len(1) - 1) / len(1);

		object.relro |= h->p_type == PT_GNU_RELRO;
		object.loads += h->p_type == PT_LOAD;
		object.vmas += h->p_type == PT_LOAD ? 1 + (memory > file) : 0;
	}
	return object;
}

/* Our own objects: those of the same program, started again. */
static struct objects {
	struct object program;
	struct object loader;
	struct object libc;
	long relro;
} objects;

static int note_object(struct dl_phdr_info *info, __unused size_t size, __unused void *arg)
{
	struct object object = object_of(info->dlpi_phdr, info->dlpi_phnum);

	objects.relro += object.relro;
	if (!info->dlpi_name[0])
		objects.program = object;
	else if (strstr(info->dlpi_name, "/ld-"))
		objects.loader = object;
	else if (strstr(info->dlpi_name, "/libc.so"))
		objects.libc = object;
	return 0;
}

/* --- its system calls -------------------------------------------------------------------- */

static struct calls {
	long mmap;
	long libc;
	long relro;
	long shown;
} calls;

static void name_of(pid_t pid, int fd, char *buf, size_t size)
{
	char link[48], path[256] = "";
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	snprintf(buf, size, "%.*s", (int)size - 1,
		 n <= 0 ? "nothing" : strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

static void note_mmap(pid_t pid, const struct user_regs_struct *regs, const char *rights)
{
	char file[32];

	name_of(pid, (int)regs->r8, file, sizeof(file));
	calls.mmap++;
	calls.libc += !strncmp(file, "libc.so", 7);
	if (calls.shown++ < SHOWN)
		draw("  ld.so: mmap %6llu KiB %s of %s", (regs->rsi + 1023) >> 10, rights, file);
}

static void note_call(pid_t pid, const struct user_regs_struct *regs)
{
	char rights[4] = "---";

	for (int i = 0; i < 3; i++)
		if (regs->rdx & 1 << i)
			rights[i] = "rwx"[i];
	if (regs->orig_rax == SYS_mmap)
		note_mmap(pid, regs, rights);
	if (regs->orig_rax != SYS_mprotect)
		return;
	calls.relro += regs->rdx == PROT_READ;
	if (calls.shown++ < SHOWN)
		draw("  ld.so: mprotect %2llu KiB %s", regs->rsi >> 10, rights);
}

/* Follow it until it opens no libraries any more, but is at work: main() writes, then. */
static void follow(pid_t pid)
{
	struct user_regs_struct regs;
	int status;

	for (bool entry = true;; entry = !entry) {
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return;
		ptrace(PTRACE_GETREGS, pid, NULL, &regs);
		if (entry && (regs.orig_rax == SYS_write || regs.orig_rax == SYS_exit_group))
			return;
		if (entry)
			note_call(pid, &regs);
	}
}

static void run(void)
{
	char *args[3] = { (char *)"mmscope", (char *)"--version", NULL };
	char *environment[1] = { NULL };
	long own = count_of(0).kernel;
	struct count count;
	pid_t pid = 0;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		skip("/proc/self/exe cannot be read");
	dl_iterate_phdr(note_object, NULL);
	STEP("execve(), stopped at the first instruction") {
		expect("VMAs of the program %ld, of ld.so %ld", objects.program.vmas,
		       objects.loader.vmas);
		expect("of the kernel %ld, others 0", own);
		note("By load_elf_binary(): a VMA for each PT_LOAD of the two files, and what of "
		     "bss is in no page of the file. The kernel knows no libraries.");
		pid = exec_stopped(args, environment);
		count = count_of(pid);
		see("VMAs of the program", count.program);
		see("of ld.so", count.loader);
		see("of the kernel", count.kernel);
		see("others", count.others);
	}
	STEP("let it run until main() writes") {
		expect("mmaps of libc %ld, read-only by mprotect %ld", objects.libc.loads,
		       objects.relro);
		note("A library is mapped once as a whole, then each further PT_LOAD over it; at "
		     "last what was only to be relocated (RELRO) is made read-only.");
		follow(pid);
		see("mmaps of libc", calls.libc);
		see("read-only by mprotect", calls.relro);
	}
	STEP("what it has in main()") {
		expect("VMAs of the program %ld, of ld.so %ld",
		       objects.program.vmas + objects.program.relro,
		       objects.loader.vmas + objects.loader.relro);
		note("RELRO has split one VMA of each.");
		count = count_of(pid);
		see("VMAs of the program", count.program);
		see("of ld.so", count.loader);
		draw("  kernel: %ld VMAs for the files, %ld of its own", objects.program.vmas +
		     objects.loader.vmas, own);
		draw("  ld.so and libc: %ld calls of mmap", calls.mmap);
		exec_kill(pid);
	}
}

const struct experiment exp_exec_trace = {
	.name = "exec-trace",
	.question = "Who made the mappings that a program has in main()?",
	.textbook =
		"The loader of the kernel maps text, data and bss of the program and its\n"
		"libraries.",
	.kernel =
		"Two loaders do. load_elf_binary() in fs/binfmt_elf.c maps the program and the\n"
		"interpreter that it names (PT_INTERP, ld.so) by elf_map() (since 6.7 in\n"
		"elf_load()), one VMA for each PT_LOAD, with the rights the segment has; then\n"
		"[stack], [vvar] and [vdso]. It jumps to ld.so, in the new process.\n"
		"\n"
		"Everything else is ld.so's work, by plain system calls: it opens and maps the\n"
		"libraries, applies relocations to their data (pages are copied by that),\n"
		"and protects what need not change any more; this splits a VMA. brk(2) and\n"
		"anonymous mmap(2) then are malloc's and those of the thread's TLS.",
	.look = "The list of calls below the second step, in their order.",
	.next = "LD_DEBUG=files ls; strace -e mmap,mprotect,brk ls.",
	.see = "exec-stack, exec-heap, mprotect",
	.words = "VMAs: lines of /proc/PID/maps of the traced program, by the file they map",
	.run = run,
};
