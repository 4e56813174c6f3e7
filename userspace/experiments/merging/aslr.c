// SPDX-License-Identifier: GPL-2.0
/*
 * Is a program at the same addresses each time it runs?
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

#define MOST		1000
#define STACK_RANDOM	GIB(16)			/* __STACK_RND_MASK, in pages */
#define BRK_RANDOM	GIB(1)			/* arch_randomize_brk() */
#define RANDOMIZE	"/proc/sys/kernel/randomize_va_space"

enum place { CODE, HEAP, LOADER, STACK, NR_PLACES };

static const char *const names[NR_PLACES] = { "code", "heap", "ld.so", "stack" };

SEE_ALL("code", "heap", "ld.so", "stack", "spread of ", "bits of ");
static size_t seen[MOST][NR_PLACES];	/* the heap's: how far behind code */
static size_t runs;

static void keep_loader(const struct proc_map *map, void *arg)
{
	size_t *at = arg;

	if (!*at && strstr(map->path, "/ld-linux"))
		*at = map->start;
}

/* Start this program, look where its parts are before its first instruction, and end it. */
static void look(size_t *places)
{
	char *args[2] = { (char *)"mmscope", NULL }, *environment[1] = { NULL };
	pid_t pid = exec_stopped(args, environment);

	places[CODE] = exec_stat(pid, STAT_START_CODE);
	places[HEAP] = exec_stat(pid, STAT_START_BRK) - places[CODE];
	places[STACK] = exec_stat(pid, STAT_START_STACK);
	places[LOADER] = 0;
	proc_maps(pid, keep_loader, &places[LOADER]);
	exec_kill(pid);
}

static long different(enum place place)
{
	long n = 0;

	for (size_t i = 0; i < runs; i++) {
		bool new = true;

		for (size_t j = 0; j < i; j++)
			new &= seen[j][place] != seen[i][place];
		n += new;
	}
	return n;
}

static size_t spread(enum place place)
{
	size_t low = seen[0][place], high = low;

	for (size_t i = 1; i < runs; i++) {
		low = seen[i][place] < low ? seen[i][place] : low;
		high = seen[i][place] > high ? seen[i][place] : high;
	}
	return high - low;
}

/* Each can be so much in steps of a page, but the stack, which is moved by 16 bytes, too. */
static size_t granule(enum place place)
{
	return place == STACK ? 16 : len(1);
}

/* Of the stack's two dice, for pages and for what is less than two, the first alone. */
static int bits(enum place place)
{
	size_t room = spread(place);

	if (place == STACK && room > len(2))
		room -= len(2);
	return cpu_bits_of(room / granule(place));
}

static void show(void)
{
	char line[32];

	for (enum place place = 0; place < NR_PLACES; place++) {
		see(names[place], different(place));
		snprintf(line, sizeof(line), "spread of %s", names[place]);
		see(line, spread(place));
		snprintf(line, sizeof(line), "bits of %s", names[place]);
		see(line, bits(place));
		draw("%-6s %#14zx  %#14zx  %#14zx ...%s", names[place], seen[0][place],
		     seen[1][place], seen[2][place], place == HEAP ? " behind code" : "");
	}
}

static void run_all(void)
{
	for (size_t i = 0; i < runs; i++)
		look(seen[i]);
	show();
}

/* The same place twice: of a heap's 2^18 places, once in 500 times among 32 runs. */
static void expect_different(void)
{
	size_t most = runs, least = most - most / 500;

	expect("heap %zu..%zu places", most - 3 - 8 * most * most / MIB(1), most);
	if (least < most)
		expect("code %zu..%zu, ld.so %zu..%zu, stack %zu..%zu places", least, most, least,
		       most, least, most);
	else
		expect("code %zu, ld.so %zu, stack %zu places", most, most, most);
}

/* 32 throws of dice span more than half of what they can reach, but for one time in 2^26. */
static void expect_spread(enum place place, size_t room)
{
	const char *of = names[place];
	int most = cpu_bits_of(room / granule(place)) - 1;

	if (room > GIB(1))
		expect("spread of %s %zu..%zu GiB, bits of %s %d", of, room >> 31, (room >> 30) + 1,
		       of, most);
	else
		expect("spread of %s %zu..%zu MiB, bits of %s %d", of, room >> 21, (room >> 20) + 1,
		       of, most);
}

static void as_it_is(void)
{
	char bits[16] = "", level[16] = "";

	proc_word(RANDOMIZE, level, sizeof(level));
	if (personality(0xffffffff) & ADDR_NO_RANDOMIZE || atoi(level) < 2) {
		leave_out("random addresses: they are switched off (setarch -R, or " RANDOMIZE
			  " is not 2)");
		return;
	}
	proc_word("/proc/sys/vm/mmap_rnd_bits", bits, sizeof(bits));
	STEP("start this program %zu times", runs) {
		expect_different();
		expect_spread(STACK, STACK_RANDOM);
		expect_spread(HEAP, BRK_RANDOM);
		if (bits[0]) {
			expect_spread(CODE, len(1UL << atoi(bits)));
			expect_spread(LOADER, len(1UL << atoi(bits)));
		}
		note("Four dice: where the program is, where its heap begins behind it, where "
		     "mappings begin (ld.so is the first), and the stack. Libraries follow "
		     "ld.so: one known address tells them all.");
		run_all();
	}
}

static void switched_off(void)
{
	int before = personality(0xffffffff);
	struct program here = exec_program();
	size_t behind = (here.bss_end + len(1) - 1) / len(1) * len(1) - here.start_code;

	STEP("the same, with personality(2): ADDR_NO_RANDOMIZE") {
		expect("code 1, heap 1, ld.so 1, stack 1 places");
		expect("heap behind code %zu bytes", behind);
		note("What setarch -R does, and every debugger: children inherit it. The heap "
		     "begins with the page behind bss.");
		personality(before | ADDR_NO_RANDOMIZE);
		run_all();
		see("heap behind code", seen[0][HEAP]);
		personality(before);
	}
}

static void forked(void)
{
	size_t here = exec_stat(0, STAT_START_STACK), code = exec_stat(0, STAT_START_CODE);

	STEP("fork, and look in the child") {
		expect("stack moved by 0 bytes, code moved by 0 bytes");
		note("fork() copies the address space with its addresses: servers that fork for "
		     "each client have one layout for all of them. Only execve() throws anew.");
		CHILD {
			see("stack moved by", exec_stat(0, STAT_START_STACK) - here);
			see("code moved by", exec_stat(0, STAT_START_CODE) - code);
		}
	}
}

static void run(void)
{
	runs = param("runs");
	as_it_is();
	switched_off();
	forked();
}

const struct experiment exp_aslr = {
	.name = "aslr",
	.question = "Is a program at the same addresses each time it runs?",
	.textbook =
		"Run it ten times: each variable has the same address each time, for each\n"
		"process has an address space of its own.",
	.kernel =
		"True until 2005 (2.6.12); since then execve() throws dice, unless told not to\n"
		"(kernel.randomize_va_space: 0 none, 1 all but the heap, 2 all, the default;\n"
		"personality(2) for one process). In fs/binfmt_elf.c: load_bias for programs\n"
		"that are position independent (PIE); in arch/x86/mm/mmap.c: mmap_base(),\n"
		"minus arch_mmap_rnd() pages of 2^28 (vm.mmap_rnd_bits); the stack's top by\n"
		"randomize_stack_top(), of 16 GiB; the heap by arch_randomize_brk().\n"
		"\n"
		"A program linked without PIE is always at the same place, with a random\n"
		"stack, heap and libraries.",
	.look =
		"The first three of each address: their last three digits are the same, for\n"
		"whole pages are moved (not so the stack: also by bytes).",
	.next =
		"--runs 100. setarch -R: the first step is left out. As root it knows of\n"
		"vm.mmap_rnd_bits, and predicts how far apart they are.",
	.see = "segments, layout, exec-stack",
	.words =
		"code, heap...: different places; spread: highest minus lowest; bits: digits "
		"that this takes, in pages, of the stack in 16 bytes",
	.params = { { "runs", "how often it is started", 32, 32, MOST } },
	.terse = true,
	.run = run,
};
