// SPDX-License-Identifier: GPL-2.0
/*
 * What does an address space look like, from text to stack?
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/elf32.h"
#include "experiments/lib/exec.h"
#include "experiments/lib/mmap_base.h"
#include "experiments/lib/physical.h"
#include "lab/experiment.h"

#define NEAR		MIB(64)
#define MOST		32
#define STRIDE		GIB(1)
#define STACK_RANDOM32	MIB(8)		/* stack_maxrandom_size(), 32 bits */

/**
 * struct area - neighbours of one kind
 * @kind: what they are
 * @start: of the first
 * @end: of the last
 * @n: regions
 */
struct area {
	const char *kind;
	size_t start;
	size_t end;
	size_t n;
};

static struct area areas[MOST];
static size_t nr;
static char program[4096];

static const char *kind_of(const struct proc_map *map)
{
	if (!strcmp(map->path, "[stack]"))
		return "stack";
	if (!strcmp(map->path, "[heap]"))
		return "heap";
	if (!strncmp(map->path, "[v", 2))
		return "vdso";
	if (!strcmp(map->path, program))
		return "program";
	if (strstr(map->path, ".so"))
		return "libraries";
	/* What follows without a gap and without a file is somebody's bss. */
	if (!map->inode && nr && areas[nr - 1].end == map->start)
		return areas[nr - 1].kind;
	return "mappings";
}

static void add(const struct proc_map *map, void *arg __unused)
{
	struct area *last = nr ? &areas[nr - 1] : NULL;
	const char *kind = kind_of(map);

	if (map->start >> 63)
		return;
	if (last && !strcmp(last->kind, kind) && map->start - last->end < NEAR) {
		last->end = map->end;
		last->n++;
	} else if (nr < MOST) {
		areas[nr++] = (struct area){ kind, map->start, map->end, 1 };
	}
}

static void read_areas(void)
{
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		program[0] = '\0';
	nr = 0;
	proc_maps(0, add, NULL);
}

static struct area find(const char *kind)
{
	for (size_t i = nr; i-- > 0;)
		if (!strcmp(areas[i].kind, kind))
			return areas[i];
	return (struct area){ 0 };
}

static const char *remark(const char *kind)
{
	return !strcmp(kind, "stack") ? "  v grows down" : !strcmp(kind, "heap") ? "  ^ grows up" :
	       !strcmp(kind, "libraries") ? "  v new mappings go below" : "";
}

static void draw_gap(size_t size)
{
	if (size >= MIB(1))
		draw("%16s |  %-10s %9s", "", "", physical_size(size));
}

static void draw_areas(void)
{
	size_t above = 1UL << cpu_user_bits();

	draw("%016lx +- end of all addresses", ~0UL);
	draw("%16s |  %-10s %9s", "", "the kernel", physical_size(1UL << cpu_user_bits()));
	draw("%016lx +-", -(1UL << cpu_user_bits()));
	draw("%16s :  no addresses: their upper bits differ", "");
	draw("%016lx +- end of what a program can have", 1UL << cpu_user_bits());
	for (size_t i = nr; i-- > 0; above = areas[i].start) {
		draw_gap(above - areas[i].end);
		if (above > areas[i].end)
			draw("%016lx +-", areas[i].end);
		draw("%016lx |##%-10s %9s %3zu VMA%c%s", areas[i].start, areas[i].kind,
		     physical_size(areas[i].end - areas[i].start), areas[i].n,
		     areas[i].n > 1 ? 's' : ' ', remark(areas[i].kind));
	}
	draw_gap(above);
	draw("%016lx +-", 0UL);
}

static void see_order(void)
{
	char order[64] = "";

	for (size_t i = 0; i < nr; i++)
		if (areas[i].start == find(areas[i].kind).start && strcmp(areas[i].kind, "vdso") &&
		    strcmp(areas[i].kind, "mappings"))
			snprintf(order + strlen(order), sizeof(order) - strlen(order), "%s%s",
				 order[0] ? " " : "", areas[i].kind);
	see_text("order", "%s", order);
}

static void whole(void)
{
	bool low = mmap_base_low();
	size_t room = mmap_base_room();

	sbrk(len(1));
	STEP("read /proc/self/maps") {
		expect("order %s", low ? "libraries program heap stack" :
		       "program heap libraries stack");
		expect("from the end to the stack %s MiB",
		       mmap_base_randomized() ? "0..16384" : "0");
		if (!mmap_base_bottom_up())
			expect("from the end to the libraries %zu..%zu MiB", room >> 20,
			       ((room + len(mmap_base_dice())) >> 20) + 2);
		note("The end is 2^47 minus one page. The stack ends up to 16 GiB below it; the "
		     "first library as far below as the stack may grow (ulimit -s), the dice "
		     "for the stack, and dice of its own: mmap_base().");
		syscall_begin();
		read_areas();
		syscall_end(0);
		see_order();
		see("from the end to the stack", MMAP_BASE_END - find("stack").end);
		see("from the end to the libraries", MMAP_BASE_END - find("libraries").end);
		draw_areas();
	}
}

static __attribute__((noinline)) bool lower(const char *callers)
{
	char here = *callers;

	return &here < callers;
}

static void *take(void)
{
	return mmap(NULL, STRIDE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void directions(void)
{
	char *brk = sbrk(0), *first, *second, local = 1;

	STEP("sbrk, two mmaps, a call") {
		expect("heap grows by %zu bytes", len(1));
		expect("second mapping %s the first", mmap_base_bottom_up() ? "above" : "below");
		expect("frame of the callee below");
		note("Heap and mappings grow towards each other; the stack towards the mappings.");
		syscall_begin();
		sbrk(len(1));
		first = take();
		second = take();
		syscall_end(0);
		see_text("heap grows", "by %td bytes", (char *)sbrk(0) - brk);
		see_text("second mapping", "%s the first", second + STRIDE == first ? "below" :
			 second == first + STRIDE ? "above" : "away from");
		see_text("frame of the callee", "%s", lower(&local) ? "below" : "above");
		munmap(first, STRIDE);
		munmap(second, STRIDE);
	}
}

static void limits(void)
{
	size_t last = (1UL << cpu_user_bits()) - len(1);
	void *low;

	STEP("mmap the last page of the lower half") {
		expect("errno ENOMEM, process vmas +0");
		note("TASK_SIZE_MAX: that page stays free. A system call at its end would return "
		     "to no address at all, which some CPUs took badly.");
		ACT(mmap((void *)last, len(1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0));
	}
	STEP("mmap with MAP_32BIT") {
		expect("errno none, bits of the address 31");
		note("From 1 to 2 GiB, for code that can only jump so far.");
		low = ACT(mmap(NULL, len(1), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
			       -1, 0));
		see("bits of the address", cpu_bits_of((uintptr_t)low));
		munmap(low, len(1));
	}
}

/**
 * struct bounds - of a program of 32 bits
 * @high: where its last region ends
 * @stack: where its stack ends
 */
struct bounds {
	size_t high;
	size_t stack;
};

static void take_bounds(const struct proc_map *map, void *arg)
{
	struct bounds *b = arg;

	b->high = map->end;
	if (!strcmp(map->path, "[stack]"))
		b->stack = map->end;
	draw("%08llx-%08llx %s %s", map->start, map->end, map->rights, map->path);
}

static void of_32_bits(void)
{
	char *args[2] = { (char *)"of-32-bits", NULL }, *environment[1] = { NULL };
	char path[32];
	size_t random = mmap_base_randomized() ? STACK_RANDOM32 : 0;
	struct bounds b = { 0 };
	int fd = elf32_create();
	pid_t pid;

	if (!elf32_runs(fd)) {
		leave_out("a program of 32 bits: it cannot be run here");
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	STEP("start a program of 32 bits") {
		if (random)
			expect("from its stack to 4 GiB 8..%zu KiB", (random >> 10) + 8);
		else
			expect("from its stack to 4 GiB 8 KiB");
		expect("above 4 GiB nothing");
		note("All of 4 GiB but two pages are its own: IA32_PAGE_OFFSET. Only a kernel of "
		     "32 bits needs the last GiB for itself.");
		pid = exec_stopped_file(path, args, environment);
		proc_maps(pid, take_bounds, &b);
		exec_kill(pid);
		see("from its stack to 4 GiB", GIB(4) - b.stack);
		see_text("above 4 GiB", "%s", b.high > GIB(4) ? "something" : "nothing");
	}
	close(fd);
}

static void run(void)
{
	whole();
	directions();
	limits();
	of_32_bits();
}

const struct experiment exp_layout = {
	.name = "layout",
	.question = "What does an address space look like, text to stack?",
	.textbook =
		"4 GiB: text, data, bss, heap from below, the stack from 3 GiB down, mappings\n"
		"at 1 GiB (0x40000000) upwards, and the kernel in the last GiB.",
	.kernel =
		"So it was with 32 bits, until 2.6.7 turned the mappings round. With 64: a\n"
		"lower half of 47 bits for the program (56 with five levels, for who asks), the\n"
		"upper half for the kernel, and no addresses between. A PIE program is placed\n"
		"near two thirds (ELF_ET_DYN_BASE, 0x555...), its heap behind it. The stack\n"
		"is at the end; mappings begin at mmap_base() (arch/x86/mm/mmap.c) and go\n"
		"down: arch_get_unmapped_area_topdown() looks for the highest hole that is\n"
		"large enough. Room for the stack is kept free, at least 128 MiB and at most\n"
		"five sixths of all: ulimit -s moves the mappings, even below the program.\n"
		"\n"
		"Nothing reserves these places: a region is where it was asked for.",
	.look = "The picture, from the end to 0, with the sizes of what is and of what is not.",
	.next = "setarch -R, or ulimit -s unlimited, in front of mmscope run layout.",
	.see = "segments, aslr, stack-grow, heap-wall",
	.words = "the end: of what mmap() and execve() use unless asked for more, 2^47 - 4096",
	.run = run,
};
