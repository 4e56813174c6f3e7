// SPDX-License-Identifier: GPL-2.0
/*
 * Where in the address space are text, data, bss, heap, mappings and stack?
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/mmap_base.h"
#include "lab/experiment.h"

static const char constant[] = "constant";
static int initialised = 1;
static char in_bss[4 * 4096];

/**
 * struct place - a thing of the program and the region it is in
 * @name: what it is
 * @where: its address
 * @rights: that its VMA must have
 */
struct place {
	const char *name;
	const void *where;
	const char *rights;
};

static struct place places[9];
static size_t nr_places;

static void place(const char *name, const void *where, const char *rights)
{
	places[nr_places++] = (struct place){ name, where, rights };
}

static __attribute__((noinline)) void text(void)
{
	__asm__ volatile ("");
}

static void gather(void)
{
	char local = 0;
	void *mapped = malloc(MIB(1));

	place("text", (void *)text, "r-xp");
	place("rodata", constant, "r--p");
	place("data", &initialised, "rw-p");
	place("bss", &in_bss[sizeof(in_bss) - 1], "rw-p");
	place("heap", malloc(100), "rw-p");
	place("mapping", mapped, "rw-p");
	place("library", (void *)(uintptr_t)getauxval(AT_BASE), "r--p");
	place("stack", &local, "rw-p");
	place("vdso", (void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR), "r-xp");
}

static bool lower(const struct place *a, const struct place *b)
{
	return a->where < b->where;
}

static void sort(void)
{
	for (size_t i = 1; i < nr_places; i++)
		for (size_t j = i; j && lower(&places[j], &places[j - 1]); j--) {
			struct place swap = places[j];

			places[j] = places[j - 1];
			places[j - 1] = swap;
		}
}

static void draw_places(void)
{
	for (size_t i = nr_places; i-- > 0;) {
		struct proc_map map = proc_at(places[i].where);
		const char *slash = strrchr(map.path, '/');

		draw("%14p  %-8s %s  %6lld KiB  %.24s", places[i].where, places[i].name,
		     map.rights, (map.end - map.start) >> 10, slash ? slash + 1 : map.path);
	}
}

static void show_order(void)
{
	char order[64] = "";

	sort();
	for (size_t i = 0; i < nr_places; i++)
		if (strcmp(places[i].name, "library") && strcmp(places[i].name, "vdso"))
			snprintf(order + strlen(order), sizeof(order) - strlen(order), "%s%s",
				 i ? " " : "", places[i].name);
	see_text("order", "%s", order);
	draw_places();
}

static long wrong_rights(void)
{
	long n = 0;

	for (size_t i = 0; i < nr_places; i++)
		n += strcmp(proc_at(places[i].where).rights, places[i].rights) != 0;
	return n;
}

/* e_type of the ELF header: 2 bytes at 16 */
static unsigned short elf_type(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	unsigned short type = ET_NONE;

	if (pread(fd, &type, sizeof(type), 16) != sizeof(type))
		type = ET_NONE;
	close(fd);
	return type;
}

/* What printf("0x%08x") shows of a pointer: its lower 32 bits. */
static void truncated(void)
{
	char text32[24], text64[24];

	STEP("print where data is, by 0x%%08x and by %%p") {
		expect("digits lost %d", elf_type() == ET_DYN ? 4 : 0);
		note("An int has 32 bits: the upper digits are lost, and nothing warns but the "
		     "compiler. Without PIE nothing is lost, by luck: such programs are below "
		     "4 GiB.");
		syscall_begin();
		snprintf(text32, sizeof(text32), "%08x", (unsigned int)(uintptr_t)&initialised);
		snprintf(text64, sizeof(text64), "%lx", (unsigned long)(uintptr_t)&initialised);
		syscall_end(0);
		see("digits lost", strlen(text64) > 8 ? strlen(text64) - 8 : 0);
		draw("0x%s instead of 0x%s", text32, text64);
	}
}

static void run(void)
{
	STEP("find all of them in /proc/self/maps") {
		expect("order %s", mmap_base_low() ? "mapping text rodata data bss heap stack" :
		       "text rodata data bss heap mapping stack");
		expect("wrong rights 0, parts 9");
		note("Highest address first, as in the pictures of textbooks. vdso and libraries "
		     "are not in those.");
		syscall_begin();
		gather();
		syscall_end(0);
		show_order();
		see("wrong rights", wrong_rights());
		see("parts", nr_places);
	}
	STEP("is the program position independent?") {
		expect("e_type %d, lowest in the first 4 GiB %d", ET_DYN, 0);
		note("PIE: with ASLR it begins anywhere in the upper third (ELF_ET_DYN_BASE), "
		     "else always at 0x555555554000.");
		syscall_begin();
		syscall_end(0);
		see("e_type", elf_type());
		see("lowest in the first 4 GiB", (uintptr_t)places[0].where < GIB(4));
	}
	truncated();
}

const struct experiment exp_segments = {
	.name = "segments",
	.question = "Where are text, data, bss, heap, mappings and stack?",
	.textbook =
		"From low to high: text, data, bss, heap, growing up; a gap; the stack, growing\n"
		"down, right below the kernel. Older pictures have the text on top.",
	.kernel =
		"The order holds on x86-64, with more in between: load_elf_binary() in\n"
		"fs/binfmt_elf.c maps each PT_LOAD (today four: r-- headers, r-x text, r--\n"
		"constants, rw- data), the rest of bss as anonymous memory behind it. The heap\n"
		"(brk) begins behind bss, after a random gap; mappings and libraries are put\n"
		"from below the stack downwards (mmap_base()), the vdso above or near it. They\n"
		"come below the program if the stack may have all room: ulimit -s unlimited.\n"
		"Where each begins is random (ASLR) but for programs linked without PIE.\n"
		"\n"
		"There are no segments in the sense of the CPU: base 0 for all (linear). The\n"
		"word is the linker's.",
	.look = "The right column: whose mapping it is. bss has a mapping without a name.",
	.next =
		"setarch -R mmscope run segments: the same addresses each time. After ulimit\n"
		"-s unlimited: another order.",
	.see = "vma-walk, stack-frames, mm-dump",
	.words = "order: from low to high; wrong rights: places whose VMA has others than it must",
	.run = run,
};
