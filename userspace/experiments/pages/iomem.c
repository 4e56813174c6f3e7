// SPDX-License-Identifier: GPL-2.0
/*
 * What is behind a physical address? RAM is only some of it.
 */
#include <string.h>
#include <sys/io.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/physical.h"
#include "lab/experiment.h"

#define MOST		256
#define MIDDLE		0x100000	/* 1 MiB, where the first PC ended */
#define HOLE		0xa0000		/* video memory and ROMs, in the first PC */
#define KEYBOARD	0x60		/* a port */

static struct range ranges[MOST];
static size_t nr;

static bool mostly(const char *type, const char *word)
{
	return !strncmp(type, word, strlen(word));
}

/* In a few words what a range of the upper level is. */
static const char *class_of(const struct range *r)
{
	static const struct {
		const char *begins;
		const char *class;
	} classes[] = {
		{ "System RAM", "RAM" }, { "Reserved", "the firmware's own" },
		{ "ACPI Tables", "RAM with tables of ACPI" }, { "ACPI Non", "the firmware's own" },
		{ "PCI", "devices" }, { "Video ROM", "ROM" }, { "Adapter ROM", "ROM" },
		{ "System ROM", "ROM" }, { "Persistent", "RAM that keeps" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (mostly(r->type, classes[i].begins))
			return classes[i].class;
	return "a device";
}

/* Neighbours of one class are drawn as one; so are the many at the end of a PC's map. */
static void draw_map(void)
{
	__u64 last = 0;
	size_t drawn = 0;

	for (size_t i = 0, j; i < nr && drawn < 30; i = j) {
		__u64 end = ranges[i].end;

		for (j = i + 1; j < nr && (ranges[j].depth ||
					   (ranges[j].start == end + 1 &&
					    class_of(&ranges[j]) == class_of(&ranges[i]))); j++)
			end = ranges[j].depth ? end : ranges[j].end;
		if (ranges[i].start > last + !!last && ++drawn)
			draw("  %29s %9s  nothing", "", physical_size(ranges[i].start - last - 1));
		draw("  %12llx - %12llx  %9s  %s: %.24s", ranges[i].start, end,
		     physical_size(end - ranges[i].start + 1), class_of(&ranges[i]),
		     ranges[i].type);
		last = end;
		drawn++;
	}
}

static const char *home_of(const void *address)
{
	__u64 physical = proc_frame(address) * len(1);

	for (size_t i = 0; i < nr; i++)
		if (ranges[i].start <= physical && ranges[i].end >= physical)
			return ranges[i].type;
	return "nowhere";
}

/* Sub-ranges of RAM that are the kernel itself. */
static long kernels(void)
{
	long n = 0;

	for (size_t i = 0; i < nr; i++)
		n += ranges[i].depth == 1 && !strcmp(ranges[i].type, "Kernel code");
	return n;
}

static void map(void)
{
	long total = proc_field("/proc/meminfo", "MemTotal:");
	static char page = 1;

	STEP("read /proc/iomem") {
		expect("RAM %ld..%ld KiB", total, 2 * total);
		expect("a page of this program is in System RAM, kernels in it 1");
		expect("bits of the last address %d..%ld", cpu_bits_of(total * 1024UL - 1),
		       cpu_physical_bits());
		note("RAM is somewhat more than MemTotal: the kernel's code, and its struct page "
		     "for each frame, are not counted there.");
		syscall_begin();
		nr = physical_iomem("/proc/iomem", ranges, MOST);
		syscall_end(0);
		see("RAM", physical_sum(ranges, nr, "System RAM", 0, ~0ULL));
		see_text("a page of this program", "is in %s", home_of(&page));
		see("kernels in it", kernels());
		see("bits of the last address", nr ? cpu_bits_of(ranges[nr - 1].end) : 0);
		draw_map();
	}
	STEP("look between 640 KiB and 1 MiB") {
		expect("RAM there 0 KiB, RAM below %d..%d KiB", 512, HOLE >> 10);
		note("Video memory and ROMs, in 1981 and still. There is DRAM behind it: \"shadow "
		     "RAM\", into which a BIOS copies its slow ROM. The kernel lets it be.");
		syscall_begin();
		syscall_end(0);
		see("RAM there", physical_sum(ranges, nr, "System RAM", HOLE, MIDDLE - 1));
		see("RAM below", physical_sum(ranges, nr, "System RAM", 0, HOLE - 1));
	}
}

static void hidden(void)
{
	STEP("read it as nobody, without rights") {
		expect("last address 0");
		note("Names are for everybody, addresses for CAP_SYS_ADMIN (since 4.6): where "
		     "the kernel lies is a secret (KASLR).");
		CHILD {
			if (!geteuid() && setresuid(65534, 65534, 65534))
				_exit(1);
			nr = physical_iomem("/proc/iomem", ranges, MOST);
			see("last address", nr ? ranges[nr - 1].end : 1);
		}
	}
}

static void ports(void)
{
	STEP("read port %#x, the keyboard's", KEYBOARD) {
		expect("signal SIGSEGV KERNEL, trap 13, error code 0");
		note("Ports are a second, small space of addresses, with instructions of its own: "
		     "in and out, for the kernel only, unless ioperm(2) says so.");
		TRY {
			(void)inb(KEYBOARD);
		}
	}
	STEP("count what is in /proc/ioports") {
		expect("ranges 1..%d, without a place in 64 KiB 0", MOST);
		syscall_begin();
		nr = physical_iomem("/proc/ioports", ranges, MOST);
		syscall_end(0);
		see("ranges", nr);
		see("without a place in 64 KiB", nr && ranges[nr - 1].end > 0xffff);
	}
}

static void run(void)
{
	static char here = 1;

	if (proc_frame(&here))
		map();
	else
		leave_out("the map with addresses: be root");
	hidden();
	ports();
}

const struct experiment exp_iomem = {
	.name = "iomem",
	.question = "What is behind a physical address?",
	.textbook =
		"Physical memory is an array of bytes, from 0 to the size of the RAM. BIOS and\n"
		"video card have 640 KiB to 1 MiB; devices are reached by ports.",
	.kernel =
		"Physical addresses are a space of their own, and RAM fills some holes in it:\n"
		"devices (PCI windows, APICs), ROM, and what the firmware keeps are in between,\n"
		"often below 4 GiB, so that RAM goes on above. The kernel's list is the tree\n"
		"of struct resource in kernel/resource.c, begun from the firmware's map\n"
		"(e820__reserve_resources() in arch/x86/kernel/e820.c) and added to by each\n"
		"driver (request_mem_region()); /proc/iomem prints it (r_show()).\n"
		"\n"
		"A driver maps such an address with ioremap(), uncached; a program can only\n"
		"have it from a driver's mmap(), or from /dev/mem, if CONFIG_STRICT_DEVMEM\n"
		"lets it. Ports (in, out) are 64 KiB beside all that, hardly used by new\n"
		"hardware.",
	.look = "The map: where RAM is, what lies between, and that most of it is nothing.",
	.next = "sudo cat /proc/iomem: all of the tree. lspci -v: whose windows these are.",
	.see = "e820, optrom, addr-width, phys-of",
	.words = "RAM: the sum of System RAM; kernels: ranges called Kernel code",
	.run = run,
};
