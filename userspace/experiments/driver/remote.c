// SPDX-License-Identifier: GPL-2.0
/*
 * What happens when another process looks into the memory?
 */
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab/experiment.h"

static char buffer[8];

static ssize_t peek(pid_t pid, const struct region *m, size_t page)
{
	struct iovec here = { buffer, sizeof(buffer) };
	struct iovec there = { at(m, page), sizeof(buffer) };

	return process_vm_readv(pid, &here, 1, &there, 1, 0);
}

static ssize_t read_mem(const struct region *m, size_t page)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ssize_t got = pread(fd, buffer, sizeof(buffer), (off_t)(long)at(m, page));

	close(fd);
	return got;
}

static void into_child(void)
{
	struct region *m = MAP(.pages = 16);
	pid_t pid = 0;

	write_pages(m, 0, 15);
	STEP("fork a child that does nothing") {
		expect("fork");
		expect("child dup 0-15, 0 copied");
		pid = child_start();
		buffer[0] = 0;	/* fork's copies on write are not what is counted below */
	}
	STEP("process_vm_readv of its page 3") {
		expect("child fault read 3 from outside");
		expect("result 8, minor 1");
		note("Its page table, our minor fault: who looks is billed.");
		ACT(peek(pid, m, 3));
	}
	STEP("again") {
		expect("result 8");
		ACT(peek(pid, m, 3));
	}
	STEP("ptrace(PEEKDATA) of its page 5") {
		expect("child fault read 5 from outside");
		expect("errno none");
		ptrace(PTRACE_SEIZE, pid, 0, 0);
		ptrace(PTRACE_INTERRUPT, pid, 0, 0);
		waitpid(pid, NULL, 0);
		ACT(ptrace(PTRACE_PEEKDATA, pid, at(m, 5), 0));
	}
	child_kill(pid);
	drop(m);
}

static void into_oneself(void)
{
	struct region *m = MAP(.pages = 16);

	STEP("/proc/self/mem, page 3") {
		expect("fault read 3 from outside in pread64");
		expect("result 8");
		note("From outside, although it is our own.");
		ACT(read_mem(m, 3));
	}
	drop(m);
}

static void raw_numbers(void)
{
	struct region *m = MAP(.pages = 16, .backing = MMSCOPE_PFN);

	STEP("raw page numbers: /proc/self/mem") {
		expect("access read 3 from outside in pread64, 8 bytes");
		expect("result 8");
		note("The kernel has no page to look at (VM_PFNMAP): ->access does it.");
		ACT(read_mem(m, 3));
	}
	STEP("raw page numbers: process_vm_readv") {
		expect("errno EFAULT");
		note("Never asks ->access.");
		ACT(peek(getpid(), m, 3));
	}
	drop(m);
}

static void run(void)
{
	into_child();
	into_oneself();
	raw_numbers();
}

const struct experiment exp_remote = {
	.name = "remote",
	.question = "What happens when another process looks into the memory?",
	.textbook = "A debugger copies the memory; the process notices nothing.",
	.kernel =
		"get_user_pages_remote() (mm/gup.c) faults the page into the other's page\n"
		"table: handle_mm_fault() with FAULT_FLAG_REMOTE, so the driver's ->fault runs\n"
		"for memory its owner never touched. Where there is no struct page\n"
		"(VM_IO, VM_PFNMAP), ptrace and /proc/PID/mem call ->access instead;\n"
		"process_vm_readv() gives up with EFAULT.",
	.look = "whose record it is (child), and that it does not tell who looked.",
	.next = "gdb -p on a process under mmscope trace.",
	.see = "kernel-fault, fork",
	.device = true,
	.run = run,
};
