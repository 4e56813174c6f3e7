// SPDX-License-Identifier: GPL-2.0
/*
 * What do PROT_READ, PROT_WRITE, PROT_EXEC and PROT_NONE really forbid?
 */
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

#define RET	0xc3	/* the instruction */

enum access { READ, WRITE, EXECUTE };

static const char *const accesses[] = { "read", "write", "execute" };

/**
 * struct row - a way to protect
 * @name: of it
 * @prot: PROT_*
 * @allowed: a bit for each access
 * @entry: bits of the page table's entry
 */
struct row {
	const char *name;
	int prot;
	unsigned int allowed;
	const char *entry;
};

/* On x86 a page that can be written can be read: there is no bit for that. */
static const struct row rows[] = {
	{ "PROT_NONE", PROT_NONE, 0, "none" },
	{ "PROT_READ", PROT_READ, 1 << READ, "present user nx" },
	{ "PROT_WRITE", PROT_WRITE, 1 << READ | 1 << WRITE, "present write user nx" },
	{ "PROT_READ | PROT_WRITE", PROT_READ | PROT_WRITE, 1 << READ | 1 << WRITE,
	  "present write user nx" },
	{ "PROT_READ | PROT_EXEC", PROT_READ | PROT_EXEC, 1 << READ | 1 << EXECUTE,
	  "present user" },
	{ "PROT_EXEC", PROT_EXEC, 1 << READ | 1 << EXECUTE, "present user" },
};

/* With protection keys PROT_EXEC alone forbids to read, by a key. */
static bool has_keys(void)
{
	struct proc_lines lines;
	const char *line;
	bool found = false;

	if (!proc_open(&lines, "/proc/cpuinfo"))
		return false;
	while (!found && (line = proc_line(&lines)) && line[0])
		found = strstr(line, " ospke");
	proc_close(&lines);
	return found;
}

static __u64 pgd;	/* of this process; 0 where it cannot be seen */

static void expect_entry(const char *bits, bool key)
{
	if (pgd)
		expect("entry %s%s", bits, key ? " key" : "");
}

/* What the CPU finds when it looks up an address: bits 0 to 2, 63, and 59 to 62. */
static void see_entry(const void *address)
{
	__u64 entries[KCORE_LEVELS] = { 0 }, last;

	if (!pgd)
		return;
	last = entries[kcore_walk(pgd, (uintptr_t)address, entries) - 1];
	see_text("entry", "%s%s%s%s%s", last & 1 ? "present" : "none",
		 (last & 3) == 3 ? " write" : "", (last & 5) == 5 ? " user" : "",
		 last & 1 && last >> 63 ? " nx" : "", last & 1 && last >> 59 & 15 ? " key" : "");
}

/* The CPU's words: 1 the page is there, 2 write, 4 by user mode, 16 fetch, 32 a key forbids it. */
static int error_code(const struct row *row, enum access access)
{
	int there = row->prot != PROT_NONE;

	return there + (access == WRITE ? 2 : 0) + 4 + (access == EXECUTE ? 16 : 0);
}

static void expect_access(const struct row *row, enum access access)
{
	bool key = row->prot == PROT_EXEC && access != EXECUTE && has_keys();

	if (key)
		expect("signal SIGSEGV PKUERR, error code %d", error_code(row, access) + 32);
	else if (row->allowed & 1U << access)
		expect("signal none");
	else
		expect("signal SIGSEGV ACCERR, error code %d", error_code(row, access));
}

static void execute(void *code)
{
	TRY {
		((void (*)(void))code)();
	}
}

static void one(const struct row *row)
{
	for (enum access access = READ; access <= EXECUTE; access++) {
		struct region *m = MAP(.pages = 1, .anonymous = true);

		write_at(at(m, 0), RET);
		STEP("%s: %s", row->name, accesses[access]) {
			expect_access(row, access);
			expect_entry(row->entry, row->prot == PROT_EXEC && has_keys());
			ACT(mprotect(at(m, 0), len(1), row->prot));
			if (access == READ)
				read_at(at(m, 0));
			else if (access == WRITE)
				write_at(at(m, 0), RET);
			else
				execute(at(m, 0));
			see_entry(at(m, 0));
		}
		drop(m);
	}
}

static __attribute__((noinline)) void text(void)
{
	__asm__ volatile ("");
}

static void run(void)
{
	struct region *nothing;

	pgd = kcore_open() ? kcore_pgd(getpid()) : 0;
	if (!pgd)
		leave_out("the entries of the page table: %s", kcore_why());
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		one(&rows[i]);
	STEP("the program's own code: write") {
		expect("signal SIGSEGV ACCERR, error code 7");
		expect_entry("present user", false);
		note("It is mapped r-x from the file: MAP_PRIVATE, but no PROT_WRITE.");
		write_at((void *)text, RET);
		see_entry((void *)text);
	}
	nothing = reserve(1, NULL);
	STEP("no mapping at all: read") {
		expect("signal SIGSEGV MAPERR, error code 4");
		expect_entry("none", false);
		note("The other reason for SIGSEGV: si_code tells them apart.");
		read_at(at(nothing, 0));
		see_entry(at(nothing, 0));
	}
}

const struct experiment exp_prot = {
	.name = "prot",
	.question = "What do PROT_READ, PROT_WRITE and PROT_EXEC really forbid?",
	.textbook = "Each of the three allows one thing, PROT_NONE nothing.",
	.kernel =
		"The VMA holds what was asked for; vm_get_page_prot() makes bits of a page table\n"
		"entry of it, and these are what the CPU knows: present, writable, user,\n"
		"no-execute. There is none for \"readable\": PROT_WRITE alone can be read, and\n"
		"so can PROT_EXEC alone, unless the CPU has protection keys: then mprotect(2)\n"
		"and mmap(2) give such pages one that forbids to read (execute_only_pkey(),\n"
		"4.9). PROT_NONE is an entry without present.\n"
		"\n"
		"A fault that the VMA does not allow is access_error() in arch/x86/mm/fault.c:\n"
		"SIGSEGV with SEGV_ACCERR. A driver's ->fault is not even asked.",
	.look =
		"signal and error code for each of the accesses that are refused, beside the\n"
		"bits of the entry that the CPU found.",
	.next = "mmscope run mprotect shows what it costs to change rights.",
	.see = "kaddr-deny, mprotect, sigbus",
	.words =
		"error code: 1 present, 2 write, 4 by user mode, 16 instruction fetch, "
		"32 by a protection key; entry: of the page table, by /proc/kcore",
	.terse = true,
	.run = run,
};
