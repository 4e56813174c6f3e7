// SPDX-License-Identifier: GPL-2.0
/*
 * Why can a program not touch the kernel's memory?
 */
#include <fcntl.h>
#include <unistd.h>
#include "lab/experiment.h"

#define DIRECT_MAP	((char *)0xffff888000000000UL)	/* all RAM, but for KASLR */
#define KERNEL_TEXT	((char *)0xffffffff81000000UL)
#define HOLE		((char *)0x0100000000000000UL)	/* no address, with 4 or 5 levels */
#define NOTHING		((char *)0x0000000000001000UL)

static void touching(void)
{
	STEP("read an address where nothing is") {
		expect("signal SIGSEGV MAPERR, trap 14, error code 4");
		note("Error code 4: by user mode, reading, nothing there.");
		read_at(NOTHING);
	}
	STEP("read the kernel's map of all RAM") {
		expect("signal SIGSEGV MAPERR, trap 14, error code 5");
		note("5: the same and \"present\". For addresses of the kernel that bit is always "
		     "told, so that nobody learns what is mapped there.");
		read_at(DIRECT_MAP);
	}
	STEP("read the kernel's code") {
		expect("signal SIGSEGV MAPERR, trap 14, error code 5");
		read_at(KERNEL_TEXT);
	}
	STEP("write the kernel's code") {
		expect("signal SIGSEGV MAPERR, trap 14, error code 7");
		note("2 is added for a write.");
		write_at(KERNEL_TEXT, 1);
	}
	STEP("read between the halves") {
		expect("signal SIGSEGV KERNEL, trap 13, error code 0");
		note("Not even an address: its upper bits differ. The CPU raises #GP, not a page "
		     "fault, and si_addr says nothing.");
		read_at(HOLE);
	}
}

static void asking(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	STEP("write(2) from there") {
		expect("errno EFAULT, signal none");
		note("access_ok(): system calls compare addresses before they touch them. Else "
		     "any program could have the kernel read its own secrets.");
		ACT(write(fd, KERNEL_TEXT, 1));
	}
	STEP("mmap there, MAP_FIXED") {
		expect("errno ENOMEM, process vmas +0");
		ACT(mmap(DIRECT_MAP, len(1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0));
	}
	close(fd);
}

static void run(void)
{
	touching();
	asking();
}

const struct experiment exp_kaddr_deny = {
	.name = "kaddr-deny",
	.question = "Why can a program not touch the kernel's memory?",
	.textbook =
		"The upper part of every address space belongs to the kernel (1 of 4 GiB on 32\n"
		"bits); only code that runs in the kernel may use it.",
	.kernel =
		"On x86-64 the lower half (47 bits, 56 with five levels) is the program's, the\n"
		"upper the kernel's; what is between is no address at all. Entries of the\n"
		"kernel's page tables lack the user bit: the CPU itself refuses, by a page\n"
		"fault. do_kern_addr_fault() and do_user_addr_fault() in arch/x86/mm/fault.c\n"
		"tell the two halves apart; no VMA can be in the upper one, so the program\n"
		"gets SIGSEGV with SEGV_MAPERR, and sanitize_error_code() says \"present\"\n"
		"whether that is true or not.\n"
		"\n"
		"With KPTI (4.15, against Meltdown, on CPUs that need it) the kernel's part is\n"
		"not even in the page tables that are used while a program runs, but for a\n"
		"trampoline.",
	.look =
		"error code: 1 present, 2 write, 4 user mode. trap: 14 is a page fault, 13 a\n"
		"general protection fault.",
	.next = "cat /sys/devices/system/cpu/vulnerabilities/meltdown tells of KPTI.",
	.see = "prot, sigbus",
	.words = "trap: the CPU's exception; error code: 1 present, 2 write, 4 by user mode",
	.terse = true,
	.run = run,
};
