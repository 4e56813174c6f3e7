// SPDX-License-Identifier: GPL-2.0
/*
 * How many bits has an address, and how much memory can it name?
 */
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/mmap_base.h"
#include "lab/experiment.h"

#define ADDRESS_SIZES	0x80000008	/* a leaf of CPUID */
#define BEYOND		(1UL << 52)	/* an address for five levels of tables */

/* The highest page frame of RAM: where the last zone ends. */
static unsigned long highest_frame(void)
{
	unsigned long spanned = 0, start, end = 0;
	struct proc_lines lines;
	const char *line;

	if (!proc_open(&lines, "/proc/zoneinfo"))
		return 0;
	while ((line = proc_line(&lines))) {
		if (sscanf(line, " spanned %lu", &spanned) == 1)
			continue;
		if (sscanf(line, " start_pfn: %lu", &start) == 1 && spanned &&
		    start + spanned > end)
			end = start + spanned;
	}
	return end ? end - 1 : 0;
}

static void draw_width(int bits, const char *what)
{
	static const char units[] = "KMGTPE";
	int unit = bits / 10 - 1;

	draw("  %2d bits  %4d %ciB  %s%s", bits, 1 << bits % 10, units[unit], what,
	     bits == cpu_physical_bits() ? "  <- this machine" : "");
}

static void draw_widths(void)
{
	draw_width(20, "8086, 1978");
	draw_width(32, "80386, 1985");
	draw_width(36, "Pentium Pro with PAE, 1995");
	draw_width(40, "first AMD64, 2003; many VMs");
	draw_width(46, "many Intel CPUs since 2012");
	draw_width(48, "AMD since 2007");
	draw_width(52, "what an entry of a page table has room for");
}

static void sizes(void)
{
	unsigned int eax = 0, ebx, ecx, edx;

	if (!__get_cpuid(ADDRESS_SIZES, &eax, &ebx, &ecx, &edx))
		skip("this CPU does not tell how long its addresses are");
	STEP("read \"address sizes\" in /proc/cpuinfo") {
		if (cpu_has("sme") || cpu_has("tme"))
			expect("physical %d..%d bits", (eax & 255) - 16, eax & 255);
		else
			expect("physical %d bits", eax & 255);
		expect("virtual %d bits", eax >> 8 & 255);
		note("Predicted by asking the CPU itself: CPUID, leaf %#x. (Encryption of memory "
		     "takes some of the upper bits for keys.)", ADDRESS_SIZES);
		see("physical", cpu_physical_bits());
		see("virtual", cpu_virtual_bits());
		draw_widths();
	}
}

static void memory(void)
{
	unsigned long last = highest_frame() * len(1);

	STEP("how many of them does the RAM here need?") {
		expect("bits of the highest frame %d..%ld",
		       cpu_bits_of(proc_field("/proc/meminfo", "MemTotal:") * 1024UL - 1),
		       cpu_physical_bits());
		note("At least as many as MemTotal has: RAM has holes. Devices are given "
		     "physical addresses, too, often the upper ones: see iomem.");
		see("bits of the highest frame", cpu_bits_of(last));
		draw("highest frame of RAM %#lx, address %#lx", last / len(1), last);
	}
}

static int bits_of_mapping(unsigned long hint)
{
	void *p = ACT(mmap((void *)hint, len(1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	if (p == MAP_FAILED)
		return 0;
	munmap(p, len(1));
	return cpu_bits_of((uintptr_t)p);
}

/* 47, unless the stack was given most of them: ulimit -s unlimited. */
static void expect_anywhere(void)
{
	int least = cpu_bits_of(mmap_base_lowest()), most = cpu_bits_of(mmap_base_highest());

	if (least == most)
		expect("bits %d", most);
	else
		expect("bits %d..%d", least, most);
}

static void program(void)
{
	STEP("mmap anywhere") {
		expect_anywhere();
		note("The lower half of 48 bits, also where the CPU can do more: programs hide "
		     "things in the upper bits of their pointers.");
		see("bits", bits_of_mapping(0));
	}
	STEP("mmap, with a hint of %d bits", cpu_bits_of(BEYOND)) {
		if (cpu_has("la57"))
			expect("bits %d", cpu_bits_of(BEYOND));
		else
			expect_anywhere();
		note(cpu_has("la57") ? "Five levels of page tables are on (la57): who asks for "
		     "more than 47 bits gets them." :
		     "Page tables have four levels here: a hint that cannot be had is ignored.");
		see("bits", bits_of_mapping(BEYOND));
	}
}

static void run(void)
{
	sizes();
	memory();
	program();
}

const struct experiment exp_addr_width = {
	.name = "addr-width",
	.question = "How many bits has an address, and how much is that?",
	.textbook =
		"A CPU has 32 address lines, or 36 with PAE: 64 GiB, says \"address sizes\" in\n"
		"/proc/cpuinfo. A 64-bit CPU has addresses of 64 bits.",
	.kernel =
		"There are two widths. Physical: what an entry of a page table can point to, 52\n"
		"bits by its format, 39 to 52 by CPU. Virtual: 48 bits with four levels of\n"
		"tables (4 times 9, and 12 for the byte), 57 with five (since 4.14, config and\n"
		"CPU permitting; \"la57\" in the flags says that it is on). Bits above must equal\n"
		"the highest one used, so there is a lower half for programs and an upper one\n"
		"for the kernel.\n"
		"\n"
		"get_cpu_address_sizes() in arch/x86/kernel/cpu/common.c reads CPUID.\n"
		"Whatever the CPU can, mmap() stays below 47 bits (DEFAULT_MAP_WINDOW) unless\n"
		"its hint is above: arch_get_unmapped_area_topdown() in\n"
		"arch/x86/kernel/sys_x86_64.c.",
	.look = "The two widths, and what the mappings of this process need of theirs.",
	.next = "lscpu shows the same line. Boot with no5lvl: la57 goes from the flags.",
	.see = "ptables, iomem, kaddr-deny",
	.words = "bits: of the highest address that was met",
	.run = run,
};
