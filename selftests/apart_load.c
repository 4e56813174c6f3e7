// SPDX-License-Identifier: GPL-2.0
/*
 * Two VMAs that touch, for each thing that changes a whole VMA without an edge: the lower one is
 * changed, then the other is mapped beside it. "apart START WORDS" says why they are two, by what
 * smaps says of both; "merged START" that they became one when that was undone; "without WHAT" what
 * this kernel has not. Then it says ready, and ends with its standard input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	4096UL
#define SIZE	(4 * PAGE)
#define BASE	0x100000000UL
#define APART	(100 * PAGE)	/* between two pairs */

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif
#define SYS_home_node	450
#define SYS_seal	462

static int nr;

static char *lower(void)
{
	char *p = mmap((void *)(BASE + nr++ * APART), SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	return p;
}

static char *upper(char *low)
{
	return mmap(low + SIZE, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

/* Does a VMA begin here? Its flags, then. */
static bool begins(const char *at, char *flags, size_t size)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	char line[512];
	unsigned long start, end;
	bool here = false;

	flags[0] = '\0';
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start == (unsigned long)at;
		else if (here && !strncmp(line, "VmFlags:", 8))
			snprintf(flags, size, "%.200s", line + 8);
	}
	fclose(smaps);
	return flags[0];
}

static const struct {
	const char *letters;
	const char *word;
} words[] = {
	{ " sl", "sealed" }, { " lo", "locked" }, { " lf", "locked on fault" },
	{ " dc", "not for children" }, { " wf", "wiped for children" }, { " dd", "not dumped" },
	{ " sr", "sequential" }, { " rr", "random" }, { " hg", "hugepage" },
	{ " nh", "nohugepage" }, { " mg", "mergeable (KSM)" }, { " um", "userfaultfd, missing" },
};

static void say_flags(const char *p)
{
	char low[256], high[256];
	bool first = true;

	if (!begins(p, low, sizeof(low)) || !begins(p + SIZE, high, sizeof(high)))
		exit(3);
	printf("apart %lu flags differ:", (unsigned long)p + SIZE);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strstr(low, words[i].letters) != !strstr(high, words[i].letters)) {
			printf("%s %s", first ? "" : ",", words[i].word);
			first = false;
		}
	puts("");
	if (first)
		exit(4);
}

/* One call on the whole, and the kernel is asked again: now they are one. */
static void merges(char *p)
{
	char flags[256];

	mprotect(p + SIZE, SIZE, PROT_READ);
	mprotect(p + SIZE, SIZE, PROT_READ | PROT_WRITE);
	if (begins(p + SIZE, flags, sizeof(flags)))
		exit(5);
	printf("merged %lu\n", (unsigned long)p + SIZE);
}

static void by_advice(int advice, int undo, const char *name)
{
	char *p = lower(), *q;

	if (madvise(p, SIZE, advice)) {
		printf("without %s\n", name);
		return;
	}
	q = upper(p);
	say_flags(p);
	if (undo < 0)
		return;
	/* Other pairs stay as they are. */
	p = lower();
	madvise(p, SIZE, advice);
	q = upper(p);
	if (madvise(p, SIZE, undo) || !q)
		exit(2);
	merges(p);
}

static void by_lock(unsigned int flags)
{
	char *p = lower();

	if (syscall(SYS_mlock2, p, SIZE, flags))
		exit(2);
	upper(p);
	/* Not each kernel shows the second in smaps. */
	if (flags)
		printf("apart %lu flags differ: locked, locked on fault\n",
		       (unsigned long)p + SIZE);
	else
		say_flags(p);
}

static void by_seal(void)
{
	char *p = lower();

	if (syscall(SYS_seal, p, SIZE, 0)) {
		puts("without seals");
		return;
	}
	upper(p);
	say_flags(p);
}

static void by_key(void)
{
	int key = syscall(SYS_pkey_alloc, 0, 0);
	char *p = lower();

	if (key < 0 || syscall(SYS_pkey_mprotect, p, SIZE, PROT_READ | PROT_WRITE, key)) {
		puts("without keys");
		return;
	}
	upper(p);
	printf("apart %lu flags differ: protection keys %d and 0\n", (unsigned long)p + SIZE, key);
}

static void by_name(void)
{
	char *p = lower();

	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, SIZE, "one")) {
		puts("without names");
		return;
	}
	upper(p);
	printf("apart %lu names differ: one, none\n", (unsigned long)p + SIZE);
}

static void by_policy(bool home)
{
	char *p = lower(), *q = home ? upper(p) : NULL;
	unsigned long node = 1;

	if (syscall(SYS_mbind, p, home ? 2 * SIZE : SIZE, 2, &node, 8, 0) ||
	    (home && syscall(SYS_home_node, p, SIZE, 0, 0))) {
		puts("without policies");
		return;
	}
	if (!q)
		upper(p);
	printf("apart %lu NUMA policies differ\n", (unsigned long)p + SIZE);
}

static int watch(char *p)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (uintptr_t)p, SIZE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		return -1;
	return fd;
}

static void by_uffd(void)
{
	char *p = lower();

	if (watch(p) < 0) {
		puts("without userfaultfd");
		return;
	}
	upper(p);
	printf("apart %lu userfaultfds differ\n", (unsigned long)p + SIZE);
}

/* Closed: what is left is that their private pages have different owners. */
static void by_closed_uffd(void)
{
	char *p = lower(), flags[256];
	int fd;

	p[0] = 1;
	fd = watch(p);
	if (fd < 0)
		return;
	upper(p)[0] = 1;
	close(fd);
	if (!begins(p + SIZE, flags, sizeof(flags)) || strstr(flags, " um"))
		exit(6);
	printf("apart %lu anon_vmas differ\n", (unsigned long)p + SIZE);
}

static void by_file(void)
{
	int one = memfd_create("twice", MFD_CLOEXEC), two;
	char *p = (char *)(BASE + nr++ * APART);
	char path[64];

	if (one < 0 || ftruncate(one, 2 * SIZE))
		exit(2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", one);
	two = open(path, O_RDWR | O_CLOEXEC);
	mmap(p, SIZE, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, one, 0);
	mmap(p + SIZE, SIZE, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, two, SIZE);
	printf("apart %lu the file was opened twice\n", (unsigned long)p + SIZE);
}

int main(void)
{
	char end;

	printf("pid %d\n", getpid());
	by_advice(MADV_DONTFORK, MADV_DOFORK, "DONTFORK");
	by_advice(MADV_WIPEONFORK, MADV_KEEPONFORK, "WIPEONFORK");
	by_advice(MADV_DONTDUMP, MADV_DODUMP, "DONTDUMP");
	by_advice(MADV_SEQUENTIAL, MADV_NORMAL, "SEQUENTIAL");
	by_advice(MADV_RANDOM, MADV_NORMAL, "RANDOM");
	by_advice(MADV_MERGEABLE, MADV_UNMERGEABLE, "MERGEABLE");
	by_advice(MADV_HUGEPAGE, -1, "HUGEPAGE");
	by_advice(MADV_NOHUGEPAGE, -1, "NOHUGEPAGE");
	by_lock(0);
	by_lock(1);
	by_seal();
	by_key();
	by_name();
	by_policy(false);
	by_policy(true);
	by_uffd();
	by_closed_uffd();
	by_file();
	puts("ready");
	fflush(stdout);
	if (read(0, &end, 1))
		return 1;
	return 0;
}
