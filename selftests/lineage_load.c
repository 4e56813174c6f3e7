// SPDX-License-Identifier: GPL-2.0
/*
 * Splits, merges, moves and forks, and knows it: each line it prints is a rule that the records of
 * a tracer must keep, "TYPE START END AUX", in the order in which it happens. AUX is
 * where a range is cut, or joined, or where an edge was.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL
#define BASE	0x300000000000UL
#define RW	(PROT_READ | PROT_WRITE)

static char *at(unsigned long page)
{
	return (char *)BASE + page * PAGE;
}

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(2);
}

static void tell(const char *type, unsigned long from, unsigned long to, unsigned long aux)
{
	printf("%s %lu %lu %lu\n", type, BASE + from * PAGE, BASE + to * PAGE, BASE + aux * PAGE);
}

static void map(unsigned long from, unsigned long to, int rights)
{
	must(mmap(at(from), (to - from) * PAGE, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		  -1, 0) == at(from), "mmap");
}

static void protect(unsigned long from, unsigned long to, int rights)
{
	must(!mprotect(at(from), (to - from) * PAGE, rights), "mprotect");
}

/* In the middle of one: two cuts. Back again: both are healed, from below. */
static void split_and_merge(void)
{
	map(0, 16, RW);
	tell("mmap", 0, 16, 0);
	protect(4, 8, PROT_READ);
	tell("split", 0, 16, 4);
	tell("split", 4, 16, 8);
	tell("mprotect", 4, 8, 0);
	protect(4, 8, RW);
	tell("merge", 0, 8, 4);
	tell("merge", 0, 16, 8);
	tell("mprotect", 4, 8, 0);
}

static void grow_and_shrink(void)
{
	map(16, 20, RW);
	tell("grow", 0, 20, 16);
	must(mremap(at(0), 20 * PAGE, 24 * PAGE, 0) == at(0), "mremap");
	tell("grow", 0, 24, 20);
	must(!munmap(at(20), 4 * PAGE), "munmap");
	tell("split", 0, 24, 20);
	tell("unmap", 20, 24, 0);
}

static void move(void)
{
	char *to = mremap(at(0), 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at(100));

	must(to == at(100), "mremap");
	tell("copy", 100, 104, 0);
	tell("split", 0, 20, 4);
	tell("move", 0, 4, 0);
}

static void fill_hole(void)
{
	map(0, 2, RW);
	tell("mmap", 0, 2, 0);
	map(2, 4, RW);
	tell("grow", 0, 4, 2);
	tell("merge", 0, 20, 4);
}

static void over(void)
{
	map(6, 8, PROT_NONE);
	tell("split", 0, 20, 6);
	tell("split", 6, 20, 8);
	tell("unmap", 6, 8, 0);
	tell("mmap", 6, 8, 0);
}

static void child(void)
{
	must(!munmap(at(100), 4 * PAGE), "munmap");
	tell("unmap", 100, 104, 0);
	fflush(stdout);
	_exit(0);
}

int main(void)
{
	int status;
	pid_t pid;

	split_and_merge();
	grow_and_shrink();
	move();
	fill_hole();
	over();
	tell("dup", 0, 6, 0);
	tell("dup", 6, 8, 0);
	tell("dup", 8, 20, 0);
	tell("dup", 100, 104, 0);
	fflush(stdout);
	pid = fork();
	if (!pid)
		child();
	must(pid > 0 && waitpid(pid, &status, 0) == pid && !status, "child");
	return 0;
}
