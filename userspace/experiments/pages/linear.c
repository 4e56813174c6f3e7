// SPDX-License-Identifier: GPL-2.0
/*
 * Logical, linear, physical: what is left of segments?
 */
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define SELECTOR(reg) ({ unsigned short s; __asm__ volatile ("mov %%" reg ", %0" : "=r" (s)); s; })

/* One byte by an address in a segment. */
#define BYTE(reg, address) ({							\
	unsigned char b;							\
	__asm__ volatile ("movb %%" reg ":(%1), %0" : "=q" (b) : "r" (address) : "memory");	\
	b; })

#define USER_CODE	0x33	/* __USER_CS, entry 6 of the GDT, for level 3 */
#define USER_DATA	0x2b	/* __USER_DS, entry 5 */
#define LDT_SELECTOR	7	/* entry 0 of the LDT, for level 3 */

static unsigned char variable = 90;
static __thread unsigned char of_thread = 91;

static size_t base_of(int code)
{
	size_t base = 0;

	syscall(SYS_arch_prctl, code, &base);
	return base;
}

static void selectors(void)
{
	STEP("read the segment registers") {
		expect("cs %#x", USER_CODE);
		expect("ss %#x", USER_DATA);
		expect("level 3");
		note("Bits 0-1 of cs are the privilege level, 3 is a program; the rest is an index "
		     "into a table of segments. In 64-bit mode ds and es may be 0: no segment.");
		syscall_begin();
		syscall_end(0);
		see_text("cs", "%#x", SELECTOR("cs"));
		see_text("ss", "%#x", SELECTOR("ss"));
		see("level", SELECTOR("cs") & 3);
		draw("cs %#x  ss %#x  ds %#x  es %#x  fs %#x  gs %#x", SELECTOR("cs"),
		     SELECTOR("ss"), SELECTOR("ds"), SELECTOR("es"), SELECTOR("fs"),
		     SELECTOR("gs"));
	}
	STEP("read a variable by cs, ss, ds and es") {
		expect("by cs 90, by ss 90, by ds 90, by es 90");
		note("The same offset in four segments is the same byte: all begin at 0. The CPU "
		     "no longer looks at their bases and limits.");
		syscall_begin();
		syscall_end(0);
		see("by cs", BYTE("cs", &variable));
		see("by ss", BYTE("ss", &variable));
		see("by ds", BYTE("ds", &variable));
		see("by es", BYTE("es", &variable));
	}
}

static void thread_pointer(void)
{
	size_t base = base_of(ARCH_GET_FS);
	size_t offset = (uintptr_t)&of_thread - base;

	STEP("read a thread's variable by fs") {
		expect("fs base is pthread_self(), by fs 91, by ds 91");
		note("fs is the exception: offset + base is the linear address, and each thread "
		     "has a base of its own. That is all that __thread is.");
		syscall_begin();
		syscall_end(0);
		see_text("fs base", "is %s", base == (size_t)pthread_self() ? "pthread_self()" :
			 "another");
		see("by fs", BYTE("fs", offset));
		see("by ds", BYTE("ds", &of_thread));
		draw("logical   fs : %ld", (long)offset);
		draw("linear    %#zx + %ld = %p", base, (long)offset, &of_thread);
		if (proc_frame(&of_thread))
			draw("physical  frame %#llx, byte %#llx", proc_frame(&of_thread),
			     proc_frame(&of_thread) * len(1) + (uintptr_t)&of_thread % len(1));
	}
	STEP("set the base of gs to a variable") {
		expect("gs base 0 before, by gs 90");
		CHILD {
			see_text("gs base", "%zu before", base_of(ARCH_GET_GS));
			ACT(syscall(SYS_arch_prctl, ARCH_SET_GS, &variable));
			see("by gs", BYTE("gs", 0L));
		}
	}
}

/* A data segment that begins there: below 4 GiB, its base has 32 bits. */
static int set_segment(size_t base)
{
	struct user_desc d = {
		.base_addr = base, .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1,
	};

	return syscall(SYS_modify_ldt, 1, &d, sizeof(d));
}

static void own_segment(void)
{
	unsigned char *low = mmap(NULL, len(1), PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (low == MAP_FAILED || syscall(SYS_modify_ldt, 0, &variable, 0) < 0) {
		leave_out("a segment of one's own: no modify_ldt(2) here");
		return;
	}
	*low = 92;
	STEP("make a segment with a base, and put it in gs") {
		expect("errno none, by gs 92, gs %#x", LDT_SELECTOR);
		note("The old way: a descriptor in a table of one's own, the LDT; loading it sets "
		     "the base of gs, of 32 bits. In ds or es the CPU would ignore that base.");
		CHILD {
			ACT(set_segment((uintptr_t)low));
			__asm__ volatile ("mov %0, %%gs" : : "r" (LDT_SELECTOR));
			see("by gs", BYTE("gs", 0L));
			see_text("gs", "%#x", SELECTOR("gs"));
		}
	}
}

static void run(void)
{
	selectors();
	thread_pointer();
	own_segment();
}

const struct experiment exp_linear = {
	.name = "linear",
	.question = "Logical, linear, physical: what is left of segments?",
	.textbook =
		"A logical address is a segment and an offset. The segment's base is added:\n"
		"linear; the page tables make it physical. Linux sets all bases to 0.",
	.kernel =
		"In 64-bit mode the CPU itself takes the base of cs, ds, es and ss for 0 and\n"
		"checks no limits; the selectors remain, with the privilege level in cs. So\n"
		"logical is linear, but for fs and gs, whose bases are 64-bit registers: fs\n"
		"for the C library's thread data, set by arch_prctl(2) or clone(2)\n"
		"(do_arch_prctl_64() in arch/x86/kernel/process_64.c; since 5.9 also by the\n"
		"instruction wrfsbase), gs in the kernel for per-CPU data (swapgs).\n"
		"\n"
		"The table is the GDT of each CPU (arch/x86/kernel/cpu/common.c, gdt_page);\n"
		"an LDT is made by modify_ldt(2) for old programs of 16 and 32 bits.",
	.look = "by cs, by ss...: the byte read. The three addresses of one variable.",
	.next = "gdb: p $fs_base. As root this lesson shows the physical address, too.",
	.see = "phys-of, segments, thread-tcb",
	.words = "by fs: the byte read at an offset in that segment",
	.run = run,
};
