// SPDX-License-Identifier: GPL-2.0
/*
 * An address space of which everything is known, for `mmscope map`: map_load [once]. Prints
 *
 *	pages START SHARED PRIVATE ZERO SWAPPED GUARDED STRIP	what the VMA at START holds
 *	why START NUMBER NAME		the VMA at START is not one with that before it: enum
 *					record_why
 *	child PID START NUMBER NAME	the same, in a process of its own
 *	split START			the VMA at START was cut off by mprotect
 *	without NAME			the kernel cannot do that
 *	ready
 *
 * waits for a line, undoes the reasons that can be undone, and prints whether the kernel has merged
 * what they kept apart: "merged NAME" or "still NAME". Waits for a line again. With "once" it waits
 * for nothing.
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
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../userspace/record/record.h"

#define PAGE	4096UL
#define ARENA	0x200000000000UL
#define SLOT	(64 * PAGE)

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#endif
#define POLICY_BIND	2	/* MPOL_BIND of <linux/mempolicy.h> */

static unsigned int slots;
static int uffd[2];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *map(char *at, size_t pages, int prot, int flags, int fd, size_t page)
{
	char *p = mmap(at, pages * PAGE, prot, flags | MAP_FIXED, fd, page * PAGE);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* A place with nothing around it. */
static char *place(void)
{
	return (char *)ARENA + slots++ * SLOT;
}

static char *anon(char *at, size_t pages)
{
	return map(at, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int memory_file(size_t pages)
{
	int fd = memfd_create("map_load", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, pages * PAGE))
		die("memfd_create");
	return fd;
}

static void touch(char *p, size_t page)
{
	((volatile char *)p)[page * PAGE] = 1;
}

static void look(const char *p, size_t page)
{
	((volatile const char *)p)[page * PAGE];
}

/* What pages hold */

static void tell_pages(const char *p, int shared, int private, int zero, int guarded,
		       const char *strip)
{
	printf("pages %lu %d %d %d 0 %d %s\n", (unsigned long)p, shared, private, zero, guarded,
	       strip);
}

static void known_pages(void)
{
	int fd = memory_file(8);
	char *p = anon(place(), 8);

	touch(p, 0);
	touch(p, 1);
	touch(p, 6);
	look(p, 4);
	tell_pages(p, 0, 3, 1, 0, "##..z.#.");
	p = map(place(), 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	touch(p, 2);
	touch(p, 7);
	tell_pages(p, 2, 0, 0, 0, "..#....#");
	p = map(place(), 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	touch(p, 2);
	touch(p, 3);
	tell_pages(p, 0, 2, 0, 0, "..cc....");
	/* Six to a character. */
	p = anon(place(), 60);
	for (size_t page = 0; page < 12; page++)
		touch(p, page);
	touch(p, 13);
	for (size_t page = 18; page < 22; page++)
		touch(p, page);
	tell_pages(p, 0, 17, 0, 0, "##:+......");
	p = anon(place(), 4);
	if (!madvise(p + PAGE, PAGE, MADV_GUARD_INSTALL))
		tell_pages(p, 0, 0, 0, 1, ".g..");
	else
		printf("without guard\n");
}

/* Why neighbours are two. Each is undone, as far as that goes, by its counterpart below. */

static void tell_why(const char *at, int why, const char *name)
{
	printf("why %lu %d %s\n", (unsigned long)at, why, name);
}

static char *of_flags, *of_policy, *of_name, *of_uffd;

static void why_flags(void)
{
	char *p = anon(place(), 8);

	if (mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ))
		die("mprotect");
	of_flags = p;
	tell_why(p + 4 * PAGE, RECORD_WHY_FLAGS, "flags");
	printf("split %lu\n", (unsigned long)p + 4 * PAGE);
}

static void why_file(void)
{
	char *p = map(place(), 2, PROT_READ, MAP_SHARED, memory_file(8), 0);

	map(p + 2 * PAGE, 2, PROT_READ, MAP_SHARED, memory_file(8), 2);
	tell_why(p + 2 * PAGE, RECORD_WHY_FILE, "file");
}

static void why_offset(void)
{
	int fd = memory_file(8);
	char *p = map(place(), 2, PROT_READ, MAP_SHARED, fd, 0);

	map(p + 2 * PAGE, 2, PROT_READ, MAP_SHARED, fd, 5);
	tell_why(p + 2 * PAGE, RECORD_WHY_OFFSET, "offset");
}

static bool begins(const char *p);

/* Two that have pages of their own: what fills the hole can be one with either, not with both. */
static void why_anon_vma(void)
{
	char *p = anon(place(), 2);

	anon(p + 4 * PAGE, 2);
	touch(p, 0);
	touch(p, 4);
	anon(p + 2 * PAGE, 2);
	tell_why(p + (begins(p + 2 * PAGE) ? 2 : 4) * PAGE, RECORD_WHY_ANON_VMA, "anon_vma");
}

/* There and back: merging would mean that one of them is closed. */
static void there_and_back(char *p, int why, const char *name)
{
	if (mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ) ||
	    mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE))
		die("mprotect");
	tell_why(p + 4 * PAGE, why, name);
}

static void why_close(void)
{
	int id = shmget(IPC_PRIVATE, 8 * PAGE, IPC_CREAT | 0600);
	char *p = shmat(id, place(), 0);

	if (id < 0 || p == (void *)-1)
		die("shmat");
	shmctl(id, IPC_RMID, NULL);
	there_and_back(p, RECORD_WHY_CLOSE, "close");
}

static void why_special(void)
{
	int fd = open("/dev/mmscope", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		printf("without special\n");
		return;
	}
	there_and_back(map(place(), 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
		       RECORD_WHY_SPECIAL, "special");
}

static long policy(char *p, unsigned long nodes)
{
	return syscall(SYS_mbind, p, 4 * PAGE, nodes ? POLICY_BIND : 0, nodes ? &nodes : NULL,
		       nodes ? 64 : 0, 0);
}

static void why_policy(void)
{
	char *p = anon(place(), 8);

	if (policy(p + 4 * PAGE, 1)) {
		printf("without policy\n");
		return;
	}
	of_policy = p;
	tell_why(p + 4 * PAGE, RECORD_WHY_POLICY, "policy");
}

static int give_name(char *p, const char *name)
{
	return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, 4 * PAGE, name);
}

static void why_name(void)
{
	char *p = anon(place(), 8);

	if (give_name(p + 4 * PAGE, "upper")) {
		printf("without name\n");
		return;
	}
	of_name = p;
	tell_why(p + 4 * PAGE, RECORD_WHY_NAME, "name");
}

static bool watch_range(int i, char *p)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (uintptr_t)p, 4 * PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	uffd[i] = syscall(SYS_userfaultfd, O_CLOEXEC);
	return uffd[i] >= 0 && !ioctl(uffd[i], UFFDIO_API, &api) &&
	       !ioctl(uffd[i], UFFDIO_REGISTER, &range);
}

static void why_uffd(void)
{
	char *p = anon(place(), 12);

	if (!watch_range(0, p + 4 * PAGE) || !watch_range(1, p + 8 * PAGE)) {
		printf("without uffd\n");
		return;
	}
	of_uffd = p;
	tell_why(p + 4 * PAGE, RECORD_WHY_UFFD, "uffd");
	tell_why(p + 8 * PAGE, RECORD_WHY_UFFD, "uffds");
}

/* A child's memory is not locked: what kept two apart is gone, and nobody tries. */
static pid_t in_child(void)
{
	char *p = anon(place(), 8);
	int go[2];
	pid_t pid;
	char c;

	if (syscall(SYS_mlock2, p, 4 * PAGE, 1) || pipe2(go, O_CLOEXEC))
		die("mlock2");
	tell_why(p + 4 * PAGE, RECORD_WHY_FLAGS, "locked");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(go[1]);
		close(uffd[0]);
		close(uffd[1]);
		_exit(read(go[0], &c, 1) < 0);
	}
	printf("child %d %lu %d not_tried\n", pid, (unsigned long)p + 4 * PAGE,
	       RECORD_WHY_NOT_TRIED);
	return pid;
}

/* Is there a VMA that begins at @p? */
static bool begins(const char *p)
{
	FILE *file = fopen("/proc/self/maps", "re");
	unsigned long start;
	char line[512];
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found |= sscanf(line, "%lx-", &start) == 1 && start == (uintptr_t)p;
	if (file)
		fclose(file);
	return found;
}

static void judge(const char *p, const char *name)
{
	printf("%s %s\n", begins(p) ? "still" : "merged", name);
}

static void undo(void)
{
	if (mprotect(of_flags + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE))
		die("mprotect");
	judge(of_flags + 4 * PAGE, "flags");
	if (of_policy && !policy(of_policy + 4 * PAGE, 0))
		judge(of_policy + 4 * PAGE, "policy");
	if (of_name && !give_name(of_name + 4 * PAGE, NULL))
		judge(of_name + 4 * PAGE, "name");
	if (!of_uffd)
		return;
	close(uffd[0]);
	close(uffd[1]);
	judge(of_uffd + 4 * PAGE, "uffd");
	judge(of_uffd + 8 * PAGE, "uffds");
}

static void await_line(void)
{
	char line[16];

	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(0);
}

int main(int argc, char **argv)
{
	bool once = argc > 1 && !strcmp(argv[1], "once");

	known_pages();
	why_flags();
	why_file();
	why_offset();
	why_anon_vma();
	why_close();
	why_special();
	why_policy();
	why_name();
	why_uffd();
	if (once)
		return 0;
	in_child();
	printf("ready\n");
	await_line();
	undo();
	printf("ready\n");
	await_line();
	return 0;
}
