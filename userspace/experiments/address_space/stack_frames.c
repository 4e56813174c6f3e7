// SPDX-License-Identifier: GPL-2.0
/*
 * What is on the stack, what on the heap, and what stays where it is?
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define DEPTH	5

static char *frames[DEPTH];

static __attribute__((noinline)) long descend(size_t depth)
{
	volatile char local = depth;

	frames[depth] = (char *)&local;
	return depth + 1 < DEPTH ? descend(depth + 1) + local : local;
}

/* Where the frame of a callee lies. */
static __attribute__((noinline)) char *callee(char fill)
{
	volatile char local = fill;
	char *volatile where = (char *)&local;

	return where;
}

/* The same, with something else on the stack when it is called. */
static __attribute__((noinline)) char *deeper(void)
{
	volatile char room[512];
	char *where;

	room[0] = 1;
	where = callee(room[0]);
	return room[0] ? where : NULL;
}

/**
 * struct sum - the program's own mappings with certain rights
 * @path: of the program
 * @rights: wanted
 * @bytes: how large they are
 */
struct sum {
	char path[256];
	const char *rights;
	long bytes;
};

static void add(const struct proc_map *map, void *arg)
{
	struct sum *sum = arg;

	if (!strcmp(map->path, sum->path) && !strcmp(map->rights, sum->rights))
		sum->bytes += map->end - map->start;
}

static long size_of(const char *rights)
{
	struct sum sum = { .rights = rights };

	if (readlink("/proc/self/exe", sum.path, sizeof(sum.path) - 1) > 0)
		proc_maps(0, add, &sum);
	return sum.bytes;
}

static long below(void)
{
	long n = 0;

	for (size_t i = 1; i < DEPTH; i++)
		n += frames[i] < frames[i - 1];
	return n;
}

static void stack(void)
{
	/* A signal would leave TRY by a jump: not in registers. */
	static char *first, *second;

	STEP("call %d deep", DEPTH) {
		expect("frames below their caller's %d", DEPTH - 1);
		expect("stack +0, brk +0");
		note("A call pushes, a return pops: both only move %%rsp.");
		TRY {
			descend(0);
		}
		see("frames below their caller's", below());
		for (size_t i = 0; i < DEPTH; i++)
			draw("depth %zu: local at %p", i, frames[i]);
	}
	STEP("call the same function twice") {
		expect("place the same");
		note("What the first call left there is the second one's rubbish: locals begin "
		     "with any value, and a pointer to one dangles after the return.");
		TRY {
			first = callee(1);
			second = callee(2);
		}
		see_text("place", first == second ? "the same" : "another");
	}
	STEP("call it from another depth") {
		expect("place lower");
		TRY {
			second = deeper();
		}
		see_text("place", second < first ? "lower" : "not lower");
	}
}

static void heap(void)
{
	char *a, *b, *c;

	STEP("malloc three times, free the second") {
		expect("order rising, stack +0");
		expect("next one where the second was");
		note("The heap has no order of calls: what is freed in the middle is a hole, and "
		     "is used again when it fits.");
		a = ACT(malloc(100));
		b = ACT(malloc(100));
		c = ACT(malloc(100));
		see_text("order", a < b && b < c ? "rising" : "not rising");
		free(b);
		b = malloc(100);
		see_text("next one", a < b && b < c ? "where the second was" : "elsewhere");
		free(a);
		free(b);
		free(c);
	}
}

static void image(long code, long data)
{
	STEP("and after all that, the program's own parts") {
		expect("code %ld KiB, data %ld KiB", code >> 10, data >> 10);
		note("What the linker laid out keeps its size as long as the program runs.");
		see("code", size_of("r-xp"));
		see("data", size_of("rw-p"));
	}
}

static void run(void)
{
	long code = size_of("r-xp"), data = size_of("rw-p");

	stack();
	heap();
	image(code, data);
}

const struct experiment exp_stack_frames = {
	.name = "stack-frames",
	.question = "What moves on the stack, and what stays where it is?",
	.textbook =
		"Local variables are pushed and popped, malloc() takes from the heap, and text\n"
		"and data have a fixed size.",
	.kernel =
		"The kernel knows nothing of calls: the compiler moves %rsp, down for a call\n"
		"and up for a return, in a mapping that grows by itself (stack-grow). The heap\n"
		"is malloc()'s, in a mapping that ends at brk. Text and data were mapped by\n"
		"load_elf_binary() in fs/binfmt_elf.c, a VMA for each PT_LOAD of the file and\n"
		"the rest of bss anonymous, and nobody changes them but ld.so, which makes\n"
		"RELRO read-only before main().",
	.look =
		"The addresses of the frames: how far apart they are is what a call costs in\n"
		"stack.",
	.next = "The same with a variable of a megabyte, after ulimit -s 512.",
	.see = "stack-grow, segments, dangling",
	.words = "code, data: sizes of the program's own r-x and rw- mappings",
	.run = run,
};
