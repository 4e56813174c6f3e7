// SPDX-License-Identifier: GPL-2.0
/*
 * Which page tables does the touch of one page cost?
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

#define LEVELS	4
#define BITS	9
#define ROOM	(2ULL << 40)

static const char *const names[LEVELS] = { "pte", "pmd", "pud", "pgd" };

/* How much an entry of a level covers: 4 KiB, 2 MiB, 1 GiB, 512 GiB. */
static size_t covers(int level)
{
	return len(1) << BITS * level;
}

static unsigned int index_of(size_t address, int level)
{
	return address / covers(level) % (1 << BITS);
}

/* The way of an address from the top to its page, as the CPU goes it. */
static void draw_walk(size_t address)
{
	draw("  %#zx = pgd %u, pud %u, pmd %u, pte %u, byte %zu", address, index_of(address, 3),
	     index_of(address, 2), index_of(address, 1), index_of(address, 0),
	     address % len(1));
}

static size_t free_room(void)
{
	char *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			  0);

	if (room == MAP_FAILED)
		skip("there are no 2 TiB of addresses: ulimit -v unlimited");
	munmap(room, ROOM);
	return ((size_t)room + covers(3) - 1) / covers(3) * covers(3);
}

static void touch(size_t address)
{
	void *page = ACT(mmap((void *)address, len(1), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));

	write_at(page, 1);
	draw_walk(address);
}

static void first(size_t base)
{
	STEP("map and touch a page, alone in its 512 GiB") {
		expect("page tables +%zu KiB, minor 1", 3 * len(1) >> 10);
		note("One page of data, three of tables: pud, pmd and pte. The pgd was there; "
		     "its page is not counted.");
		touch(base);
	}
	STEP("the page behind it") {
		expect("page tables +0 KiB, minor 1");
		note("Another entry of the same table.");
		touch(base + len(1));
	}
}

static void sparse(size_t base)
{
	for (int level = 1; level < LEVELS; level++) {
		STEP("a page %zu %s above", covers(level) >> (level > 1 ? 30 : 20),
		     level > 1 ? "GiB" : "MiB") {
			expect("page tables +%zu KiB, minor 1", level * len(1) >> 10);
			note("Its %s entry was empty: %d new table%s below.", names[level], level,
			     level > 1 ? "s" : "");
			touch(base + covers(level));
		}
	}
}

static void given_back(size_t base)
{
	STEP("madvise: all of these pages away") {
		expect("page tables +0 KiB, errno none");
		note("The pages go, their entries are cleared, the tables stay. (Since 6.14 a pte "
		     "table goes with MADV_DONTNEED of all its 2 MiB.)");
		ACT(madvise((void *)base, 2 * len(1), MADV_DONTNEED));
		for (int level = 1; level < LEVELS; level++)
			ACT(madvise((void *)(base + covers(level)), len(1), MADV_DONTNEED));
	}
	STEP("munmap it all") {
		expect("page tables -%zu KiB", (3 + 1 + 2 + 3) * len(1) >> 10);
		note("free_pgtables(): a table goes when no mapping is left in what it covers.");
		ACT(munmap((void *)base, covers(3) + len(1)));
	}
}

/* --- the tables themselves ----------------------------------------------------------------- */

#define FRAME(entry)	((entry) >> 12 & 0xffffffffffULL)
#define PRESENT		1

/**
 * struct way - what is on the way to an address
 * @entries: of a table each, from the top
 * @n: tables that are there
 */
struct way {
	__u64 entries[KCORE_LEVELS];
	size_t n;
};

static struct way way_to(size_t address)
{
	struct way way = { 0 };

	way.n = kcore_walk(kcore_pgd(getpid()), address, way.entries);
	return way;
}

/* The last entry leads to a page. */
static __u64 page_of(const struct way *way)
{
	__u64 last = way->entries[way->n - 1];

	return way->n && last & PRESENT ? FRAME(last) : 0;
}

static const char *flags(__u64 entry)
{
	static const struct {
		__u64 bit;
		const char *name;
	} bits[] = {
		{ 2, " writable" }, { 4, " user" }, { 32, " accessed" }, { 64, " dirty" },
		{ 1ULL << 63, " nx" },
	};
	static char text[64];

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (entry & bits[i].bit)
			strcat(text, bits[i].name);
	return text;
}

static void draw_way(const struct way *way, size_t address)
{
	static const char *const all[KCORE_LEVELS] = { "pgd", "p4d", "pud", "pmd", "pte" };
	size_t levels = cpu_has("la57") ? 5 : 4;

	for (size_t i = 0; i < way->n; i++) {
		int level = levels - 1 - i;
		__u64 entry = way->entries[i];

		if (!(entry & PRESENT))
			draw("%s[%3u]  nothing", !i ? "pgd" : all[4 - level],
			     index_of(address, level));
		else
			draw("%s[%3u] -> %-5s in frame %#-9llx%s", !i ? "pgd" : all[4 - level],
			     index_of(address, level), level ? "table" : "page", FRAME(entry),
			     flags(entry));
	}
}

/* Tables of one way that the other one has, too. */
static long shared(const struct way *a, const struct way *b)
{
	long n = 0;

	for (size_t i = 0; i + 1 < a->n && i + 1 < b->n; i++)
		n += FRAME(a->entries[i]) == FRAME(b->entries[i]);
	return n;
}

static struct way look(size_t address)
{
	struct way way = way_to(address);

	see("tables", way.n);
	draw_way(&way, address);
	return way;
}

static void walk_beside(const struct way *first, size_t base, size_t far, int new)
{
	int levels = cpu_has("la57") ? 5 : 4;
	struct way way;

	STEP("the way to a page %zu KiB behind it", far >> 10) {
		expect("tables %d, below the pgd shared %d", levels, levels - 1 - new);
		expect("page pagemap's, minor 1");
		touch(base + far);
		way = look(base + far);
		see("below the pgd shared", shared(first, &way));
		see_text("page", "%s", page_of(&way) == proc_frame((void *)(base + far)) ?
			 "pagemap's" : "another");
	}
}

static void walk(size_t base)
{
	int levels = cpu_has("la57") ? 5 : 4;
	struct way way;

	STEP("the way to an address that nobody touched") {
		expect("tables %d", levels - 3);
		note("Read from the kernel's own memory, /proc/kcore, from mm->pgd on. The first "
		     "entry without a table below it ends the way: a page fault.");
		syscall_begin();
		syscall_end(0);
		look(base);
	}
	STEP("touch it; the way again") {
		expect("tables %d, page pagemap's, minor 1", levels);
		note("Three tables were made, and a page. Each level may forbid, none can allow "
		     "alone: what is not writable or executable in one is not.");
		touch(base);
		way = look(base);
		see_text("page", "%s", page_of(&way) == proc_frame((void *)base) ? "pagemap's" :
			 "another");
	}
	walk_beside(&way, base, len(1), 0);
	walk_beside(&way, base, covers(1), 1);
	munmap((void *)base, covers(1) + len(1));
}

static void themselves(void)
{
	if (kcore_open())
		walk(free_room());
	else
		leave_out("the way through the tables: %s", kcore_why());
}

static void counted(void)
{
	size_t base = free_room();

	first(base);
	sparse(base);
	given_back(base);
}

const struct experiment exp_ptables = {
	.name = "ptables",
	.question = "Which page tables does the touch of one page cost?",
	.textbook =
		"A process has a page table with an entry for each page of its address space.",
	.kernel =
		"It has a tree of them, of 4 levels (5 with LA57, where a process of the usual\n"
		"47 bits uses one entry of the fifth): pgd, pud, pmd, pte, each a page of 512\n"
		"entries. An address is the four indices and the byte. Only the pgd exists\n"
		"from the start; __handle_mm_fault() in mm/memory.c builds what is missing on\n"
		"the way to an address, p4d_alloc(), pud_alloc(), pmd_alloc() and pte_alloc(),\n"
		"and nothing for addresses nobody touched.\n"
		"\n"
		"The tables are memory of the process: VmPTE in /proc/PID/status counts them\n"
		"(mm_pgtables_bytes(), all levels but the top), and so does its cgroup.",
	.look =
		"page tables beside the distance of the pages; the indices below each step. In\n"
		"the second part the entries themselves: frames that two ways have in common\n"
		"are the tables they share.",
	.next = "mmscope run lazy: 4 MiB of addresses need 8 KiB of tables, if they are dense.",
	.see = "lazy, fault-walk, partial-munmap",
	.words = "page tables: VmPTE; pgd, pud, pmd, pte: index of the entry at each level",
	.parts = {
		{ .title = "counted", .run = counted },
		{ .title = "the tables themselves", .run = themselves },
	},
};
