// SPDX-License-Identifier: GPL-2.0
/*
 * How much does malloc() give, until it says no?
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define PIECE	MIB(1)
#define PROMISES 16
#define MODE	"/proc/sys/vm/overcommit_memory"

static char overcommit;
static size_t all;	/* RAM and swap */

static size_t meminfo(const char *field)
{
	return proc_field("/proc/meminfo", field) * 1024;
}

/* What an mmap() of a chunk takes: the header, too, in pages. */
static size_t mapping(size_t size)
{
	return (size + 2 * sizeof(long) + len(1) - 1) & -len(1);
}

/* Keep gcc from leaving out what is not used. */
static void *ask(size_t size)
{
	void *volatile got = malloc(size);

	return got;
}

static void take_all(size_t limit)
{
	struct rlimit addresses = { limit, limit };
	long vmas = proc_count(NULL), tables = proc_status("VmPTE:");
	long rss = proc_field("/proc/self/smaps_rollup", "Rss:"), n = 0;

	setrlimit(RLIMIT_AS, &addresses);
	while (ask(PIECE))
		n++;
	see("chunks", n);
	see("VMAs more", proc_count(NULL) - vmas);
	see("present", (proc_field("/proc/self/smaps_rollup", "Rss:") - rss) * 1024);
	see("tables", (proc_status("VmPTE:") - tables) * 1024);
}

static void limited(void)
{
	size_t limit = param("size"), size = proc_status("VmSize:") * 1024, n, spans;

	ask(1);		/* the heap is there, and its size known */
	size = proc_status("VmSize:") * 1024;
	n = (limit - size) / mapping(PIECE);
	spans = n * mapping(PIECE) / (len(1) / sizeof(long) * len(1));
	STEP("a child has %zu MiB of addresses: 1 MiB, ...", limit >> 20) {
		expect("chunks %zu..%zu, VMAs more 0..8", n, n + 1);
		expect("present %zu..%zu KiB", len(n) >> 10, len(n + 32) >> 10);
		expect("tables %zu..%zu KiB", len(spans) >> 10, len(spans + 32) >> 10);
		note("One page of each chunk is present: malloc() writes its size into it. Nothing "
		     "else was touched. All chunks are one VMA or a few: neighbours merge.");
		CHILD {
			take_all(limit);
		}
	}
}

static void judged_alone(void)
{
	size_t quarter = (all / 4 + PIECE - 1) & -PIECE;
	void *got[PROMISES] = { 0 };

	STEP("malloc: all RAM and swap, and 64 MiB") {
		if (overcommit == '0')
			expect("got 0, errno ENOMEM");
		else
			expect("got 1");
		note("%zu MiB at once are more than there is.", (all + MIB(64)) >> 20);
		syscall_begin();
		got[0] = ask(all + MIB(64));
		syscall_end(got[0] ? 0 : -1);
		see("got", !!got[0]);
		free(got[0]);
	}
	STEP("%d times a quarter of that", PROMISES) {
		expect("got %d, process size +%zu KiB", PROMISES,
		       PROMISES * mapping(quarter) >> 10);
		expect("process rss < 32 MiB");
		note("Four times as much, and granted: each is judged alone.");
		syscall_begin();
		for (size_t i = 0; i < PROMISES; i++)
			got[i] = ask(quarter);
		syscall_end(0);
		see("got", PROMISES - !got[PROMISES - 1]);
	}
	for (size_t i = 0; i < PROMISES; i++)
		free(got[i]);
}

static void unlimited(void)
{
	struct rlimit limit;
	char mode[8] = "";

	getrlimit(RLIMIT_AS, &limit);
	proc_word(MODE, mode, sizeof(mode));
	overcommit = mode[0];
	all = meminfo("MemTotal:") + meminfo("SwapTotal:");
	if (limit.rlim_cur != RLIM_INFINITY)
		leave_out("more than all memory: ulimit -v unlimited");
	else if (overcommit == '2')
		leave_out("more than all memory: vm.overcommit_memory is 2");
	else
		judged_alone();
}

static void try_once(size_t size)
{
	void *got;

	syscall_begin();
	got = ask(size);
	syscall_end(got ? 0 : -1);
	see("got", !!got);
	free(got);
}

/*
 * A sum that is too large is too large for everybody until the request is refused: others may be
 * refused, too. What they have asked for until then must not be.
 */
static void counted(void)
{
	size_t left = meminfo("CommitLimit:") - meminfo("Committed_AS:");

	if (!tunable(MODE)) {
		leave_out("vm.overcommit_memory 2: be root");
		return;
	}
	if (!may_disturb()) {
		leave_out("vm.overcommit_memory 2: for milliseconds others may be refused memory; "
			  "--system allows it");
		return;
	}
	if (meminfo("Committed_AS:") > meminfo("CommitLimit:") / 2) {
		leave_out("vm.overcommit_memory 2: too much is promised to others");
		return;
	}
	STEP("mode 2: what is left, %zu MiB, and 64", left >> 20) {
		expect("got 0, errno ENOMEM");
		note("CommitLimit less Committed_AS, by /proc/meminfo: now promises are added up, "
		     "those to all processes.");
		tune(MODE, "2");
		try_once(left + MIB(64));
	}
	STEP("mode 2: half of that") {
		expect("got 1");
		try_once(left / 2);
	}
}

const struct experiment exp_malloc_max = {
	.name = "malloc-max",
	.question = "How much does malloc() give, until it says no?",
	.textbook =
		"As much as there are addresses: 3 GiB of 4 on 32 bits. Or: as much as there\n"
		"is memory.",
	.kernel =
		"malloc() asks the kernel for addresses: mmap(2) or brk(2). These say no when\n"
		"RLIMIT_AS is reached (may_expand_vm() in mm/mmap.c), the 47 bits of user\n"
		"addresses are used up, or __vm_enough_memory() (mm/util.c)\n"
		"does: that is vm.overcommit_memory. 0, the default: refuse what alone is more\n"
		"than all RAM and swap, whatever was promised before. 1: never refuse. 2:\n"
		"refuse what would make the sum of all promises, Committed_AS, larger than\n"
		"CommitLimit: swap and vm.overcommit_ratio percent of RAM, 50.\n"
		"\n"
		"So NULL is rare, and does not mean that memory has run out; when it has, no\n"
		"malloc() fails: a touch brings the OOM killer.",
	.look =
		"chunks of 1 MiB, and what is present of them: a page each, and page tables.",
	.next =
		"--size 20G: the same, in a few hundredths of a second more. --system, as root:\n"
		"the third part sets vm.overcommit_memory to 2 for milliseconds, in which other\n"
		"programs may be refused memory.",
	.see = "lazy, malloc-speed, malloc-free-cmd",
	.words =
		"present: rss of the chunks; tables: VmPTE, page tables; got: calls that did "
		"not return NULL",
	.terse = true,
	.params = {
		{ "size", "addresses that the child may have", GIB(3), MIB(256), GIB(64) },
	},
	.parts = {
		{ .title = "addresses are limited", .run = limited },
		{ .title = "nothing is", .run = unlimited },
		{ .title = "promises are counted", .run = counted },
	},
};
