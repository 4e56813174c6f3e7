// SPDX-License-Identifier: GPL-2.0
/*
 * A page fault: in how many ways can it end?
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>
#include "base/proc.h"
#include "lab/experiment.h"

/**
 * struct sample - what perf writes of a fault, by exceptions/page_fault_user/format
 * @header: of perf
 * @size: of what follows
 * @common: of every tracepoint
 * @address: CR2
 * @ip: instruction
 * @code: that the CPU gave
 */
struct sample {
	struct perf_event_header header;
	__u32 size;
	__u8 common[8];
	__u64 address;
	__u64 ip;
	__u64 code;
} __attribute__((packed));

/**
 * struct trap - a tracepoint of faults, for this thread
 * @name: of it
 * @fd: of perf
 * @ring: its records
 */
static struct trap {
	const char *name;
	int fd;
	struct perf_event_mmap_page *ring;
} traps[] = { { .name = "page_fault_user" }, { .name = "page_fault_kernel" } };

static bool traced;

static bool trap_open(struct trap *t)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.disabled = 1,
	};
	char path[80], id[16];

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/exceptions/%s/id", t->name);
	if (!proc_word(path, id, sizeof(id)))
		return false;
	attr.config = atoi(id);
	t->fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (t->fd < 0)
		return false;
	t->ring = mmap(NULL, len(2), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, t->fd, 0);
	return t->ring != MAP_FAILED;
}

/* The error code of the last fault in this page; -1 for none. */
static long code_of(const struct trap *t, const void *address)
{
	const char *data = (char *)t->ring + len(1);
	struct sample s;
	long code = -1;

	for (__u64 at = t->ring->data_tail; at < t->ring->data_head; at += s.header.size) {
		for (size_t i = 0; i < sizeof(s); i++)
			((char *)&s)[i] = data[(at + i) % len(1)];
		if (s.header.type == PERF_RECORD_SAMPLE &&
		    s.address / len(1) == (size_t)address / len(1))
			code = s.code;
	}
	t->ring->data_tail = t->ring->data_head;
	return code;
}

static void begin(void)
{
	syscall_begin();	/* what the step looks at beforehand faults as well */
	for (size_t i = 0; traced && i < ARRAY_SIZE(traps); i++) {
		traps[i].ring->data_tail = traps[i].ring->data_head;
		ioctl(traps[i].fd, PERF_EVENT_IOC_ENABLE, 0);
	}
}

static void end(const void *address)
{
	for (size_t i = 0; traced && i < ARRAY_SIZE(traps); i++)
		ioctl(traps[i].fd, PERF_EVENT_IOC_DISABLE, 0);
	if (!traced)
		return;
	see("code", code_of(&traps[0], address));
	see("code in the kernel", code_of(&traps[1], address));
}

static void expect_code(int user, int kernel)
{
	if (traced)
		expect("code %d, code in the kernel %d", user, kernel);
}

static void reading(const void *address)
{
	begin();
	read_at(address);
	end(address);
}

static void writing(void *address)
{
	begin();
	write_at(address, 1);
	end(address);
}

static void good(struct region *m)
{
	char *stack = (char *)proc_named("[stack]").start;

	STEP("anonymous memory: read a page") {
		expect("minor 1, rss +0, signal none");
		expect_code(4, -1);
		note("do_anonymous_page(), for a reader: the zero page.");
		reading(at(m, 0));
	}
	STEP("write it") {
		expect("minor 1, rss +1, signal none");
		expect_code(7, -1);
		note("1, present, and still a fault: do_wp_page(). Here it replaces the zero page, "
		     "after a fork() it copies.");
		writing(at(m, 0));
	}
	STEP("write a page never read") {
		expect("minor 1, rss +1, signal none");
		expect_code(6, -1);
		note("do_anonymous_page(), for a writer: a new page.");
		writing(at(m, 1));
	}
	STEP("write 16 pages below the stack") {
		expect("minor 1, stack +16, signal none");
		expect_code(6, -1);
		note("In no VMA: but the next one up may grow down, expand_stack().");
		writing(stack - len(16));
	}
}

static void of_file(struct region *f)
{
	STEP("a mapped file of one page: read it") {
		expect("minor 1, rss +1, signal none");
		expect_code(4, -1);
		note("do_read_fault(): ->fault of the file system finds it in the page cache. Had "
		     "it to be read from a disk, this fault would be a major one.");
		reading(at(f, 0));
	}
	STEP("read behind the end of the file") {
		expect("signal SIGBUS ADRERR, rss +0");
		expect_code(4, -1);
		note("The VMA is there and allows it; ->fault has nothing to give.");
		reading(at(f, 1));
	}
}

static void refused(struct region *m, const struct region *none)
{
	STEP("no VMA there: write") {
		expect("signal SIGSEGV MAPERR, rss +0");
		expect_code(6, -1);
		writing(at(none, 0));
	}
	STEP("made PROT_READ: write the page") {
		expect("signal SIGSEGV ACCERR, rss +0");
		expect_code(7, -1);
		note("The same 7 as above. The CPU only sees an entry without the right to write: "
		     "whether that means a copy or a signal is for the VMA to tell.");
		mprotect(at(m, 0), len(1), PROT_READ);
		writing(at(m, 0));
	}
}

static void by_the_kernel(struct region *m, const struct region *none, int zeroes)
{
	STEP("read(2) of /dev/zero into a new page") {
		expect("minor 1, rss +1, errno none, result 1");
		expect_code(-1, 2);
		note("The kernel writes for us and faults for us: no 4, not by user mode.");
		begin();
		ACT(read(zeroes, at(m, 2), 1));
		end(at(m, 2));
	}
	STEP("read(2) to where no VMA is") {
		expect("errno EFAULT, signal none");
		expect_code(-1, 2);
		note("No signal: the instruction is in a table of those that may fault "
		     "(fixup_exception()), and the call returns an error.");
		begin();
		ACT(read(zeroes, at(none, 0), 1));
		end(at(none, 0));
	}
}

static struct region *file_of_one_page(void)
{
	struct region *f = reserve(2, NULL);

	f->fd = memfd_create("pf-branches", MFD_CLOEXEC);
	if (f->fd < 0 || pwrite(f->fd, "file", 4, 0) != 4)
		skip("no files in memory here");
	ACT(mmap(at(f, 0), len(2), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, f->fd, 0));
	return f;
}

static void run(void)
{
	struct region *m = MAP(.pages = 8, .anonymous = true);
	struct region *none = reserve(1, NULL), *f = file_of_one_page();
	int zeroes = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	traced = trap_open(&traps[0]) && trap_open(&traps[1]);
	if (!traced)
		leave_out("what the CPU said of each fault: be root, with tracefs mounted");
	good(m);
	of_file(f);
	refused(m, none);
	by_the_kernel(m, none, zeroes);
}

static void driver(void)
{
	struct region *m = MAP(.pages = 4, .error_nth = 2);

	STEP("a driver fails every 2nd fault: write 0-1") {
		expect("fault write 0 by user");
		expect("fault write 1 by user, SIGBUS");
		expect("signal SIGBUS ADRERR, rss 1");
		note("VM_FAULT_SIGBUS: as behind the end of a file.");
		write_pages(m, 0, 1);
	}
	drop(m);
}

const struct experiment exp_pf_branches = {
	.name = "pf-branches",
	.question = "A page fault: in how many ways can it end?",
	.textbook =
		"#PF, exception 14: if the address is in a VMA, the kernel allocates a page;\n"
		"if not, it sends SIGSEGV.",
	.kernel =
		"The CPU gives an address (CR2) and an error code: was the page present, was\n"
		"it a write, by user mode. do_user_addr_fault() (arch/x86/mm/fault.c) asks\n"
		"three questions: is there a VMA, or one that may grow down to here? Does it\n"
		"allow this (access_error())? Then handle_mm_fault() in mm/memory.c looks at\n"
		"the entry: none yet, and do_anonymous_page() or do_fault() fill it; present\n"
		"but read-only, and do_wp_page() copies; a swap entry, and do_swap_page()\n"
		"reads it.\n"
		"\n"
		"No VMA is SIGSEGV, MAPERR; forbidden is SIGSEGV, ACCERR; nothing to be had is\n"
		"SIGBUS. In a system call it is the same way, but EFAULT instead of signals.",
	.look =
		"code, beside what came of it: 6 ends in a page or in a signal, 7 in a copy or\n"
		"in a signal. What is right is in the VMA, not in the page table.",
	.next = "mmscope run fault-walk: one of these, function by function.",
	.see = "fault-walk, prot, sigbus, stack-grow, cow",
	.words =
		"code: 1 present, 2 write, 4 by user mode, added up; -1 for no such fault; "
		"minor: faults counted",
	.terse = true,
	.parts = {
		{ .title = "anonymous memory, files and none", .run = run },
		{ .title = "memory of a driver", .run = driver, .device = true },
	},
};
