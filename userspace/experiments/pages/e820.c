// SPDX-License-Identifier: GPL-2.0
/*
 * How does the kernel learn where RAM is?
 */
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include "base/proc.h"
#include "experiments/lib/physical.h"
#include "lab/experiment.h"

#define MOST		256
#define READ_ALL	3	/* syslog(2) */
#define SIZE_BUFFER	10

static struct range given[MOST], kept[4 * MOST];
static size_t nr_given, nr_kept;
static char *dmesg;

/* What the log calls a type, and what /sys/firmware/memmap does. */
static const char *const types[][2] = {
	{ "usable", "System RAM" }, { "System RAM", "System RAM" },
	{ "reserved", "Reserved" }, { "device reserved", "Reserved" },
	{ "ACPI data", "ACPI Tables" }, { "ACPI NVS", "ACPI Non-volatile Storage" },
	{ "unusable", "Unusable memory" }, { "soft reserved", "Soft Reserved" },
	{ "persistent (type 7)", "Persistent Memory" },
	{ "persistent RAM (type 7)", "Persistent Memory" },
	{ "persistent (type 12)", "Persistent Memory (legacy)" },
	{ "persistent RAM (type 12)", "Persistent Memory (legacy)" },
};

static void read_log(void)
{
	long size = klogctl(SIZE_BUFFER, NULL, 0);

	dmesg = size > 0 ? mmap(NULL, size + 1, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
	if (dmesg == MAP_FAILED || klogctl(READ_ALL, dmesg, size) < 0)
		dmesg = NULL;
}

/* The next line of the log that has this, from @from on. */
static const char *next_line(const char *from, const char *word)
{
	const char *p = from ? strstr(from, word) : NULL;

	return p ? p + strlen(word) : NULL;
}

static long lines_with(const char *word)
{
	const char *p = dmesg;
	long n = 0;

	while ((p = next_line(p, word)))
		n++;
	return n;
}

static const char *type_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(word, types[i][0]))
			return types[i][1];
	return "Unknown E820 type";
}

/* Lines of the log that memmap says the same of, perhaps in several pieces. */
static long found_again(void)
{
	const char *p = dmesg;
	__u64 start, end;
	char word[44];
	long n = 0;

	while ((p = next_line(p, "BIOS-e820: [mem ")))
		n += sscanf(p, "%llx-%llx] %43[^\n]", &start, &end, word) == 3 &&
		     physical_sum(given, nr_given, type_of(word + strspn(word, " ")), start,
				  end) == end - start + 1;
	return n;
}

static void draw_given(void)
{
	for (size_t i = 0; i < nr_given && i < 24; i++)
		draw("  %12llx - %12llx  %9s  %s", given[i].start, given[i].end,
		     physical_size(given[i].end - given[i].start + 1), given[i].type);
	if (nr_given > 24)
		draw("  and %zu more", nr_given - 24);
}

static void told(void)
{
	long total = proc_field("/proc/meminfo", "MemTotal:");

	STEP("read /sys/firmware/memmap") {
		expect("System RAM %ld..%ld KiB", total, 2 * total);
		note("What the firmware told at boot, unchanged. (RAM is more than MemTotal: "
		     "the kernel itself is in it, too.)");
		syscall_begin();
		syscall_end(0);
		see("System RAM", physical_sum(given, nr_given, "System RAM", 0, ~0ULL));
		draw_given();
	}
	if (!dmesg || !lines_with("BIOS-e820: [mem ")) {
		leave_out("the same from the kernel's log: its first lines are gone");
		return;
	}
	STEP("compare with \"BIOS-e820\" in the kernel's log") {
		expect("lines found again %ld", lines_with("BIOS-e820: [mem "));
		note("A second witness: dmesg | grep BIOS-e820.");
		syscall_begin();
		syscall_end(0);
		see("lines found again", found_again());
	}
}

static void changed(void)
{
	char arguments[2048] = "";
	__u64 ram = physical_sum(given, nr_given, "System RAM", 0, ~0ULL);

	if (!proc_frame(arguments)) {
		leave_out("what the kernel took: /proc/iomem has addresses for root only");
		return;
	}
	proc_word("/proc/cmdline", arguments, sizeof(arguments));
	if (strstr(arguments, "mem=") || strstr(arguments, "memmap=")) {
		leave_out("what the kernel took: its command line says so (mem=)");
		return;
	}
	STEP("compare with what the kernel took: /proc/iomem") {
		expect("RAM taken %llu..%llu KiB", (ram - ram / 50) >> 10, ram >> 10);
		expect("first page Reserved, RAM in a0000-fffff 0 KiB");
		note("Two corrections in each boot: page 0 is never used (\"e820: update [mem "
		     "0x00000000-0x00000fff]\"), and nothing from 640 KiB to 1 MiB, whatever was "
		     "told (\"e820: remove [mem 0x000a0000-0x000fffff]\").");
		syscall_begin();
		nr_kept = physical_iomem("/proc/iomem", kept, ARRAY_SIZE(kept));
		syscall_end(0);
		see("RAM taken", physical_sum(kept, nr_kept, "System RAM", 0, ~0ULL));
		see_text("first page", "%s", nr_kept ? kept[0].type : "none");
		see("RAM in a0000-fffff", physical_sum(kept, nr_kept, "System RAM", 0xa0000,
						       0xfffff));
	}
}

static void run(void)
{
	nr_given = physical_firmware(given, MOST);
	if (!nr_given)
		skip("there is no /sys/firmware/memmap, or it is for root");
	read_log();
	told();
	changed();
}

const struct experiment exp_e820 = {
	.name = "e820",
	.question = "How does the kernel learn where RAM is?",
	.textbook =
		"It asks the BIOS: int 15h with AX = E820h gives one range after the other,\n"
		"usable or reserved, ACPI data or NVS.",
	.kernel =
		"Code in real mode does so still, if there is a BIOS (detect_memory_e820() in\n"
		"arch/x86/boot/memory.c). With UEFI nobody calls int 15h: the boot stub asks\n"
		"GetMemoryMap() and writes the answer in the form of an e820 table\n"
		"(setup_e820() in drivers/firmware/efi/libstub/x86-stub.c); a hypervisor or\n"
		"kexec hands over such a table as well. From there it is the same:\n"
		"e820__memory_setup() in arch/x86/kernel/e820.c sorts it, prints it, and\n"
		"trim_bios_range() takes out what no table should have offered. memblock gets\n"
		"the rest, and later the buddy allocator. Kernels 7.x print \"System RAM\" where\n"
		"it was \"usable\", and the gaps.",
	.look = "The table, and how little is lost of it.",
	.next = "dmesg | grep -i e820. Boot with mem=512M: \"user-defined physical RAM map\".",
	.see = "iomem, buddy, optrom",
	.words = "found again: lines of the log that /sys/firmware/memmap says the same of",
	.run = run,
};
