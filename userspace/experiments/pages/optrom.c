// SPDX-License-Identifier: GPL-2.0
/*
 * Which programs lie in ROM, and how are they found?
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/physical.h"
#include "lab/experiment.h"

#define FIRST	0xc0000		/* where ROMs of cards may begin: video */
#define LAST	0xeffff
#define STEPS	2048		/* they begin at multiples of it */
#define UNIT	512		/* their length is told in */
#define MOST	256

static struct range ranges[MOST];
static size_t nr;
static int mem;

static size_t peek(size_t address, void *buf, size_t size)
{
	ssize_t got = pread(mem, buf, size, address);

	return got < 0 ? 0 : got;
}

static bool signature(size_t address)
{
	unsigned char b[2] = { 0 };

	return peek(address, b, 2) == 2 && b[0] == 0x55 && b[1] == 0xaa;
}

static bool is_rom(const struct range *r)
{
	return !strcmp(r->type, "Video ROM") || !strcmp(r->type, "Adapter ROM");
}

/* All bytes, the last one chosen to make it so, add up to 0. */
static unsigned int checksum(size_t address, size_t size)
{
	static unsigned char rom[256 * UNIT];
	unsigned char sum = 0;

	for (size_t i = peek(address, rom, size < sizeof(rom) ? size : sizeof(rom)); i-- > 0;)
		sum += rom[i];
	return sum;
}

static void look(const struct range *r)
{
	unsigned char length = 0, vendor[8] = { 0 }, at[2] = { 0 };

	STEP("read the %s at %#llx", r->type, r->start) {
		expect("begins with 55 aa");
		expect("length %llu bytes, sum of its bytes 0", r->end - r->start + 1);
		note("Byte 2 is the length in %d bytes. Predicted from /proc/iomem, read from "
		     "/dev/mem. At byte 3 is the code that the BIOS calls.", UNIT);
		syscall_begin();
		peek(r->start + 2, &length, 1);
		peek(r->start + 0x18, at, 2);
		peek(r->start + (at[0] | at[1] << 8), vendor, 8);
		syscall_end(0);
		see_text("begins", "with %s", signature(r->start) ? "55 aa" : "something else");
		see("length", length * UNIT);
		see("sum of its bytes", checksum(r->start, length * UNIT));
		if (!memcmp(vendor, "PCIR", 4))
			draw("of the PCI card %02x%02x:%02x%02x", vendor[5], vendor[4], vendor[7],
			     vendor[6]);
	}
}

static void scan(size_t listed)
{
	size_t found = 0, in_list = 0;

	STEP("look for 55 aa from %#x to %#x", FIRST, LAST) {
		expect("steps %d, found %zu..%d", (LAST + 1 - FIRST) / STEPS, listed, 20);
		expect("of those in /proc/iomem found %zu", listed);
		note("What each BIOS does, and the kernel after it. A ROM whose bytes do not add "
		     "up to 0 is found, too, but not listed.");
		syscall_begin();
		for (size_t at = FIRST; at < LAST; at += STEPS)
			if (signature(at)) {
				found++;
				for (size_t i = 0; i < nr; i++)
					in_list += is_rom(&ranges[i]) && ranges[i].start == at;
				draw("  %#zx", at);
			}
		syscall_end(0);
		see("steps", (LAST + 1 - FIRST) / STEPS);
		see("found", found);
		see("of those in /proc/iomem found", in_list);
	}
}

static void run(void)
{
	size_t listed = 0;
	char here = 1;

	if (!proc_frame(&here))
		skip("addresses in /proc/iomem and /dev/mem are for root");
	nr = physical_iomem("/proc/iomem", ranges, MOST);
	for (size_t i = 0; i < nr; i++)
		listed += is_rom(&ranges[i]);
	if (!listed)
		skip("no card here has a ROM: UEFI does not map them, few guests have one");
	mem = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	if (mem < 0)
		skip("/dev/mem: %s (no CONFIG_DEVMEM, or lockdown)", strerror(errno));
	scan(listed);
	for (size_t i = 0; i < nr; i++)
		if (is_rom(&ranges[i]))
			look(&ranges[i]);
}

const struct experiment exp_optrom = {
	.name = "optrom",
	.question = "Which programs lie in ROM, and how are they found?",
	.textbook =
		"Cards have ROMs with programs that the BIOS runs at boot. They begin with 55\n"
		"aa, at a multiple of 2 KiB between C0000 and E0000.",
	.kernel =
		"With a BIOS that is so. probe_roms() in arch/x86/kernel/probe_roms.c repeats\n"
		"its search: Video ROM from c0000, Adapter ROMs behind it, System ROM at f0000;\n"
		"length byte and checksum must be right (romchecksum()), then it is in\n"
		"/proc/iomem. These ranges are DRAM today, into which the BIOS has copied the\n"
		"ROM of a card (its PCI expansion ROM, behind a BAR).\n"
		"\n"
		"With UEFI there is nothing: drivers are EFI programs, loaded like others. The\n"
		"graphics driver then reads the ROM by pci_map_rom(), or from ACPI.\n"
		"\n"
		"/dev/mem shows the first MiB even with CONFIG_STRICT_DEVMEM\n"
		"(devmem_is_allowed() in arch/x86/mm/init.c), but for RAM in it: zeros.",
	.look = "Length and sum: what the ROM says of itself, beside the kernel's list.",
	.next = "od -A x -t x1z -j 0xc0000 -N 64 /dev/mem; /sys/bus/pci/devices/*/rom.",
	.see = "iomem, e820",
	.words = "found: places that begin with 55 aa",
	.run = run,
};
