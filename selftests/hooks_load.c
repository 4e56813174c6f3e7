// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of drivers, for `mmscope trace --hooks` to watch: hooks_load mmscope|perf|ftrace|udmabuf,
 * or hooks_load drivers NAME..., those of mmscope_drivers.ko.
 * Prints "map START PAGES" for what it maps, and exits with 4 where there is no such driver.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mmscope.h>
#include <linux/perf_event.h>
#include <linux/udmabuf.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL
#define RING	"/sys/kernel/tracing/per_cpu/cpu0/trace_pipe_raw"

static void missing(const char *what)
{
	printf("no %s: %s\n", what, strerror(errno));
	exit(4);
}

static char *map(int fd, size_t pages, int prot)
{
	char *p = mmap(NULL, pages * PAGE, prot, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		missing("mapping");
	printf("map %lu %zu\n", (unsigned long)p, pages);
	return p;
}

static void touch(char *p, size_t page)
{
	((volatile char *)p)[page * PAGE] = 1;
}

static void look(const char *p, size_t page)
{
	((volatile const char *)p)[page * PAGE];
}

static int device(unsigned int backing, unsigned long long flags)
{
	struct mmscope_setup setup = {
		.size = sizeof(setup), .backing = backing, .flags = flags, .pages = 64,
	};
	int fd = open("/dev/mmscope", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, MMSCOPE_SETUP, &setup))
		missing("/dev/mmscope");
	return fd;
}

/* What a driver may be asked about VMAs. */
static void change(char *p)
{
	char *q = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fds[2];
	pid_t pid;

	if (pipe(fds) || write(fds[1], p + 3 * PAGE, 8) != 8)
		exit(1);
	mprotect(p + 4 * PAGE, 2 * PAGE, PROT_READ);
	mprotect(p + 4 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
	munmap(p + 8 * PAGE, 2 * PAGE);
	mremap(p + 12 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	mremap(p + 16 * PAGE, 8 * PAGE, 6 * PAGE, 0);
	madvise(p + 24 * PAGE, 2 * PAGE, MADV_DONTFORK);
	pid = fork();
	if (!pid) {
		touch(p, 0);
		look(p, 5);
		munmap(p, 2 * PAGE);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	mmap(p + 28 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void of_mmscope(void)
{
	char *p = map(device(MMSCOPE_PAGE, 0), 32, PROT_READ | PROT_WRITE);
	char buf[16];
	int fd;

	touch(p, 0);
	touch(p, 1);
	look(p, 2);
	change(p);
	p = map(device(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY), 4, PROT_READ | PROT_WRITE);
	look(p, 1);
	touch(p, 1);
	p = map(device(MMSCOPE_PAGE, MMSCOPE_VETO), 4, PROT_READ | PROT_WRITE);
	munmap(p, PAGE);
	p = map(device(MMSCOPE_PFN, 0), 4, PROT_READ | PROT_WRITE);
	look(p, 0);
	touch(p, 0);
	fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (pread(fd, buf, sizeof(buf), (uintptr_t)p) != sizeof(buf))
		exit(1);
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, device(MMSCOPE_PAGE, 0), 0);
	touch(p, 2);
}

static void of_perf(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS, .sample_period = 1, .disabled = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	char *p;

	if (fd < 0)
		missing("perf events");
	p = map(fd, 3, PROT_READ | PROT_WRITE);
	look(p, 0);
	touch(p, 0);
	if (!munmap(p, PAGE))
		printf("was split\n");
	munmap(p, 3 * PAGE);
}

static void of_ftrace(void)
{
	int fd = open(RING, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *p;

	if (fd < 0)
		missing("ring of ftrace");
	p = map(fd, 1, PROT_READ);
	look(p, 0);
	munmap(p, PAGE);
}

static void of_udmabuf(void)
{
	int fd = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = 4 * PAGE };
	char *p;

	if (fd < 0)
		missing("/dev/udmabuf");
	create.memfd = memfd_create("udmabuf", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (ftruncate(create.memfd, 4 * PAGE) || fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		exit(1);
	fd = ioctl(fd, UDMABUF_CREATE, &create);
	if (fd < 0)
		missing("buffer");
	p = map(fd, 4, PROT_READ | PROT_WRITE);
	touch(p, 0);
	touch(p, 3);
	munmap(p, PAGE);
	munmap(p + PAGE, 3 * PAGE);
}

static sigjmp_buf refused;

static void on_segv(int sig)
{
	siglongjmp(refused, 1);
}

/* All that a driver is told of, or is not: cut, forked, given back, with other rights, unmapped. */
static void change_all(char *p)
{
	pid_t pid;

	touch(p, 1);
	touch(p, 2);
	madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED);
	mprotect(p + 6 * PAGE, 2 * PAGE, PROT_READ);
	pid = fork();
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	munmap(p, 2 * PAGE);
	munmap(p + 2 * PAGE, 6 * PAGE);
}

/* mmscope_drivers.ko, whose drivers are in this order; "own" is mapped privately. */
static void of_drivers(char **names)
{
	static const char *const kinds[] = {
		"good", "no_open", "no_close", "sigsegv", "oom", "own",
	};
	int fd = open("/dev/mmscope_drivers", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		missing("/dev/mmscope_drivers");
	signal(SIGSEGV, on_segv);
	for (; *names; names++) {
		int flags = strcmp(*names, "own") ? MAP_SHARED : MAP_PRIVATE;
		size_t kind = 0;
		char *p;

		while (kind < 6 && strcmp(kinds[kind], *names))
			kind++;
		p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, flags, fd, (off_t)kind << 28);
		if (p == MAP_FAILED)
			missing(*names);
		printf("%s %lu 8\n", *names, (unsigned long)p);
		fflush(stdout);
		if (!sigsetjmp(refused, 1))
			change_all(p);
	}
}

int main(int argc, char **argv)
{
	const char *driver = argc > 1 ? argv[1] : "";

	if (!strcmp(driver, "mmscope"))
		of_mmscope();
	else if (!strcmp(driver, "perf"))
		of_perf();
	else if (!strcmp(driver, "ftrace"))
		of_ftrace();
	else if (!strcmp(driver, "udmabuf"))
		of_udmabuf();
	else if (!strcmp(driver, "drivers"))
		of_drivers(argv + 2);
	else
		return 2;
	return 0;
}
