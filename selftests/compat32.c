// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit program that uses the device, and finds in its log what a 64-bit one would. Its exit
 * code is the number of the check that failed.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <fcntl.h>
#include <linux/mmscope.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	16

static_assert(sizeof(void *) == 4, "built for 32 bits");
static_assert(sizeof(struct mmscope_event) == 64, "mmscope_event");
static_assert(sizeof(struct mmscope_info) == 128, "mmscope_info");
static_assert(sizeof(struct mmscope_setup) == 32, "mmscope_setup");
static_assert(sizeof(struct mmscope_attach) == 24, "mmscope_attach");
static_assert(sizeof(struct mmscope_stat) == 672, "mmscope_stat");

static struct mmscope_event ev[256];
static int nr;

static void require(int number, int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "# compat32: number %d failed: %s\n", number, what);
	exit(number);
}

/* The nth record of a type */
static struct mmscope_event *record(unsigned int type, int n)
{
	int i;

	for (i = 0; i < nr; i++)
		if (ev[i].type == type && !n--)
			return ev + i;
	return NULL;
}

static void use(int fd, char *p)
{
	int pipefd[2];

	p[3 * PAGE] = 1;
	require(10, !pipe(pipefd) && write(pipefd[1], "x", 1) == 1, "pipe");
	require(11, read(pipefd[0], p + 4 * PAGE, 1) == 1 && p[4 * PAGE] == 'x', "read");
	require(12, !mprotect(p, 2 * PAGE, PROT_READ), "mprotect");
	require(13, !munmap(p + 2 * PAGE, 2 * PAGE), "munmap");
	require(14, mmap64(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (uint64_t)PAGES * PAGE) ==
		MAP_FAILED, "mmap behind the end");
	require(15, mmap64(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 1ULL << 32) == MAP_FAILED,
		"mmap at 4 GiB");
}

static void judge(const char *p)
{
	struct mmscope_event *e;
	uintptr_t base = (uintptr_t)p;

	e = record(MMSCOPE_MMAP, 0);
	require(20, e && e->cause == MMSCOPE_CAUSE_COMPAT, "cause of mmap");
	require(21, e->start == base && e->end == base + PAGES * PAGE, "range of mmap");
	e = record(MMSCOPE_FAULT, 0);
	require(22, e && e->cause == MMSCOPE_CAUSE_USER && e->flags & MMSCOPE_F_USER,
		"cause of a user's fault");
	require(23, e->addr == base + 3 * PAGE && e->pgoff == 3, "address of a user's fault");
	require(24, e->ip >= (uintptr_t)use && e->ip < (uintptr_t)use + PAGE, "ip");
	e = record(MMSCOPE_FAULT, 1);
	require(25, e && e->cause == MMSCOPE_CAUSE_COMPAT && e->flags & MMSCOPE_F_KERNEL,
		"cause of read's fault");
	require(26, !record(MMSCOPE_FAULT, 2), "more faults");
	e = record(MMSCOPE_MPROTECT, 0);
	require(27, e && e->cause == MMSCOPE_CAUSE_COMPAT, "cause of mprotect");
	e = record(MMSCOPE_UNMAP, 0);
	require(28, e && e->cause == MMSCOPE_CAUSE_COMPAT, "cause of munmap");
	require(29, e->start == base + 2 * PAGE && e->end == base + 4 * PAGE && e->pages == 1,
		"range of munmap");
	e = record(MMSCOPE_NAME, 0);
	require(30, e && e->tgid == (unsigned int)getpid(), "name");
}

int main(void)
{
	struct mmscope_setup setup = { .size = sizeof(setup), .pages = PAGES };
	struct mmscope_stat stat = { .size = sizeof(stat) };
	struct mmscope_info info = { .size = sizeof(info) };
	struct mmscope_attach attach = { .size = sizeof(attach) };
	int fd, n;
	char *p;

	fd = open("/dev/mmscope", O_RDWR | O_NONBLOCK);
	require(1, fd >= 0, "open");
	require(2, !ioctl(fd, MMSCOPE_SETUP, &setup), "SETUP");
	require(3, !ioctl(fd, MMSCOPE_INFO, &info) && info.pages == PAGES, "INFO");
	require(4, !!(info.features & MMSCOPE_FEATURE_COMPAT), "COMPAT");
	require(5, !ioctl(fd, MMSCOPE_ATTACH, &attach), "ATTACH");
	p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	require(6, p != MAP_FAILED, "mmap");
	use(fd, p);
	n = read(fd, ev, sizeof(ev));
	require(16, n > 0 && n % sizeof(ev[0]) == 0, "read of the log");
	nr = n / sizeof(ev[0]);
	judge(p);
	require(31, !ioctl(fd, MMSCOPE_STAT, &stat) && stat.mm == info.mm, "STAT");
	require(32, stat.events[MMSCOPE_FAULT] == 2 && stat.touched == 2 && stat.given_back == 1,
		"figures of STAT");
	return 0;
}
